//! Tests of the observer's page of this program in a browser: Debian's `chromium` and `chromium-driver`, without a window.
//!
//! Without a browser the tests are skipped with a message. With `OTP_SCREENSHOTS=1` they also take the pictures in `docs/`.

mod driver;
mod hostile;
mod inside;
mod keyboard;
mod pictures;
mod program;
mod site;

use std::io::{self, Write};

use tokio::sync::watch;

use crate::driver::Browser;
use crate::inside::TestNode;
use crate::program::Program;
use crate::site::Site;

/// A browser, or `None` with a message if the system has none.
fn browser() -> Option<Browser> {
    let browser = Browser::open();
    if browser.is_none() {
        // The test harness does not capture a write to stderr, so the message shows.
        let skipped = "skipped: there is no chromium with its chromedriver";
        let _ = writeln!(io::stderr(), "{skipped}");
    }
    browser
}

/// The row of a character in the tree.
fn row(name: &str) -> String {
    format!("document.querySelector('.twig[data-child={name}]')")
}

#[test]
fn a_killed_character_flashes_and_is_restarted() {
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "--observe-acts"], "app start\n");
    browser.go(&program.link("#/tree"));
    browser.until("document.querySelectorAll('.twig[data-kind=server]').length === 3");
    for name in ["superdave", "superman", "supermario"] {
        browser.until(&format!("{}?.dataset.restarts === '0'", row(name)));
    }
    let row = row("superdave");
    let pid = browser.eval(&format!("return {row}.pid"));
    // The first click asks, and the second one kills.
    browser.click(".twig[data-child=superdave] [data-act=kill]");
    browser.until(&format!(
        "{row}.querySelector('[data-act=kill]').textContent === 'Kill it?'"
    ));
    assert_eq!(browser.eval(&format!("return {row}.pid")), pid);
    browser.click(".twig[data-child=superdave] [data-act=kill]");
    browser.until(&format!("{row}.dataset.restarts === '1'"));
    browser.until(&format!("{row}.classList.contains('flash-back')"));
    browser.until(&format!(
        "{row}.querySelector('.badge.restarts').textContent === '↻ 1'"
    ));
    browser.until(&format!(
        "{row}.querySelector('.twig-last').textContent.includes('killed')"
    ));
    assert_ne!(browser.eval(&format!("return {row}.pid")), pid);
    browser.is_content();
}

#[test]
fn a_stopped_child_is_restarted_and_its_page_shows_the_end() {
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "--observe-acts"], "app start\n");
    browser.go(&program.link("#/tree"));
    let row = row("superman");
    browser.until(&format!("{row} && true"));
    browser.eval(&format!("{row}.querySelector('.twig-name a').click()"));
    browser.until("document.querySelector('.state')?.textContent.startsWith('superman: ')");
    browser.click("[data-act=suspend]");
    browser.until("document.querySelector('.chip.suspended') && true");
    browser.click("[data-act=suspend]");
    browser.until("!document.querySelector('.chip.suspended')");
    browser.click("[data-act=stop]");
    browser.click("[data-act=stop]");
    browser.until("document.querySelector('.gone')?.textContent.includes('normal')");
    browser.until("document.querySelector('.gone a') && true");
    browser.is_content();
}

#[test]
fn a_read_only_page_has_no_actions_and_its_requests_are_refused() {
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "127.0.0.1:0"], "app start\n");
    browser.go(&program.link("#/tree"));
    browser.until(&format!("{} && true", row("superdave")));
    assert_eq!(
        browser.eval("return document.querySelectorAll('[data-act]').length"),
        0
    );
    let pid = browser.eval(&format!("return {}.pid", row("superdave")));
    let refused = browser.promise(&format!(
        "const hello = await (await fetch('/api/hello')).json();
         const answer = await fetch('/api/act', {{
           method: 'POST', headers: {{ 'x-observer-token': hello.token }}, body: JSON.stringify({{ do: 'kill', pid: {pid} }}),
         }});
         return answer.status + ' ' + await answer.text();"
    ));
    assert_eq!(refused, "403 this page only shows");
    assert_eq!(
        browser.eval(&format!("return {}.pid", row("superdave"))),
        pid
    );
}

