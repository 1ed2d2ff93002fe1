//! Frames: a length of four bytes, then a message, a fragment or nothing.

use std::fmt;

use otp_etf::EncodeError;
use thiserror::Error;

use super::flags::Flags;
use super::fragment::Fragment;

/// The frame that only shows that its sender lives.
pub const TICK: [u8; 4] = [0; 4];

/// The longest frame that is accepted, unless another limit is given.
pub const LONGEST: usize = 16 << 20;

/// How much an empty buffer keeps.
const KEPT: usize = 256 << 10;

const PASS_THROUGH: u8 = 112;
const VERSION: u8 = 131;
const HEADER: u8 = 68;
const FIRST_FRAGMENT: u8 = 69;
const NEXT_FRAGMENT: u8 = 70;

/// Why bytes are no frame. The owner should close the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The frame is longer than the limit.
    #[error("a frame of {length} bytes: {limit} at most")]
    TooLong {
        /// The length that it claims.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A frame begins with bytes that no frame begins with.
    #[error("a frame of an unknown kind, {0}")]
    Kind(u8),
    /// The header ends before it is complete.
    #[error("a frame whose header is cut short")]
    Truncated,
    /// The header refers to cached atoms, which were not agreed on.
    #[error("a frame with {0} references to cached atoms")]
    CachedAtoms(u8),
}

/// The reader of a connection's frames, which takes the bytes in any pieces.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::frame::{Frame, LONGEST, Reader};
///
/// let mut reader = Reader::new(LONGEST);
/// reader.input().extend([0, 0, 0, 0, 0, 0]);
/// assert_eq!(reader.next()?, Some(Frame::Tick));
/// assert_eq!(reader.next()?, None);
/// # Ok::<(), otp_dist::wire::frame::FrameError>(())
/// ```
pub struct Reader {
    buffer: Vec<u8>,
    /// How much of the buffer was given out.
    taken: usize,
    longest: usize,
}

/// A frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A sign of life.
    Tick,
    /// A whole message.
    Message(Message<'a>),
    /// A part of one, for an [`Assembler`](super::fragment::Assembler).
    Fragment(Fragment<'a>),
}

/// A control message and its optional payload, for [`Control::decode`](super::control::Control::decode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether each of the two terms has its version byte.
    pub(super) is_versioned: bool,
}

/// How a message is put into a frame, which the flags of both sides decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `<<112,131,Control,131,Payload>>`, without fragments.
    PassThrough,
    /// `<<131,68,0,Control,Payload>>`, and large messages in fragments.
    Header,
}

impl Reader {
    /// Makes a reader that accepts frames of up to so many bytes.
    #[must_use]
    pub fn new(longest: usize) -> Self {
        Self {
            buffer: Vec::new(),
            taken: 0,
            longest,
        }
    }

    /// The buffer to which the bytes are appended that the connection has sent.
    ///
    /// It grows by the appended bytes and never by the claims of a frame.
    pub fn input(&mut self) -> &mut Vec<u8> {
        if self.taken == self.buffer.len() {
            self.buffer.clear();
            self.buffer.shrink_to(KEPT);
        } else {
            self.buffer.drain(..self.taken);
        }
        self.taken = 0;
        &mut self.buffer
    }

    /// The next frame, if it is complete.
    ///
    /// # Errors
    ///
    /// When it is no frame or too long. The reader cannot go on then.
    #[expect(
        clippy::should_implement_trait,
        reason = "the frame borrows from the reader"
    )]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        let Some((length, rest)) = self.buffer[self.taken..].split_first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length > self.longest {
            return Err(FrameError::TooLong {
                length,
                limit: self.longest,
            });
        }
        let Some(frame) = rest.get(..length) else {
            return Ok(None);
        };
        self.taken += 4 + length;
        Frame::parse(frame).map(Some)
    }

    /// Accepts frames of up to so many bytes from now on.
    pub(crate) fn set_longest(&mut self, longest: usize) {
        self.longest = longest;
    }
}

/// How much waits in it, without the bytes.
impl fmt::Debug for Reader {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reader")
            .field("waiting", &(self.buffer.len() - self.taken))
            .finish_non_exhaustive()
    }
}

