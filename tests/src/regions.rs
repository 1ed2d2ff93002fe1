//! The regions of source files that the guides show.
//!
//! A region is between `// ANCHOR: name` and `// ANCHOR_END: name`, as in mdBook. In a guide a comment in the line above a block names
//! the region:
//!
//! ````text
//! <!-- crates/ch3-super-duper/src/core.rs:role -->
//! ```rs
//! pub struct Role {
//! ````

use crate::workspace;
use std::path::Path;

/// A block of Rust in a guide that is not compiled there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of the first fence, from 1.
    pub line: usize,
    /// The file and the name of the region, from the comment above the block.
    pub source: Option<(String, String)>,
    /// The text of the block.
    pub text: String,
}

/// The blocks of a guide that begin with ` ```rs `.
pub fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut before, mut inside) = ("", false);
    for (index, line) in guide.lines().enumerate() {
        match line {
            "```" => inside = false,
            "```rs" => {
                inside = true;
                blocks.push(Block {
                    line: index + 1,
                    source: source(before),
                    text: String::new(),
                });
            }
            line => {
                if let Some(block) = blocks.last_mut().filter(|_| inside) {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
        }
        before = line;
    }
    blocks
}

/// `<!-- path:name -->`
fn source(line: &str) -> Option<(String, String)> {
    let inner = line.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let (path, name) = inner.split_once(':')?;
    Some((path.to_owned(), name.to_owned()))
}

/// The marks of code that a learner writes in an exercise. It is left out of the regions around it.
const EXERCISE: &str = "// ANCHOR: exercise";
const EXERCISE_END: &str = "// ANCHOR_END: exercise";

/// The text of a region, without its common indentation and without the marks of other regions.
///
/// # Errors
///
/// The file or the region does not exist.
pub fn region(path: &str, name: &str) -> Result<String, String> {
    if !workspace::root().join(Path::new(path)).exists() {
        return Err(format!("there is no file {path}"));
    }
    cut(&workspace::read(path), name).ok_or_else(|| format!("{path} has no region {name}"))
}

fn cut(source: &str, name: &str) -> Option<String> {
    let (begin, end) = (
        format!("// ANCHOR: {name}"),
        format!("// ANCHOR_END: {name}"),
    );
    let mut lines = source.lines().skip_while(|line| line.trim() != begin);
    lines.next()?;
    let mut region = Vec::new();
    loop {
        match lines.next()? {
            line if line.trim() == end => break,
            line if line.trim() == EXERCISE => {
                lines.find(|line| line.trim() == EXERCISE_END)?;
            }
            line if line.trim().starts_with("// ANCHOR") => {}
            line => region.push(line),
        }
    }
    let margin = |line: &&str| line.len() - line.trim_start().len();
    let indents = region.iter().filter(|line| !line.is_empty()).map(margin);
    let indent = indents.min().unwrap_or(0);
    let lines = region.iter().map(|line| line.get(indent..).unwrap_or(""));
    Some(lines.map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_no_common_indentation() {
        let source =
            "a\n    // ANCHOR: x\n    b\n    // ANCHOR: y\n\n        c\n    // ANCHOR_END: x\n";
        assert_eq!(cut(source, "x").as_deref(), Some("b\n\n    c\n"));
        assert_eq!(cut(source, "y"), None);
        assert_eq!(cut(source, "z"), None);
    }

    #[test]
    fn code_of_an_exercise_is_left_out_of_a_region() {
        let begin = "// ANCHOR: x\na\n// ANCHOR: exercise\nb\n";
        let source = format!("{begin}// ANCHOR_END: exercise\nc\n// ANCHOR_END: x\n");
        assert_eq!(cut(&source, "x").as_deref(), Some("a\nc\n"));
        // The exercise has no end.
        assert_eq!(cut(&format!("{begin}c\n// ANCHOR_END: x\n"), "x"), None);
    }

    #[test]
    fn a_block_names_its_region() {
        let guide = "<!-- a/b.rs:x -->\n```rs\nb\n```\n\n```rs\nc\n```\n```rust\nd\n```\n";
        let found = blocks(guide);
        let source = Some(("a/b.rs".to_owned(), "x".to_owned()));
        assert_eq!(
            found[0],
            Block {
                line: 2,
                source,
                text: "b\n".to_owned()
            }
        );
        assert_eq!((found[1].line, &found[1].source), (6, &None));
        assert_eq!(found.len(), 2);
    }
}
