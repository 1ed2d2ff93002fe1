//! The answers of a daemon.
//!
//! A reader returns `None` as long as the answer is not complete: then more bytes must be read, and if the connection
//! has ended, it is no answer.

use super::{EpmdError, Fields, LONGEST_LIST, LONGEST_NAME, Node, write_node};

const ALIVE: u8 = 121;
const ALIVE_X: u8 = 118;
const PORT: u8 = 119;

/// The longest answer with a node.
const LONGEST: usize = LONGEST_NAME + 64 * 1024;

/// A registered node gets the creation of its pids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alive {
    /// The creation, of two bytes from an old daemon.
    pub creation: u32,
}

/// Reads the answer to [`Request::Alive`](super::Request::Alive), in the old or the new form.
///
/// # Errors
///
/// When the daemon refuses, or answers something else.
pub fn read_alive(bytes: &[u8]) -> Result<Option<Alive>, EpmdError> {
    let mut fields = Fields { bytes };
    let kind = match fields.u8() {
        Some(kind @ (ALIVE | ALIVE_X)) => kind,
        Some(other) => return Err(EpmdError::Kind(other)),
        None => return Ok(None),
    };
    match fields.u8() {
        Some(0) => {}
        Some(_) => return Err(EpmdError::Refused),
        None => return Ok(None),
    }
    let creation = if kind == ALIVE {
        fields.u16().map(u32::from)
    } else {
        fields.u32()
    };
    Ok(creation.map(|creation| Alive { creation }))
}

/// Reads the answer to [`Request::PortPlease`](super::Request::PortPlease): the node, or that there is none.
///
/// # Errors
///
/// When the daemon answers something else.
pub fn read_port(bytes: &[u8]) -> Result<Option<Option<Node>>, EpmdError> {
    let mut fields = Fields { bytes };
    match fields.u8() {
        Some(PORT) => {}
        Some(other) => return Err(EpmdError::Kind(other)),
        None => return Ok(None),
    }
    match fields.u8() {
        Some(0) => {}
        Some(_) => return Ok(Some(None)),
        None => return Ok(None),
    }
    match fields.node() {
        Some(node) => node.map(|node| Some(Some(node))),
        None if bytes.len() > LONGEST => Err(EpmdError::TooLong(bytes.len())),
        None => Ok(None),
    }
}

/// Reads the answer to [`Request::Names`](super::Request::Names), which ends with the connection: the names and their
/// ports. The caller should read no more than [`LONGEST_LIST`] bytes from the connection.
///
/// # Errors
///
/// When the daemon answers something else, or more than that.
pub fn read_names(bytes: &[u8]) -> Result<Vec<(String, u16)>, EpmdError> {
    const KIND: u8 = 110;
    if bytes.len() > LONGEST_LIST {
        return Err(EpmdError::TooLong(bytes.len()));
    }
    let text = bytes
        .get(4..)
        .and_then(|text| std::str::from_utf8(text).ok());
    let text = text.ok_or(EpmdError::Malformed(KIND))?;
    let line = |line: &str| {
        let (name, port) = line.strip_prefix("name ")?.rsplit_once(" at port ")?;
        Some((name.to_owned(), port.parse().ok()?))
    };
    let lines: Option<Vec<_>> = text.lines().map(line).collect();
    lines.ok_or(EpmdError::Malformed(KIND))
}

/// The answer that a node is registered, or that it is not. Newer nodes get all of the creation.
pub(super) fn alive(creation: Option<u32>, is_new: bool) -> Vec<u8> {
    let kind = if is_new { ALIVE_X } else { ALIVE };
    let mut out = vec![kind, u8::from(creation.is_none())];
    let creation = creation.unwrap_or(0);
    if is_new {
        out.extend(creation.to_be_bytes());
    } else {
        // An old node has only two bits for it.
        out.extend(((creation % 3 + 1) as u16).to_be_bytes());
    }
    out
}

/// The answer where a node is, or that there is none.
pub(super) fn port(node: Option<&Node>) -> Vec<u8> {
    let mut out = vec![PORT, u8::from(node.is_none())];
    if let Some(node) = node {
        write_node(node, &mut out);
    }
    out
}

/// The answer which nodes there are.
pub(super) fn names<'a>(port: u16, nodes: impl Iterator<Item = &'a Node>) -> Vec<u8> {
    let mut out = u32::from(port).to_be_bytes().to_vec();
    for node in nodes {
        out.extend(format!("name {} at port {}\n", node.name, node.port).into_bytes());
    }
    out
}
