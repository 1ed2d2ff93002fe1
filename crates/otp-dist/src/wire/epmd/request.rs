//! The requests of a node to its daemon.

use super::{EpmdError, Fields, LONGEST_NAME, Node, name, write_node};

const ALIVE: u8 = 120;
const PORT_PLEASE: u8 = 122;
const NAMES: u8 = 110;

/// The longest request: a name, the numbers before it, and the extra bytes.
const LONGEST: usize = LONGEST_NAME + 1024;

/// A request.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::epmd::Request;
///
/// let bytes = Request::PortPlease("rust".into()).encode();
/// assert_eq!(bytes, *b"\x00\x05zrust");
/// assert_eq!(Request::read(&bytes)?, Some((Request::PortPlease("rust".into()), 7)));
/// assert_eq!(Request::read(&bytes[..6])?, None);
/// # Ok::<(), otp_dist::wire::epmd::EpmdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `ALIVE2_REQ`: the node has this name as long as the connection lives.
    Alive(Node),
    /// `PORT_PLEASE2_REQ`: where does the node of this name listen?
    PortPlease(String),
    /// `NAMES_REQ`: which nodes are there?
    Names,
}

impl Request {
    /// The bytes to send.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0, 0];
        match self {
            Self::Alive(node) => {
                out.push(ALIVE);
                write_node(node, &mut out);
            }
            Self::PortPlease(name) => {
                out.push(PORT_PLEASE);
                out.extend(name.as_bytes());
            }
            Self::Names => out.push(NAMES),
        }
        let length = (out.len() - 2) as u16;
        out[..2].copy_from_slice(&length.to_be_bytes());
        out
    }

    /// Reads a request at the beginning of these bytes, and returns its length. `None` if it is not complete.
    ///
    /// # Errors
    ///
    /// When it is none that is served. To kill the daemon, to stop a node or to dump the table is not.
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, EpmdError> {
        let mut fields = Fields { bytes };
        let Some(length) = fields.u16().map(usize::from) else {
            return Ok(None);
        };
        if length > LONGEST {
            return Err(EpmdError::TooLong(length));
        }
        let Some(bytes) = fields.take(length) else {
            return Ok(None);
        };
        let request = match bytes {
            [] => return Err(EpmdError::Malformed(0)),
            [ALIVE, bytes @ ..] => {
                let node = Fields { bytes }.node();
                Self::Alive(node.ok_or(EpmdError::Malformed(ALIVE))??)
            }
            [PORT_PLEASE, text @ ..] => Self::PortPlease(name(text)?),
            [NAMES] => Self::Names,
            [NAMES, ..] => return Err(EpmdError::Malformed(NAMES)),
            [kind, ..] => return Err(EpmdError::Kind(*kind)),
        };
        Ok(Some((request, 2 + length)))
    }
}