#[test]
fn a_page_of_another_site_cannot_read_or_kill() {
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "--observe-acts"], "app start\n");
    browser.go(&program.link("#/tree"));
    browser.until(&format!("{} && true", row("superdave")));
    let pid = browser.eval(&format!("return {}.pid", row("superdave")));
    // The site is on the same machine at another port, so that the browser sends the cookie.
    let site = Site::start();
    browser.go(&site.link());
    browser.until("document.body?.textContent === 'another site'");
    let page = program.address();
    let seen = browser.promise(&format!(
        "try {{ return await (await fetch('http://{page}/api/hello', {{ credentials: 'include' }})).text(); }}
         catch {{ return 'nothing'; }}"
    ));
    assert_eq!(seen, "nothing");
    browser.promise(&format!(
        "await fetch('http://{page}/api/act', {{
           method: 'POST', mode: 'no-cors', credentials: 'include', body: JSON.stringify({{ do: 'kill', pid: {pid} }}),
         }});
         return true;"
    ));
    browser.go(&program.link("#/tree"));
    browser.until(&format!("{} && true", row("superdave")));
    assert_eq!(
        browser.eval(&format!("return {}.pid", row("superdave"))),
        pid
    );
}

#[test]
fn a_link_in_a_text_of_another_site_opens_the_page_for_good() {
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe"], "app start\n");
    let site = Site::start();
    for host in ["127.0.0.1", "localhost"] {
        browser.go(&site.link().replace("127.0.0.1", host));
        browser.until("document.body?.textContent === 'another site'");
        let link = program.link("#/tree");
        browser.eval(&format!(
            "document.body.innerHTML = '<a href=\"{link}\">the page</a>'"
        ));
        browser.click("a");
        browser.until("document.querySelector('.tree .twig') !== null && location.search === ''");
        // By now only the cookie lets one in.
        browser.reload();
        browser.until("document.querySelector('.tree .twig') !== null");
        browser.is_content();
    }
}

#[test]
fn a_thousand_processes_are_sorted_and_scrolled_through() {
    let Some(browser) = browser() else { return };
    let lines = "spawn wait\n".repeat(1_000) + "app start\n";
    let program = Program::start(&["--observe"], &lines);
    browser.go(&program.link("#/processes"));
    browser.until("Number(document.querySelector('.sub').textContent.replace(/\\D/g, '')) >= 1000");
    let first = "document.querySelector('.rows .row .cell.name b')?.textContent";
    browser.eval("document.querySelector('[data-order=name]').click()");
    browser.until(&format!("{first} === 'shell' || {first} === 'super_visor'"));
    browser.eval("document.querySelector('.window').scrollTop = 1e9");
    browser.until("document.querySelectorAll('.rows .row').length > 0 && document.querySelectorAll('.rows .row').length < 200");
    browser.eval("const search = document.getElementById('search'); search.value = 'supermario'; search.dispatchEvent(new Event('input'))");
    browser.until(&format!(
        "{first} === 'supermario' && document.querySelectorAll('.rows .row').length === 1"
    ));
    // The event of a scroll comes after the text that was typed in the same moment, and must not take the window from the top again.
    browser.eval("const search = document.getElementById('search'); search.value = ''; search.dispatchEvent(new Event('input'))");
    browser.until("document.querySelectorAll('.rows .row').length > 1");
    browser.eval(
        "document.querySelector('.window').scrollTop = 1e9;
         const search = document.getElementById('search'); search.value = 'supermario'; search.dispatchEvent(new Event('input'))",
    );
    browser.until(&format!(
        "{first} === 'supermario' && document.querySelectorAll('.rows .row').length === 1"
    ));
    browser.is_content();
}

