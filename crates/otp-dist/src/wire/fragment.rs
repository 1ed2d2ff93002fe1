//! Large messages in fragments: joining what a peer sends, splitting what is sent.

use std::collections::HashMap;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use thiserror::Error;

use super::frame;

/// The size of this node's fragments in bytes, as on a BEAM. A message that is not longer is sent whole.
pub const FRAGMENT: usize = 64 << 10;

/// A part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// Whether the message begins here.
    pub is_first: bool,
    /// Which message it belongs to.
    pub sequence: u64,
    /// How many fragments of the message are left, this one included.
    pub id: u64,
    /// The bytes.
    pub data: &'a [u8],
}

/// How much a peer may leave unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentLimits {
    /// How many messages may be unfinished at a time.
    pub sequences: usize,
    /// How many fragments a message may have.
    pub fragments: u64,
    /// How many bytes all unfinished messages together may have.
    pub bytes: usize,
}

impl Default for FragmentLimits {
    /// 1,024 messages, 16,384 fragments each, 64 MiB in all.
    fn default() -> Self {
        Self {
            sequences: 1024,
            fragments: 16_384,
            bytes: 64 << 20,
        }
    }
}

/// Why a fragment is refused. The owner should close the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FragmentError {
    /// The first fragment says that there are none, or more than the limit.
    #[error("a message of {0} fragments")]
    Count(u64),
    /// A fragment is not the next one of its message.
    #[error("fragment {found}: expected {expected}")]
    Order {
        /// The fragment that came.
        found: u64,
        /// The one that had to come.
        expected: u64,
    },
    /// A fragment belongs to no message that was begun.
    #[error("a fragment of the unknown sequence {0}")]
    Unknown(u64),
    /// A message begins that has begun before.
    #[error("the sequence {0} begins twice")]
    Twice(u64),
    /// More unfinished messages than the limit.
    #[error("more than {0} unfinished messages")]
    TooManySequences(usize),
    /// More bytes in unfinished messages than the limit.
    #[error("more than {0} bytes in unfinished messages")]
    TooLong(usize),
}

/// The unfinished messages of a peer.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::fragment::{Assembler, Fragment, FragmentLimits};
///
/// let mut assembler = Assembler::new(FragmentLimits::default());
/// let first = Fragment { is_first: true, sequence: 7, id: 2, data: b"large " };
/// let last = Fragment { is_first: false, sequence: 7, id: 1, data: b"message" };
/// assert_eq!(assembler.add(first)?, None);
/// assert_eq!(assembler.add(last)?, Some(b"large message".to_vec()));
/// # Ok::<(), otp_dist::wire::fragment::FragmentError>(())
/// ```
pub struct Assembler {
    limits: FragmentLimits,
    open: HashMap<u64, Open>,
    /// The bytes of all open messages.
    bytes: usize,
    /// The buffer of a message that was handled, for reuse if nobody else has it any more.
    spare: Arc<Vec<u8>>,
}

/// How much is kept for the next message.
const KEPT: usize = 2 << 20;

struct Open {
    /// The fragment that comes next.
    next: u64,
    bytes: Vec<u8>,
}

impl Open {
    /// Appends bytes, of which at most `room` can come. A large buffer grows by a quarter and does not double, so that
    /// little memory is unused.
    fn add(&mut self, data: &[u8], room: usize) {
        let length = self.bytes.len();
        if self.bytes.capacity() - length < data.len() {
            self.bytes
                .reserve_exact(data.len().max(length / 4).min(room));
        }
        self.bytes.extend_from_slice(data);
    }
}

impl Assembler {
    /// Starts without any message.
    #[must_use]
    pub fn new(limits: FragmentLimits) -> Self {
        Self {
            limits,
            open: HashMap::new(),
            bytes: 0,
            spare: Arc::default(),
        }
    }

    /// Adds a fragment. If it is the last of its message, the whole message is given back: the bytes of the control message and of the
    /// payload, for [`Message::assembled`](frame::Message::assembled).
    ///
    /// Memory is reserved for the bytes of a fragment, not for its claims.
    ///
    /// # Errors
    ///
    /// When it does not fit the fragments before it, or goes beyond the limits.
    pub fn add(&mut self, fragment: Fragment<'_>) -> Result<Option<Vec<u8>>, FragmentError> {
        let Fragment {
            sequence, id, data, ..
        } = fragment;
        let room = self.room();
        if data.len() > room {
            return Err(FragmentError::TooLong(self.limits.bytes));
        }
        if fragment.is_first {
            self.begin(sequence, id)?;
        }
        let open = self
            .open
            .get_mut(&sequence)
            .ok_or(FragmentError::Unknown(sequence))?;
        if id != open.next {
            return Err(FragmentError::Order {
                found: id,
                expected: open.next,
            });
        }
        open.add(data, room);
        open.next -= 1;
        self.bytes += data.len();
        if open.next > 0 {
            return Ok(None);
        }
        let whole = self.open.remove(&sequence).map(|open| open.bytes);
        self.bytes -= whole.as_ref().map_or(0, Vec::len);
        Ok(whole)
    }

