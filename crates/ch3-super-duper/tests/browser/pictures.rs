//! Takes the pictures in `docs/`: the pages in the light and the dark theme.

use std::path::Path;
use std::{env, fs};

use crate::browser;
use crate::driver::Browser;
use crate::inside::{self, TestNode};
use crate::program::Program;

/// Commands that cause events for each page: starts, stops, crashes and calls for half a minute.
fn lines() -> String {
    let crashes = "app start --with duo --with crowd\nadd batman 'I am the night.' --crowd\nadd robin 'Holy moly!' --crowd\n\
                   die superdave\ndie superman\nsleep 1s\ndie superdave\nspawn wait\nsend-interval 1h tick\n";
    let talk = (0..240).map(|round: usize| {
        let words = "say supermario\nsay batman\n".repeat(40 + round * 37 % 90);
        format!("{words}sleep 300ms\n")
    });
    crashes.to_owned() + &talk.collect::<String>()
}

#[test]
fn pictures_are_taken_on_request() {
    if env::var_os("OTP_SCREENSHOTS").is_none() {
        return;
    }
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "--observe-acts"], &lines());
    browser.go(&program.link("#/tree"));
    browser
        .until("document.querySelector('.twig[data-child=superdave]')?.dataset.restarts === '2'");
    let superman = browser.eval("return document.querySelector('.twig[data-child=superman]').pid");
    let superman = superman.as_str().expect("it lives").replace(['<', '>'], "");
    let of_superman = format!("process/{superman}");
    for page in ["overview", "tree", "processes", &of_superman, "reports"] {
        browser.eval(&format!("location.hash = '#/{page}'"));
        // The charts of the overview need some time to get points.
        take(
            &browser,
            page,
            if page == "overview" { 15_000 } else { 2_500 },
        );
    }
    browser.eval("location.hash = '#/tree'");
    browser.look(390, 780, "light");
    browser.until("document.querySelectorAll('.twig').length > 5");
    keep("tree-phone", &browser.picture());
    drop(program);

    let shop = TestNode::start(inside::shelves);
    browser.go(&shop.link("#/held"));
    take(&browser, "held", 2_500);
    browser.eval(
        "[...document.querySelectorAll('td a')].find((it) => it.textContent === 'stock').click()",
    );
    take(&browser, "table", 2_500);
    browser.eval("location.hash = '#/nodes'");
    browser.until("document.querySelector('[data-node] button')?.hidden === false");
    take(&browser, "nodes", 500);
    drop(shop);

    let restaurant = TestNode::start(inside::desks);
    browser.go(&restaurant.link("#/tree"));
    inside::trace(&browser, &["counter", "kitchen", "store"]);
    take(&browser, "trace", 2_500);
}

/// Waits until a page has content, and takes its picture in both themes.
fn take(browser: &Browser, page: &str, time: u32) {
    browser.until("document.querySelector('.sub')?.textContent.trim().length > 0");
    browser.promise(&format!(
        "await new Promise((go) => setTimeout(go, {time})); return true;"
    ));
    for theme in ["light", "dark"] {
        browser.look(1360, 860, theme);
        let name = page.split('/').next().unwrap_or(page);
        keep(&format!("{name}-{theme}"), &browser.picture());
    }
}

fn keep(name: &str, picture: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/observer");
    fs::create_dir_all(&folder).expect("it can be made");
    fs::write(folder.join(format!("{name}.png")), picture).expect("it can be written");
}
