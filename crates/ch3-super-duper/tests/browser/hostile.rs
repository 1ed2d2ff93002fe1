//! Names that are no plain words, addresses that are no pages, and nodes that are gone.

use otp_core::prelude::*;
use otp_core::{ChildSpec, Mailbox, Strategy, Supervisor, process, table};
use otp_observer::{Observer, Options};
use tokio::sync::watch;

use crate::browser;
use crate::driver::Browser;
use crate::inside::{self, TestNode, page};

/// If a name were markup, it would be an image that runs a script.
const MARKUP: &str =
    "<img src=x onerror=\"window.broken = true\"><script>window.broken = true</script>";

/// Written from right to left, with an order that nobody takes back.
const TURNED: &str = "\u{202E}\u{5E9}\u{5DC}\u{5D5}\u{5DD} abc";

/// One word that is longer than the page is wide.
fn long() -> String {
    "long_".repeat(300)
}

/// A server with a state that is no plain text.
struct Odd(String);

#[gen_server]
impl GenServer for Odd {
    type Args = String;

    async fn init(text: String, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        process::set_label(text.clone());
        Ok(Init::state(Self(text)))
    }

    fn format_status(&self, status: &mut otp_core::gen_server::Status) {
        status.state = Some(self.0.clone());
    }
}

/// Processes, children, names, a table and an end with such texts.
async fn oddities() -> (Box<dyn Send>, Observer) {
    let texts = [MARKUP.to_owned(), TURNED.to_owned(), long()];
    let mut tree = Supervisor::new(Strategy::OneForOne).name("odd");
    for text in texts.clone() {
        let id = text.clone();
        tree = tree.child(ChildSpec::worker(id, move || Odd::start_link(text.clone())));
    }
    let tree = tree.start_link().await.expect("it starts");
    let [first, ..] = &*tree.which_children().await.expect("it answers") else {
        panic!("it has children");
    };
    let first = first.pid().expect("it runs");
    process::exit(first, ExitReason::other(MARKUP));
    for text in &texts {
        let idle = process::spawn(|_: Mailbox<()>| std::future::pending::<()>());
        process::register(text.clone(), idle.pid()).expect("it is free");
    }
    let odd = table::set::<String, String>(MARKUP).visible().create();
    let odd = odd.expect("it is free");
    let pairs = texts.iter().map(|text| (text.clone(), text.clone()));
    odd.insert_all(pairs).expect("it is mine");
    let options = Options::new().title(MARKUP).with_actions();
    (Box::new((tree, odd)), page(options).await)
}

const PAGES: [&str; 7] = [
    "overview",
    "tree",
    "processes",
    "held",
    "reports",
    "trace",
    "nodes",
];

/// Nothing of a text has become an element, and nothing is wider than the window.
#[track_caller]
fn is_plain(browser: &Browser, place: &str) {
    let broken = "window.broken || document.querySelector('main img, main script, .toast img, .brand-words img') !== null";
    assert_eq!(browser.eval(&format!("return {broken}")), false, "{place}");
    let wide = browser.eval(
        "return document.documentElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('body *')]
           .filter((it) => it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.className || it.tagName).join()",
    );
    assert_eq!(wide, "", "{place}");
    browser.is_content();
}

#[test]
fn names_that_are_no_plain_words_are_only_text() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(oddities);
    for (width, height, theme) in [(1360, 860, "light"), (390, 800, "dark")] {
        browser.look(width, height, theme);
        browser.go(&node.link(""));
        for name in PAGES {
            browser.eval(&format!("location.hash = '#/{name}'"));
            browser.until(&format!(
                "document.querySelector('nav [aria-current]')?.dataset.page === '{name}'"
            ));
            browser.until("!['', 'looking…', 'gathering…', 'asking the supervisors…'].includes(document.querySelector('.sub').textContent)");
            is_plain(&browser, &format!("{name} at {width}"));
        }
        browser.eval("location.hash = '#/processes?text=img'");
        browser.until("document.querySelectorAll('.rows .row').length >= 2");
        browser.eval("document.querySelector('.rows .row').click()");
        browser.until("document.querySelector('.page-head h1')?.textContent.startsWith('<img')");
        is_plain(&browser, &format!("a process at {width}"));
        browser.eval("location.hash = '#/held'");
        browser.until("document.querySelector('td a[href^=\"#/table/\"]') !== null");
        browser.eval("document.querySelector('td a[href^=\"#/table/\"]').click()");
        browser.until("document.querySelectorAll('.contents tbody tr').length === 3");
        is_plain(&browser, &format!("a table at {width}"));
    }
}

