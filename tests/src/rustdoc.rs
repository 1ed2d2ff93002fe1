//! The form of the libraries' documentation: which headings it has, and in what order.

use crate::source::Source;

/// The headings that mean the same wherever they stand, in their order. Others come before them.
const HEADINGS: &[&str] = &[
    "OTP",
    "Differences from OTP",
    "Cancel safety",
    "Errors",
    "Panics",
    "Examples",
];

/// Comments of a file that render as one page or one item, in which a heading is out of order or `OTP:` stands for one.
pub fn disorder(source: &Source) -> Vec<String> {
    let blocks = blocks(&source.text).into_iter();
    let faults = blocks.filter_map(|(line, docs)| {
        let fault = fault(&docs)?;
        Some(format!("{}: {fault}", source.at(line)))
    });
    faults.collect()
}

/// Each run of lines that begin with `///` or `//!`, without these, with the number of its first line.
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

/// What is wrong with the documentation of one item.
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
