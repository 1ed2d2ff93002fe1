//! The form of the libraries' documentation: the order of its headings.

use crate::source::Source;

/// The headings with a fixed meaning, in their order. Other headings come before them.
const HEADINGS: &[&str] = &[
    "OTP",
    "Differences from OTP",
    "Cancel safety",
    "Errors",
    "Panics",
    "Examples",
];

/// Doc comments of a file with headings out of order, or with `OTP:` in place of a heading.
pub fn disorder(source: &Source) -> Vec<String> {
    let blocks = blocks(&source.text).into_iter();
    let faults = blocks.filter_map(|(line, docs)| {
        let fault = fault(&docs)?;
        Some(format!("{}: {fault}", source.at(line)))
    });
    faults.collect()
}

/// Each block of lines that begin with `///` or `//!`, without these marks, with the number of its first line.
fn blocks(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut blocks: Vec<(usize, Vec<&str>)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let docs = line.strip_prefix("///").or(line.strip_prefix("//!"));
        match (docs, blocks.last_mut()) {
            (Some(docs), Some((_, block))) if goes_on => block.push(docs.trim()),
            (Some(docs), _) => blocks.push((number + 1, vec![docs.trim()])),
            (None, _) => {}
        }
        goes_on = docs.is_some();
    }
    blocks
}

/// The fault of an item's documentation, if it has one.
pub(crate) fn fault(docs: &[&str]) -> Option<String> {
    let mut highest = None;
    let mut in_code = false;
    for line in docs {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        if line.starts_with("OTP:") {
            return Some("`OTP:` is a section, `# OTP`".to_owned());
        }
        let Some(heading) = line.strip_prefix("# ") else {
            continue;
        };
        let place = HEADINGS.iter().position(|known| *known == heading);
        if highest.is_some() && place <= highest {
            return Some(format!(
                "`# {heading}` stands too late, or twice; the order is: others, {}",
                HEADINGS.join(", ")
            ));
        }
        highest = place;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(docs: &str, is_right: bool) {
        let docs: Vec<&str> = docs.split('/').collect();
        assert_eq!(fault(&docs).is_none(), is_right, "{docs:?}");
    }

    #[test]
    fn headings_have_one_order() {
        check("Does it./# When to use it/# OTP/# Errors/# Examples", true);
        check("Does it./# Errors/# OTP", false);
        check("Does it./# Errors/# When to use it", false);
        check("Does it./# Errors/# Errors", false);
        check("Does it./OTP: `exit/1`.", false);
        check("# Examples/```/# struct Hidden;/```", true);
    }

    #[test]
    fn an_item_has_one_block() {
        let text = "//! File.\n\n/// One.\n///\n/// Two.\nfn f() {}\n";
        let blocks = blocks(text);
        assert_eq!(blocks, [(1, vec!["File."]), (3, vec!["One.", "", "Two."])]);
    }
}
