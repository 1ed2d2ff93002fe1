//! The containers around the one that is being read.

/// How many are kept without an allocation.
const NEAR: usize = 4;

/// A stack whose first places are in the value; they are made with the first push.
pub(super) struct Stack<T> {
    near: Option<[T; NEAR]>,
    length: usize,
    far: Vec<T>,
}

impl<T: Default> Stack<T> {
    pub(super) fn new() -> Self {
        Self {
            near: None,
            length: 0,
            far: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, outer: T) {
        match self.near.get_or_insert_default().get_mut(self.length) {
            Some(place) => *place = outer,
            None => self.far.push(outer),
        }
        self.length += 1;
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.length = self.length.checked_sub(1)?;
        match self.near.as_mut()?.get_mut(self.length) {
            Some(place) => Some(std::mem::take(place)),
            None => self.far.pop(),
        }
    }
}
