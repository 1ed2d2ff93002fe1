//! Large messages that leave in fragments, one of each in turn.

use std::collections::VecDeque;

use otp_etf::Pid;

use super::Batch;
use crate::wire::fragment::Split;

/// The senders of large messages that are not written yet. Other messages of such a sender wait behind its large
/// message; signals of other senders do not.
#[derive(Default)]
pub(super) struct Lanes {
    /// The next one comes first.
    lanes: VecDeque<Lane>,
    bytes: usize,
}

struct Lane {
    sender: Pid,
    sending: Split,
    behind: VecDeque<Behind>,
}

enum Behind {
    /// Whole frames.
    Small(Vec<u8>),
    Large(Split),
}

impl Behind {
    fn len(&self) -> usize {
        match self {
            Self::Small(bytes) => bytes.len(),
            Self::Large(split) => split.left(),
        }
    }
}

impl Lanes {
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// How many bytes wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many bytes are left of the largest message that is under way.
    pub(super) fn largest(&self) -> usize {
        let left = self.lanes.iter().map(|lane| lane.sending.left());
        left.max().unwrap_or(0)
    }

    /// A large message: it begins at once, or when the earlier messages of its sender are written.
    pub(super) fn enter(&mut self, sender: &Pid, message: Split) {
        self.bytes += message.left();
        match self.of(sender) {
            Some(lane) => lane.behind.push_back(Behind::Large(message)),
            None => self.lanes.push_back(Lane {
                sender: sender.clone(),
                sending: message,
                behind: VecDeque::new(),
            }),
        }
    }

    /// Where a sender's frames go, if they have to wait.
    pub(super) fn behind(&mut self, sender: &Pid, write: impl FnOnce(&mut Vec<u8>)) {
        let Some(lane) = self.of(sender) else {
            return;
        };
        if !matches!(lane.behind.back(), Some(Behind::Small(_))) {
            lane.behind.push_back(Behind::Small(Vec::new()));
        }
        let Some(Behind::Small(bytes)) = lane.behind.back_mut() else {
            return;
        };
        let before = bytes.len();
        write(bytes);
        let written = bytes.len() - before;
        self.bytes += written;
    }

    pub(super) fn has(&self, sender: &Pid) -> bool {
        self.lanes.iter().any(|lane| lane.sender == *sender)
    }

    fn of(&mut self, sender: &Pid) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.sender == *sender)
    }

    /// Appends a fragment of the next message, and the messages that follow its last fragment.
    pub(super) fn write_next(&mut self, out: &mut Batch) {
        let Some(mut lane) = self.lanes.pop_front() else {
            return;
        };
        let before = lane.sending.left();
        if let Some(piece) = lane.sending.next_piece(&mut out.bytes) {
            out.push(piece);
        }
        let left = lane.sending.left();
        self.bytes -= before - left;
        if left > 0 {
            self.lanes.push_back(lane);
            return;
        }
        while let Some(behind) = lane.behind.pop_front() {
            match behind {
                Behind::Small(bytes) => {
                    self.bytes -= bytes.len();
                    out.bytes.extend_from_slice(&bytes);
                }
                Behind::Large(next) => {
                    lane.sending = next;
                    self.lanes.push_back(lane);
                    return;
                }
            }
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) -> impl Sized + use<> {
        debug_assert_eq!(self.bytes, self.waiting(), "nothing is counted twice");
        self.bytes = 0;
        std::mem::take(&mut self.lanes)
    }

    fn waiting(&self) -> usize {
        let of_lane =
            |lane: &Lane| lane.sending.left() + lane.behind.iter().map(Behind::len).sum::<usize>();
        self.lanes.iter().map(of_lane).sum()
    }
}