#[test]
fn an_address_that_is_no_page_is_that_of_the_overview() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(inside::shelves);
    browser.go(&node.link("#/overview"));
    browser.until("document.querySelectorAll('#nav a').length === 7");
    for place in [
        "none",
        "constructor",
        "__proto__",
        "process",
        "process/",
        "process/abc",
        "process/%E0%A4%A",
        "process/%00",
        "table/abc",
        "table/-1",
        "entries/0.1",
        "tree/%",
        "overview/x",
        "%",
        "//",
        "table/99999999999999999999",
    ] {
        browser.eval("location.hash = '#/tree'");
        browser.until("document.querySelector('nav [aria-current]')?.dataset.page === 'tree' && document.querySelector('.tree')");
        browser.eval(&format!("location.hash = '#/{place}'"));
        browser.until("location.hash === '#/overview' && document.querySelector('.hero') !== null");
        browser.is_content();
    }
    // What does not exist has a page that says so.
    browser.eval("location.hash = '#/process/0.999999.0'");
    browser.until("document.querySelector('.gone')?.textContent.includes('does not live')");
    browser.eval("location.hash = '#/table/999999'");
    browser.until("document.querySelector('.sub')?.textContent === 'It is gone.'");
    browser.eval("location.hash = '#/processes?order=bogus&state=bogus&text=%'");
    browser.until("document.querySelector('.empty:not([hidden])')?.textContent === 'There is no such process.'");
    browser.is_content();
}

#[test]
fn a_page_that_was_left_at_a_node_that_is_gone_shows_its_own() {
    let Some(browser) = browser() else { return };
    let node = TestNode::start(inside::shelves);
    browser.go(&node.link("#/tree"));
    browser.until("document.querySelector('.tree .twig') !== null");
    // Of a program of before, which is not connected with this one, and then one that shows no other nodes at all.
    let alone = TestNode::start(|| inside::crowd(3));
    for node in [&node, &alone] {
        browser.go(&node.link("#/tree"));
        browser.eval("sessionStorage.setItem('node', 'gone@127.0.0.1')");
        browser.eval("location.reload()");
        browser.until("document.querySelectorAll('#nav a').length === 7 && document.querySelector('.tree .twig') !== null");
        browser.until("document.querySelector('.toast.bad') !== null");
        assert_eq!(browser.eval("return sessionStorage.getItem('node')"), "");
    }
}

#[test]
fn a_node_that_leaves_while_its_page_is_open_is_left() {
    let Some(browser) = browser() else { return };
    let (leave, left) = watch::channel(());
    let node = TestNode::start(|| inside::neighbour_until(left));
    browser.go(&node.link("#/nodes"));
    inside::visit_store(&browser);
    browser.eval("location.hash = '#/tree'");
    browser.until("document.getElementById('live').dataset.state === 'live' && document.querySelector('.tree') !== null");
    drop(leave);
    browser.until("document.getElementById('live').dataset.state === 'lost'");
    browser.until("document.querySelector('.toast.bad')?.textContent.includes('is not connected')");
    browser.eval("document.getElementById('home').click()");
    browser.until("document.getElementById('program').textContent === 'shop' && document.querySelector('.tree .twig') !== null");
    browser.until("document.getElementById('live').dataset.state === 'live'");
    browser.eval("location.hash = '#/nodes'");
    browser.until("document.querySelector('[data-node]') === null");
    browser.is_content();
}
