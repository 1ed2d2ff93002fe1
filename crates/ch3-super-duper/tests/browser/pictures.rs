//! The pictures in `docs/`: what the pages look like, light and dark.

use std::path::Path;
use std::{env, fs};

use crate::browser;
use crate::program::Program;

/// Something happens on each page: some come and go, some crash, and all have something to say for half a minute.
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
fn pictures_are_taken_when_they_are_asked_for() {
    if env::var_os("OTP_SCREENSHOTS").is_none() {
        return;
    }
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "--observe-acts"], &lines());
    browser.go(&program.link("#/tree"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/observer");
    fs::create_dir_all(&folder).expect("it can be made");
    browser
        .until("document.querySelector('.twig[data-child=superdave]')?.dataset.restarts === '2'");
    let superman = browser.eval("return document.querySelector('.twig[data-child=superman]').pid");
    let superman = superman.as_str().expect("it lives").replace(['<', '>'], "");
    for traced in ["supermario", "batman"] {
        browser.eval("location.hash = '#/tree'");
        let link = format!(
            "[...document.querySelectorAll('.twig-name a')].find((it) => it.textContent === '{traced}')"
        );
        browser.until(&format!("{link} && true"));
        browser.eval(&format!("{link}.click()"));
        browser.until("document.querySelector('[data-act=trace]') && true");
        browser.click("[data-act=trace]");
        browser.until("document.querySelector('.chip.traced') && true");
    }
    let pages = [
        "overview",
        "tree",
        "processes",
        &format!("process/{superman}"),
        "held",
        "trace",
        "reports",
        "nodes",
    ];
    for page in pages {
        browser.eval(&format!("location.hash = '#/{page}'"));
        browser.until("document.querySelector('.sub')?.textContent.trim().length > 0");
        // The lines of the overview need some time to be lines.
        let time = if page == "overview" { 15_000 } else { 2_500 };
        browser.promise(&format!(
            "await new Promise((go) => setTimeout(go, {time})); return true;"
        ));
        for theme in ["light", "dark"] {
            browser.look(1360, 860, theme);
            let name = page.split('/').next().unwrap_or(page);
            let picture = folder.join(format!("{name}-{theme}.png"));
            fs::write(picture, browser.picture()).expect("it can be written");
        }
    }
    browser.eval("location.hash = '#/tree'");
    browser.look(390, 780, "light");
    browser.until("document.querySelectorAll('.twig').length > 5");
    fs::write(folder.join("tree-phone.png"), browser.picture()).expect("it can be written");
}
