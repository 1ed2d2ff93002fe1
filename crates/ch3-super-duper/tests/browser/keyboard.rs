//! Tests of the page with the keyboard only.

use crate::driver::{Browser, DOWN, ENTER, ESCAPE, LEFT, RIGHT, TAB};
use crate::program::Program;
use crate::{browser, row};

/// The element with the focus, if it is in the window and has an outline.
const FOCUS: &str = "(() => {
    const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
    const seen = it.matches(':focus-visible') && box.width > 0 && box.right > 0 && box.top >= 0 && box.top < innerHeight
      && (style.outlineStyle !== 'none' || it.id === 'search');
    return seen ? (it.dataset.act ?? it.ariaLabel ?? it.textContent).trim() : `nothing to be seen: ${it.outerHTML.slice(0, 200)}`;
  })()";

/// Presses Tab, and checks the name of the element that gets the focus.
#[track_caller]
fn tab(browser: &Browser, name: &str) {
    browser.press(TAB);
    assert_eq!(browser.eval(&format!("return {FOCUS}")), name);
}

#[test]
fn all_parts_of_the_page_are_reached_by_keys() {
    let Some(browser) = browser() else { return };
    let program = Program::start(&["--observe", "--observe-acts"], "app start\n");
    browser.go(&program.link("#/reports"));
    browser.until("document.querySelectorAll('#nav a').length === 7 && document.querySelector('.sub')?.textContent");

    // The skip link, and then the frame.
    tab(&browser, "Skip to the content");
    browser.press(ENTER);
    browser.until("document.activeElement.id === 'main' && location.hash === '#/reports'");
    browser.go(&program.link("#/overview"));
    browser.until("document.querySelectorAll('#nav a').length === 7");
    for name in ["Skip to the content", "Overview", "Overview", "Tree"] {
        tab(&browser, name);
    }
    browser.press(ENTER);
    browser.until(&format!(
        "{} && location.hash === '#/tree'",
        row("superdave")
    ));

    // The tree: row by row, each followed by its buttons.
    browser.press("?");
    browser.until("document.getElementById('keys').open");
    browser.press(ESCAPE);
    browser.until("!document.getElementById('keys').open");
    browser.eval("document.querySelector('.twig').focus()");
    let at = |child: &str| format!("document.activeElement.dataset.child === '{child}'");
    for _ in 0..20 {
        if browser.eval(&format!("return {}", at("superdave"))) == true {
            break;
        }
        browser.press(DOWN);
    }
    browser.until(&at("superdave"));
    tab(&browser, "stop");
    tab(&browser, "kill");
    browser.press(&format!("{ENTER}{ENTER}"));
    browser.until(&format!("{}.dataset.restarts === '1'", row("superdave")));
    browser.eval(&format!("{}.focus()", row("superdave")));
    browser.press(LEFT);
    browser.until("document.activeElement.ariaExpanded === 'true'");
    browser.press(LEFT);
    browser.until("document.activeElement.ariaExpanded === 'false'");
    assert_eq!(
        browser.eval(&format!("return {} === null", row("superdave"))),
        true
    );
    browser.press(RIGHT);
    browser.until(&format!("{} !== null", row("superdave")));

    // The processes: a search, the rows, and one of them.
    browser.press("3");
    browser.until(
        "location.hash === '#/processes' && document.querySelectorAll('.rows .row').length > 3",
    );
    browser.press("/");
    browser.until("document.activeElement.id === 'search'");
    browser.press("superman");
    browser.until("document.querySelectorAll('.rows .row').length === 1");
    browser.press(DOWN);
    browser.until("document.activeElement.matches('.rows .row')");
    browser.press(ENTER);
    browser.until("document.querySelector('.page-head h1')?.textContent === 'superman'");
    browser
        .until("document.querySelector('[data-act=kill]') && document.activeElement.id === 'main'");

    // A process: its buttons, and an exit signal, which Escape cancels.
    tab(&browser, "Processes");
    for name in ["trace", "suspend", "stop", "exit"] {
        tab(&browser, name);
    }
    browser.press(ENTER);
    browser.until(
        "document.querySelector('dialog.exit').open && document.activeElement.name === 'reason'",
    );
    browser.press(ESCAPE);
    browser.until("!document.querySelector('dialog.exit').open");
    browser.until("document.querySelector('.gone').hidden");
    assert_eq!(browser.eval(&format!("return {FOCUS}")), "exit");
    browser.press(ENTER);
    browser.until("document.querySelector('dialog.exit').open");
    browser.press(ENTER);
    browser.until("!document.querySelector('.gone').hidden");
    browser.until("document.querySelector('.gone code').textContent === 'shutdown'");
    browser.is_content();
}
