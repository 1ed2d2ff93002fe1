//! Nodes in a file.

use std::path::{Path, PathBuf};

use super::{Finding, Found, Source};

/// A file with a node a line, `name@host`, and its address, `192.0.2.7:4370`, if there is no epmd. A node with
/// several addresses has a line for each. The part of a line after `#` is a comment.
///
/// The file is read at each search: it may change at any time. One with a line that says something else, or that cannot be read, changes
/// nothing. Replace the file by a rename: of a file that is being written only the first lines may be read, and for one search they are all
/// nodes.
///
/// # OTP
///
/// `.hosts.erlang`, and libcluster's `EpmdFile` strategies.
#[derive(Debug, Clone)]
pub struct NodeFile(PathBuf);

impl NodeFile {
    /// The file at this path.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self(path.as_ref().to_owned())
    }
}

impl Source for NodeFile {
    fn find(&mut self) -> Finding<'_> {
        Box::pin(async {
            let path = self.0.clone();
            let reading = tokio::task::spawn_blocking(move || std::fs::read_to_string(path));
            let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", self.0.display());
            let text = reading.await.map_err(|error| wrong(&error))?;
            parse(&text.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))
        })
    }
}

fn parse(text: &str) -> Result<Vec<Found>, String> {
    let mut nodes = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split_once('#').map_or(line, |(line, _)| line);
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else {
            continue;
        };
        let expected =
            "expected name@host, and an address such as 192.0.2.7:4370 if there is no epmd";
        let wrong = || format!("line {}: {expected}", number + 1);
        let node = Found::new(name).ok_or_else(wrong)?;
        let address = words.next().map(str::parse).transpose();
        let node = node.at(address.map_err(|_| wrong())?);
        if words.next().is_some() {
            return Err(wrong());
        }
        nodes.push(node);
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::{Found, parse};

    #[test]
    fn a_line_is_a_node() {
        let text = "\n# the cluster\na@one  # first\n b@two 192.0.2.7:4370\r\n";
        let node = |name| Found::new(name).expect("it is a name");
        let address = "192.0.2.7:4370".parse().expect("an address");
        let expected = vec![node("a@one"), node("b@two").at(Some(address))];
        assert_eq!(parse(text), Ok(expected));
        assert_eq!(parse(""), Ok(vec![]));
        for (text, line) in [
            ("a", 1),
            ("a@", 1),
            ("@b", 1),
            ("a@b\na@b 1", 2),
            ("a@b 192.0.2.7", 1),
            ("a@b 192.0.2.7:1 c", 1),
        ] {
            let error = parse(text).expect_err(text);
            assert!(
                error.starts_with(&format!("line {line}: expected name@host")),
                "{error}"
            );
        }
    }
}
