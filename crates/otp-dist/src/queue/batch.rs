//! What is written at a time.

use std::io::IoSlice;

use crate::wire::fragment::Piece;

/// How much an empty batch keeps.
const KEPT: usize = 256 << 10;

/// Bytes to be written. Parts of large messages stand between them without being copied.
#[derive(Default)]
pub(crate) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// The parts, each with the number of the bytes before it.
    pieces: Vec<(usize, Piece)>,
    length_of_pieces: usize,
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.length_of_pieces
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn push(&mut self, piece: Piece) {
        self.length_of_pieces += piece.len();
        self.pieces.push((self.bytes.len(), piece));
    }

    /// The bytes, if there is nothing else.
    pub(crate) fn only_bytes(&self) -> Option<&[u8]> {
        self.pieces.is_empty().then_some(&*self.bytes)
    }

    /// The parts to write, in this order.
    pub(crate) fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut slices = Vec::with_capacity(2 * self.pieces.len() + 1);
        let mut from = 0;
        for (before, piece) in &self.pieces {
            slices.push(IoSlice::new(&self.bytes[from..*before]));
            slices.push(IoSlice::new(piece));
            from = *before;
        }
        slices.push(IoSlice::new(&self.bytes[from..]));
        slices
    }

    /// Forgets it. A buffer that was hardly used gives a half of its memory back.
    pub(crate) fn clear(&mut self) {
        if self.bytes.len() < self.bytes.capacity() / 4 {
            let half = self.bytes.capacity() / 2;
            self.bytes.shrink_to(half.max(KEPT));
        }
        self.bytes.clear();
        self.pieces.clear();
        self.length_of_pieces = 0;
    }
}