    /// Gives back a message that was handled: its memory is used for the next one, unless somebody else has it still.
    pub fn recycle(&mut self, message: impl Into<Arc<Vec<u8>>>) {
        let mut message = message.into();
        if let Some(message) = Arc::get_mut(&mut message) {
            message.clear();
            message.shrink_to(KEPT);
        }
        if message.capacity() <= KEPT {
            self.spare = message;
        }
    }

    fn begin(&mut self, sequence: u64, count: u64) -> Result<(), FragmentError> {
        if !(1..=self.limits.fragments).contains(&count) {
            return Err(FragmentError::Count(count));
        }
        if self.open.contains_key(&sequence) {
            return Err(FragmentError::Twice(sequence));
        }
        if self.open.len() >= self.limits.sequences {
            return Err(FragmentError::TooManySequences(self.limits.sequences));
        }
        let mut bytes = Arc::try_unwrap(std::mem::take(&mut self.spare)).unwrap_or_default();
        bytes.clear();
        let open = Open { next: count, bytes };
        self.open.insert(sequence, open);
        Ok(())
    }

    /// How many bytes more there may be.
    pub(crate) fn room(&self) -> usize {
        self.limits.bytes - self.bytes
    }

    /// How many messages are unfinished.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.open.len()
    }
}

/// A message that is being sent in fragments.
///
/// The owner sends a fragment of one message, then one of another, so that a large message does not hold up small ones. The fragments of
/// one sender's messages must not overtake each other.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::control::Control;
/// use otp_dist::wire::fragment::Split;
/// use otp_dist::wire::frame::Format;
/// use otp_etf::{Pid, Term};
///
/// let to = Pid { id: 90, serial: 0, node: "a@127.0.0.1".parse()?, creation: 4 };
/// let text = Term::from("a".repeat(200_000));
/// let mut frame = Vec::new();
/// Format::Header.message(
///     &mut frame,
///     |out| Control::Send { to }.encode(out),
///     |out| text.encode_into(out),
/// )?;
/// let mut split = Split::of_frame(1, frame).expect("it is large");
/// let mut fragments = 1;
/// let mut out = Vec::new();
/// while split.write_next(&mut out) {
///     fragments += 1;
/// }
/// assert_eq!(fragments, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Split {
    sequence: u64,
    /// What stands before the payload in the first fragment.
    head: Vec<u8>,
    /// Shared with the pieces that are given out.
    payload: Arc<Vec<u8>>,
    /// How many bytes of the payload are sent, or must not be sent.
    done: usize,
    is_first: bool,
}

/// A part of a payload, which is not copied.
pub(crate) struct Piece {
    payload: Arc<Vec<u8>>,
    part: Range<usize>,
}

impl Deref for Piece {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.payload[self.part.clone()]
    }
}

impl Split {
    /// Splits a message: a control message and its payload, both without version bytes. The first fragment has the whole `control`,
    /// which may end with the beginning of the payload.
    ///
    /// No other unfinished message of the connection may have the number.
    #[must_use]
    pub fn new(sequence: u64, control: Vec<u8>, payload: Vec<u8>) -> Self {
        Self {
            sequence,
            head: control,
            payload: Arc::new(payload),
            done: 0,
            is_first: true,
        }
    }

    /// Splits the one frame that [`Format::message`](frame::Format::message) has written. A frame that must be sent
    /// unchanged is returned: it is short, or has no [header](frame::Format::Header).
    ///
    /// No other unfinished message of the connection may have the number.
    ///
    /// # Errors
    ///
    /// The frame, if it is not split.
    pub fn of_frame(sequence: u64, frame: Vec<u8>) -> Result<Self, Vec<u8>> {
        match frame::message_within(&frame) {
            Some(done) if frame.len() - done > FRAGMENT => Ok(Self {
                done,
                ..Self::new(sequence, Vec::new(), frame)
            }),
            _ => Err(frame),
        }
    }

    /// Appends the next fragment as a frame, if there is one. Gives false if nothing is left after it.
    pub fn write_next(&mut self, out: &mut Vec<u8>) -> bool {
        if let Some(piece) = self.next_piece(out) {
            out.extend_from_slice(&piece);
        }
        self.left() > 0
    }

    /// Appends the beginning of the next fragment, if there is one, and gives the bytes that follow it.
    pub(crate) fn next_piece(&mut self, out: &mut Vec<u8>) -> Option<Piece> {
        let left = self.payload.len() - self.done;
        if left == 0 && !self.is_first {
            return None;
        }
        let end = self.done + left.min(FRAGMENT);
        let piece = Piece {
            payload: self.payload.clone(),
            part: self.done..end,
        };
        let begun = Fragment {
            is_first: self.is_first,
            sequence: self.sequence,
            id: left.div_ceil(FRAGMENT).max(1) as u64,
            data: &self.head,
        };
        frame::fragment(out, begun, piece.len());
        self.head = Vec::new();
        self.done = end;
        self.is_first = false;
        Some(piece)
    }

    /// How many bytes are not written yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.head.len() + self.payload.len() - self.done
    }
}

/// How much there is, without the bytes.
impl fmt::Debug for Assembler {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Assembler")
            .field("unfinished", &self.open.len())
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// How much is left, without the bytes.
impl fmt::Debug for Split {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Split")
            .field("sequence", &self.sequence)
            .field("left", &self.left())
            .finish_non_exhaustive()
    }
}
