//! Values of the user's that a supervisor holds.

use crate::process::panic;

/// A value whose destructor may panic without harm: the last hold on it is often the supervisor's, and a panic there would
/// end the supervisor with all its children.
pub(crate) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect("it is taken only as it is dropped")
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        panic::run_quietly(|| drop(self.0.take()));
    }
}