impl<'a> Frame<'a> {
    /// Returns the kind of a frame, without its length.
    ///
    /// # Errors
    ///
    /// When it is none.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        match *bytes {
            [] => Ok(Self::Tick),
            [PASS_THROUGH, ref bytes @ ..] => Ok(Self::Message(Message {
                bytes,
                is_versioned: true,
            })),
            [VERSION, HEADER, ref rest @ ..] => no_cached_atoms(rest).map(|bytes| {
                Self::Message(Message {
                    bytes,
                    is_versioned: false,
                })
            }),
            [VERSION, FIRST_FRAGMENT, ref rest @ ..] => {
                let (sequence, id, rest) = numbers(rest)?;
                let data = no_cached_atoms(rest)?;
                Ok(Self::Fragment(Fragment {
                    is_first: true,
                    sequence,
                    id,
                    data,
                }))
            }
            [VERSION, NEXT_FRAGMENT, ref rest @ ..] => {
                let (sequence, id, data) = numbers(rest)?;
                Ok(Self::Fragment(Fragment {
                    is_first: false,
                    sequence,
                    id,
                    data,
                }))
            }
            [VERSION] => Err(FrameError::Truncated),
            [VERSION, kind, ..] | [kind, ..] => Err(FrameError::Kind(kind)),
        }
    }
}

fn numbers(bytes: &[u8]) -> Result<(u64, u64, &[u8]), FrameError> {
    let (sequence, rest) = bytes.split_first_chunk().ok_or(FrameError::Truncated)?;
    let (id, rest) = rest.split_first_chunk().ok_or(FrameError::Truncated)?;
    Ok((u64::from_be_bytes(*sequence), u64::from_be_bytes(*id), rest))
}

fn no_cached_atoms(bytes: &[u8]) -> Result<&[u8], FrameError> {
    match bytes {
        [0, rest @ ..] => Ok(rest),
        [references, ..] => Err(FrameError::CachedAtoms(*references)),
        [] => Err(FrameError::Truncated),
    }
}

impl<'a> Message<'a> {
    /// The message that was joined of fragments.
    #[must_use]
    pub fn assembled(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            is_versioned: false,
        }
    }
}

impl Format {
    /// The format for flags that both sides have.
    #[must_use]
    pub fn of(common: Flags) -> Self {
        if common.contains(Flags::FRAGMENTS) {
            Self::Header
        } else {
            Self::PassThrough
        }
    }

    /// Appends a frame with a control message alone.
    ///
    /// # Errors
    ///
    /// As `control`. Nothing is appended then.
    pub fn control<E: From<EncodeError>>(
        self,
        out: &mut Vec<u8>,
        control: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.frame(out, control, |_| Ok(()), false)
    }

    /// Appends a frame with a control message and its payload. Each of the two functions appends one term without a
    /// version byte.
    ///
    /// A large one is better sent in fragments: see [`Split::of_frame`](super::fragment::Split::of_frame).
    ///
    /// # Errors
    ///
    /// As the functions, and [`EncodeError::TooLong`] for more than 4 GiB. Nothing is appended then.
    pub fn message<E: From<EncodeError>>(
        self,
        out: &mut Vec<u8>,
        control: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
        payload: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.frame(out, control, payload, true)
    }

    fn frame<E: From<EncodeError>>(
        self,
        out: &mut Vec<u8>,
        control: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
        payload: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
        has_payload: bool,
    ) -> Result<(), E> {
        let start = out.len();
        out.extend_from_slice(&TICK);
        match self {
            Self::PassThrough => out.extend_from_slice(&[PASS_THROUGH, VERSION]),
            Self::Header => out.extend_from_slice(&[VERSION, HEADER, 0]),
        }
        let write = || {
            control(out)?;
            if has_payload && self == Self::PassThrough {
                out.push(VERSION);
            }
            payload(out)?;
            seal(out, start, 0).ok_or(EncodeError::TooLong)?;
            Ok(())
        };
        let result = write();
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

/// The message in a frame that has a header without fragments: where it begins.
pub(super) fn message_within(frame: &[u8]) -> Option<usize> {
    const START: usize = 7;
    matches!(frame, [_, _, _, _, VERSION, HEADER, 0, ..]).then_some(START)
}

/// Appends one fragment as a frame, of which so many bytes are to follow.
pub(super) fn fragment(out: &mut Vec<u8>, fragment: Fragment<'_>, more: usize) {
    let start = out.len();
    out.extend_from_slice(&TICK);
    let kind = if fragment.is_first {
        FIRST_FRAGMENT
    } else {
        NEXT_FRAGMENT
    };
    out.extend_from_slice(&[VERSION, kind]);
    out.extend_from_slice(&fragment.sequence.to_be_bytes());
    out.extend_from_slice(&fragment.id.to_be_bytes());
    if fragment.is_first {
        out.push(0);
    }
    out.extend_from_slice(fragment.data);
    seal(out, start, more).expect("a fragment is short");
}

/// Writes the length of the frame that begins there and ends so many bytes after these, if there is a number for it.
fn seal(out: &mut [u8], start: usize, more: usize) -> Option<()> {
    let length = u32::try_from(out.len() + more - start - 4).ok()?;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Some(())
}
