//! The links of Markdown files, and the headings that are their targets.

use std::collections::HashMap;

/// A link in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The line, from 1.
    pub line: usize,
    /// The file as the link names it. It is empty for a link inside of the file.
    pub file: String,
    /// The heading in that file.
    pub heading: Option<String>,
}

/// The links `[text](target)` of a text to files and headings. Links to sites and links in code are left out.
pub fn links(markdown: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (line, text) in prose(markdown) {
        let text = without_code(text);
        for (_, rest) in text
            .match_indices("](")
            .map(|(at, _)| text.split_at(at + 2))
        {
            let target = rest.split([')', ' ']).next().unwrap_or_default();
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = match target.split_once('#') {
                Some((file, heading)) => (file, Some(heading.to_owned())),
                None => (target, None),
            };
            let file = file.to_owned();
            links.push(Link {
                line,
                file,
                heading,
            });
        }
    }
    links
}

/// The names of a text's headings, as GitHub and mdBook derive them.
pub fn headings(markdown: &str) -> Vec<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let titles = prose(markdown).filter_map(|(_, line)| {
        let title = line.trim_start_matches('#').strip_prefix(' ')?;
        line.starts_with('#').then_some(title)
    });
    titles
        .map(|title| {
            let lower = title.trim().to_lowercase().replace(' ', "-");
            let name: String = lower
                .chars()
                .filter(|it| it.is_alphanumeric() || "-_".contains(*it))
                .collect();
            let before = times.entry(name.clone()).or_default();
            *before += 1;
            match *before {
                1 => name,
                count => format!("{name}-{}", count - 1),
            }
        })
        .collect()
}

/// The lines outside of blocks of code, with their numbers from 1.
fn prose(markdown: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<&str> = None;
    markdown.lines().enumerate().filter_map(move |(at, line)| {
        let text = line.trim_start();
        let ticks = &text[..text.len() - text.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks.len() >= open.len() && text == ticks => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(_) => {}
            None => return Some((at + 1, line)),
        }
        None
    })
}

/// The line without its inline code.
fn without_code(line: &str) -> String {
    let parts = line.split('`').enumerate();
    let text = parts.filter(|(at, _)| at % 2 == 0).map(|(_, part)| part);
    text.collect::<Vec<_>>().join("``")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_prose_are_found_and_those_in_code_are_not() {
        let text =
            "[a](b.md#c) [d](https://e) `x[0](1)`\n```rs\n[f](g)\n```\n![h](i.svg), [j](#k)\n";
        let found: Vec<_> = links(text)
            .into_iter()
            .map(|it| (it.line, it.file, it.heading))
            .collect();
        let text = |it: &str| it.to_owned();
        assert_eq!(
            found,
            [
                (1, text("b.md"), Some(text("c"))),
                (5, text("i.svg"), None),
                (5, text(""), Some(text("k"))),
            ]
        );
    }

    #[test]
    fn a_heading_has_the_name_that_a_link_gives() {
        let text = "# A `b`, c!\n````md\n```\n# no\n````\n## Try it\n## Try it\n#no\n";
        assert_eq!(headings(text), ["a-b-c", "try-it", "try-it-1"]);
    }
}