#[test]
fn a_window_at_the_end_of_a_list_shows_the_remaining_processes() {
    let Some(browser) = browser() else { return };
    let (leave, left) = watch::channel(());
    let node = TestNode::start(|| inside::crowd_until(1_000, left));
    browser.go(&node.link("#/processes"));
    let total = "Number(document.querySelector('.sub').textContent.replace(/\\D/g, ''))";
    browser.until(&format!("{total} >= 1000"));
    browser.eval("document.querySelector('.window').scrollTop = 1e9");
    browser.until("document.querySelector('.rows').style.transform !== 'translateY(0px)'");
    drop(leave);
    browser.until(&format!(
        "{total} > 0 && {total} < 100 && document.querySelectorAll('.rows .row').length === {total}"
    ));
    browser.is_content();
}

#[test]
fn a_hundred_thousand_processes_are_sorted_by_their_queues() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(|| inside::crowd(100_000));
    browser.go(&node.link("#/processes"));
    browser
        .until("Number(document.querySelector('.sub').textContent.replace(/\\D/g, '')) >= 100000");
    let first = "document.querySelector('.rows .row .cell.name b')?.textContent";
    assert_ne!(browser.eval(&format!("return {first}")), "full");
    browser.eval("document.querySelector('[data-order=queue]').click()");
    browser.until(&format!("{first} === 'full'"));
    browser.until("document.querySelector('.rows .row .cell.queue').textContent === '1'");
    browser.until("document.querySelectorAll('.rows .row').length < 200");
    // Only those in a state: none of this crowd is a server, so none is behind.
    browser.eval("const state = document.getElementById('state'); state.value = 'behind'; state.dispatchEvent(new Event('change'))");
    browser.until("document.querySelector('.sub').textContent.startsWith('0 of ')");
    browser.eval("const state = document.getElementById('state'); state.value = 'idle'; state.dispatchEvent(new Event('change'))");
    browser.until(&format!("{first} === 'full'"));
    browser.is_content();
}

#[test]
fn a_call_is_followed_through_three_servers() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(inside::desks);
    browser.go(&node.link("#/tree"));
    inside::trace(&browser, &["counter", "kitchen", "store"]);
    let bar = |at: &str, depth: u8| {
        format!(
            "[...document.querySelectorAll('.bar-row')].slice(-3){at}.style.getPropertyValue('--depth') === '{depth}'"
        )
    };
    let name = |at: u8| {
        format!("[...document.querySelectorAll('.bar-who b')].slice(-3)[{at}].textContent")
    };
    browser.until(&format!(
        "{} && {} && {} && {} + {} + {} === 'counterkitchenstore'",
        bar("[0]", 0),
        bar("[1]", 1),
        bar("[2]", 2),
        name(0),
        name(1),
        name(2)
    ));
    browser.is_content();
}

#[test]
fn tables_registries_and_groups_are_browsed() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(inside::shelves);
    browser.go(&node.link("#/held"));
    let link = |name: &str| {
        format!("[...document.querySelectorAll('td a')].find((it) => it.textContent === '{name}')")
    };
    browser.until(&format!("{} && true", link("stock")));
    assert_eq!(
        browser.eval(&format!("return {} === undefined", link("pins"))),
        true,
        "it is hidden"
    );
    browser.eval(&format!("{}.click()", link("stock")));
    let rows = "document.querySelectorAll('.contents tbody tr')";
    browser.until(&format!(
        "{rows}.length === 100 && {rows}[0].firstChild.textContent === '1'"
    ));
    browser.eval("[...document.querySelectorAll('.acts button')].find((it) => it.textContent === 'Next').click()");
    browser.until(&format!("{rows}[0].firstChild.textContent === '101'"));
    browser.eval("const search = document.getElementById('search'); search.value = '30 crates'; search.dispatchEvent(new Event('input'))");
    browser.until(&format!("{rows}.length > 0 && [...{rows}].every((it) => it.lastChild.textContent.includes('30 crates'))"));
    for (name, key) in [("rooms", "\"hall\""), ("crews", "\"night\"")] {
        browser.eval("location.hash = '#/held'");
        browser.until(&format!("{} && true", link(name)));
        browser.eval(&format!("{}.click()", link(name)));
        browser.until(&format!(
            "{rows}.length === 1 && {rows}[0].firstChild.textContent === '{key}'"
        ));
    }
    browser.is_content();
}

