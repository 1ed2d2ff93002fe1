//! A Rust source file, for checks that look for names in code.
//!
//! Comments, doc examples and string literals are not code, so each of their characters is replaced by a space. Line breaks stay, so line
//! numbers stay correct. This is no parser: it distinguishes only a few forms.

use std::path::{Path, PathBuf};

use crate::workspace;

/// One Rust file.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path, relative to the workspace.
    pub path: PathBuf,
    /// The text of the file.
    pub text: String,
    /// The text without comments and literals.
    pub code: String,
}

/// A function found in a file.
#[derive(Debug, Clone)]
pub struct Function {
    /// The name.
    pub name: String,
    /// The line of the `fn`, from 1.
    pub line: usize,
    /// The comments and attributes directly above the function.
    pub head: String,
    /// The text from the `fn` to the closing brace.
    pub body: String,
    /// The same lines without comments and literals.
    pub code: String,
}

impl Source {
    /// Reads a file of the workspace.
    pub fn read(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self::new(path, workspace::read(path))
    }

    /// Creates a source from a path and a text.
    pub fn new(path: impl Into<PathBuf>, text: String) -> Self {
        let code = blank(&text);
        Self {
            path: path.into(),
            text,
            code,
        }
    }

    /// Reads all `.rs` files below a folder of the workspace.
    pub fn all(folder: &str) -> Vec<Self> {
        workspace::files(folder, &["rs"])
            .iter()
            .map(Self::read)
            .collect()
    }

    /// The code without tests: items under `#[cfg(test)]` and the whole of a `tests.rs` are replaced by spaces, too.
    pub fn shipped(&self) -> String {
        if self.path.ends_with("tests.rs") {
            return String::new();
        }
        let mut code: Vec<char> = self.code.chars().collect();
        while let Some(start) = find_chars(&code, "#[cfg(test)]") {
            let end = item_end(&code, start);
            for c in &mut code[start..end] {
                if *c != '\n' {
                    *c = ' ';
                }
            }
        }
        code.into_iter().collect()
    }

    /// `path:line`, for a message about this file.
    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }

    /// All functions of the file.
    pub fn functions(&self) -> Vec<Function> {
        let text: Vec<&str> = self.text.lines().collect();
        let code: Vec<&str> = self.code.lines().collect();
        find(&self.code, "fn")
            .into_iter()
            .filter_map(|line| {
                let after = code[line - 1].split("fn ").nth(1)?;
                let name: String = after.chars().take_while(|c| is_ident(*c)).collect();
                if name.is_empty() {
                    return None;
                }
                let first = head_start(&text, &code, line - 1);
                let last = body_end(&code, line - 1);
                Some(Function {
                    name,
                    line,
                    head: text[first..line - 1].join("\n"),
                    body: text[line - 1..=last].join("\n"),
                    code: code[line - 1..=last].join("\n"),
                })
            })
            .collect()
    }
}

impl Function {
    /// Whether the function has a test attribute.
    pub fn is_test(&self) -> bool {
        self.head.lines().any(|line| {
            let line = line.trim();
            ["#[test", "#[tokio::test", "#[otp_core::test"]
                .iter()
                .any(|attribute| line.starts_with(attribute))
        })
    }

    /// Whether the test has a paused clock, so that a sleep takes no real time.
    pub fn has_paused_clock(&self) -> bool {
        let mut ours = self.head.lines().map(str::trim);
        let ours = ours.find(|line| line.starts_with("#[otp_core::test"));
        let paused = |line: &str| !line.contains("real_clock") && !line.contains("workers");
        ours.is_some_and(paused)
            || self.head.contains("start_paused = true")
            || self.code.contains("start_paused(true)")
    }
}

/// The lines (from 1) that contain `pattern` as a whole word: `print!` is not found in `eprint!`.
pub fn find(code: &str, pattern: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut from = 0;
        while let Some(at) = line[from..].find(pattern) {
            let (start, end) = (from + at, from + at + pattern.len());
            let joined_before = starts_with_ident(pattern)
                && line[..start].chars().next_back().is_some_and(is_ident);
            let joined_after =
                ends_with_ident(pattern) && line[end..].chars().next().is_some_and(is_ident);
            if !joined_before && !joined_after {
                lines.push(number + 1);
                break;
            }
            from = end;
        }
    }
    lines
}