#[test]
fn another_node_is_seen_from_the_same_page() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(inside::shelves);
    browser.go(&node.link("#/nodes"));
    inside::visit_store(&browser);
    browser.eval("location.hash = '#/processes?text=keeper'");
    browser.until("document.querySelector('.rows .row .cell.name b')?.textContent === 'keeper'");
    browser.eval("document.querySelector('.rows .row').click()");
    browser.until("document.querySelector('[data-act=kill]') && true");
    browser.click("[data-act=kill]");
    browser.click("[data-act=kill]");
    browser.until("document.querySelector('.gone')?.textContent.includes('does not live')");
    browser.eval("document.getElementById('home').click()");
    browser.until("document.getElementById('program').textContent === 'shop'");
    browser.is_content();
}

#[test]
fn a_call_is_followed_over_two_nodes() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(inside::branches);
    browser.go(&node.link("#/tree"));
    inside::trace(&browser, &["counter", "till"]);
    browser.eval("location.hash = '#/nodes'");
    inside::visit_store(&browser);
    inside::trace(&browser, &["kitchen", "shelf"]);
    // The page of the other node shows the same waterfall, with the two nodes exchanged.
    let whole = |nodes: [&str; 4]| {
        let lines = ["counter", "kitchen", "shelf", "till"]
            .iter()
            .zip(nodes)
            .enumerate();
        let lines = lines.map(|(depth, (name, node))| format!("{depth} {name} {node}"));
        let lines = lines.collect::<Vec<_>>().join("|");
        format!(
            "[...document.querySelectorAll('.bar-row')].map((it) => [it.style.getPropertyValue('--depth'),
             it.querySelector('b').textContent, it.dataset.node ?? ''].join(' ')).join('|').includes('{lines}')"
        )
    };
    browser.until(&whole(["shop@127.0.0.1", "", "", "shop@127.0.0.1"]));
    browser.eval("document.getElementById('home').click()");
    browser.until("document.getElementById('program').textContent === 'shop'");
    browser.until(&whole(["", "store@127.0.0.1", "store@127.0.0.1", ""]));
    // A bar is within the bar above it, and the page shows the uncertainty of the clocks.
    let ends = "[...document.querySelectorAll('.bar-row')].map((it) => {
        const { left, width } = it.querySelector('i').style;
        return [Number(it.style.getPropertyValue('--depth')), parseFloat(left), parseFloat(left) + parseFloat(width)];
      })";
    browser.until(&format!(
        "(() => {{ const bars = {ends}; const at = bars.findIndex(([depth]) => depth === 3);
           const [a, b, , d] = bars.slice(at - 3, at + 1);
           return a[1] <= b[1] && b[2] <= a[2] + 0.5 && b[1] <= d[1] && d[2] <= b[2] + 0.5; }})()"
    ));
    browser.until(
        "document.querySelector('.note').textContent.includes('store@127.0.0.1 may be wrong by')",
    );
    // A trace ends on its own node.
    browser.eval("[...document.querySelectorAll('.traced li')].find((it) => it.textContent.includes('kitchen')).querySelector('button').click()");
    browser.until("document.querySelectorAll('.traced li').length === 3");
    browser.is_content();
}

#[test]
fn all_pages_are_drawn_without_an_error() {
    let Some(browser) = browser() else { return };
    let program = Program::start(
        &["--observe", "--observe-acts"],
        "app start --with crowd\ndie superdave\n",
    );
    browser.go(&program.link(""));
    for page in [
        "overview",
        "tree",
        "processes",
        "held",
        "reports",
        "trace",
        "nodes",
    ] {
        browser.eval(&format!("location.hash = '#/{page}'"));
        browser.until(&format!(
            "document.querySelector('nav [aria-current]')?.dataset.page === '{page}'"
        ));
        browser.until("document.querySelector('.sub')?.textContent.trim().length > 0");
    }
    browser.eval("location.hash = '#/reports'");
    browser.until("document.querySelector('.report.error')?.textContent.includes('boom')");
    // The token is in a cookie, and not in the address any more.
    assert_eq!(browser.eval("return location.search"), "");
    browser.is_content();
}