/// Replaces comments and the contents of literals by spaces.
pub fn blank(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let end = skip(&text, at);
        if end == at {
            out.push(text[at]);
            at += 1;
        } else {
            out.extend(
                text[at..end]
                    .iter()
                    .map(|c| if *c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        }
    }
    out
}

/// The end of the comment or literal that begins at `at`, or `at` itself if none begins there.
fn skip(text: &[char], at: usize) -> usize {
    let next = text.get(at + 1).copied();
    match text[at] {
        '/' if next == Some('/') => until(text, at, |i| text[i] == '\n'),
        '/' if next == Some('*') => block_comment(text, at),
        '"' => string(text, at),
        '\'' => char_literal(text, at),
        'r' if !after_ident(text, at) => raw_string(text, at).unwrap_or(at),
        _ => at,
    }
}

fn after_ident(text: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    // `br"…"`: the b is part of the literal, not of a name.
    let prefix = text[before] == 'b' && !after_ident(text, before);
    is_ident(text[before]) && !prefix
}

fn until(text: &[char], from: usize, stop: impl Fn(usize) -> bool) -> usize {
    (from..text.len()).find(|i| stop(*i)).unwrap_or(text.len())
}

fn block_comment(text: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i + 1 < text.len() {
        match (text[i], text[i + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                i += 1;
                continue;
            }
        }
        i += 2;
        if depth == 0 {
            return i;
        }
    }
    text.len()
}

fn string(text: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < text.len() {
        match text[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    text.len()
}

/// Whether a quote begins a literal or a lifetime. A lifetime has no closing quote after its first character.
fn char_literal(text: &[char], at: usize) -> usize {
    if text.get(at + 1) == Some(&'\\') {
        return (until(text, at + 3, |i| text[i] == '\'') + 1).min(text.len());
    }
    if text.get(at + 2) == Some(&'\'') {
        return at + 3;
    }
    at
}

fn raw_string(text: &[char], at: usize) -> Option<usize> {
    let hashes = text[at + 1..].iter().take_while(|c| **c == '#').count();
    if text.get(at + 1 + hashes) != Some(&'"') {
        return None;
    }
    let body = at + 2 + hashes;
    Some(
        (body..text.len())
            .find(|i| {
                text[*i] == '"' && text[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes
            })
            .map_or(text.len(), |quote| quote + 1 + hashes),
    )
}

/// The first line of the comments and attributes above line `at` (both from 0).
fn head_start(text: &[&str], code: &[&str], at: usize) -> usize {
    let mut first = at;
    while first > 0 {
        let above = text[first - 1].trim();
        // An attribute may have several lines. The last one closes a bracket that does not belong to a block.
        let belongs = above.starts_with("//")
            || above.starts_with("#[")
            || above.starts_with("#![")
            || above == ")]";
        let inside_attribute = !belongs
            && code[first..at].iter().any(|line| line.trim() == ")]")
            && !above.is_empty()
            && !above.ends_with(['}', ';']);
        if !belongs && !inside_attribute {
            break;
        }
        first -= 1;
    }
    first
}

/// The last line of the block that begins at or after line `at` (both from 0).
fn body_end(code: &[&str], at: usize) -> usize {
    let mut depth = 0usize;
    for (number, line) in code.iter().enumerate().skip(at) {
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth > 1 => depth -= 1,
                '}' => return number,
                ';' if depth == 0 => return number,
                _ => {}
            }
        }
    }
    code.len() - 1
}

fn item_end(code: &[char], start: usize) -> usize {
    let mut depth = 0usize;
    for (i, c) in code.iter().enumerate().skip(start) {
        match c {
            '{' => depth += 1,
            '}' if depth > 1 => depth -= 1,
            '}' => return i + 1,
            ';' if depth == 0 => return i + 1,
            _ => {}
        }
    }
    code.len()
}

fn find_chars(code: &[char], pattern: &str) -> Option<usize> {
    let pattern: Vec<char> = pattern.chars().collect();
    code.windows(pattern.len())
        .position(|window| window == pattern)
}

fn is_ident(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn starts_with_ident(pattern: &str) -> bool {
    pattern.chars().next().is_some_and(is_ident)
}

fn ends_with_ident(pattern: &str) -> bool {
    pattern.chars().next_back().is_some_and(is_ident)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(blank(text), expected);
    }

    #[test]
    fn comments_and_literals_become_spaces() {
        check("a // b", "a     ");
        check("a /* b /* c */ d */ e", "a                   e");
        check("f(\"x\\\"y\") + 1", "f(      ) + 1");
        check("r#\"a\"b\"# c", "         c");
        check("br\"a\" c", "b     c");
        check("for_r(1)", "for_r(1)");
    }

    #[test]
    fn a_lifetime_is_no_literal() {
        check(
            "fn f<'a>(c: &'a str) { 'x' }",
            "fn f<'a>(c: &'a str) {     }",
        );
        check("'\\'' a", "     a");
    }

    #[test]
    fn a_pattern_is_found_as_a_whole_word() {
        assert_eq!(find("print!(1)\neprint!(2)", "print!"), [1]);
        assert_eq!(find("a.call(x)\nrecall(x)", ".call("), [1]);
    }

    #[test]
    fn shipped_code_has_no_test_modules() {
        let source = Source::new(
            "a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { c() } }\nfn d() {}".to_owned(),
        );
        let shipped = source.shipped();
        assert!(shipped.contains("fn a") && shipped.contains("fn d"));
        assert!(!shipped.contains("fn b"));
    }

    #[test]
    fn a_function_has_its_head_and_its_body() {
        let text = "use x;\n\n// LNK-001\n#[tokio::test(\n    start_paused = true\n)]\nasync fn one() {\n    // inside\n    two();\n}\nfn next() {}\n";
        let functions = Source::new("a.rs", text.to_owned()).functions();
        assert_eq!(functions.len(), 2);
        let one = &functions[0];
        assert_eq!((one.name.as_str(), one.line), ("one", 7));
        assert!(one.head.starts_with("// LNK-001") && one.is_test());
        assert!(one.body.ends_with('}') && one.body.contains("inside"));
        assert!(!one.code.contains("inside") && !functions[1].is_test());
    }
}
