//! Values of the user's that are together, and are dropped one by one.

use super::run_quietly;

/// A value of the user's that is dropped together with others of the user's.
///
/// A panic of its destructor counts, but for one that comes while another one unwinds: that would end the program, and
/// ends here.
pub(crate) struct OneOfMany<T>(Option<T>);

impl<T> OneOfMany<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0
            .as_mut()
            .expect("the value stays until this is dropped")
    }
}

impl<T> Drop for OneOfMany<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            run_quietly(|| drop(self.0.take()));
        }
    }
}

/// Drops values of the user's one by one: of several that panic one counts, and none ends the program.
pub(crate) fn drop_values<T>(values: impl IntoIterator<Item = T>) {
    let values: Vec<_> = values.into_iter().map(OneOfMany::new).collect();
    drop(values);
}

/// Values of the user's that are together while code of the user's runs: the iterator or the copying that makes them, a
/// function that looks at them. If that panics, or if they are let go of, they are dropped [one by one](drop_values).
pub(crate) struct OneByOne<T>(Vec<T>);

impl<T> OneByOne<T> {
    pub(crate) fn new(values: Vec<T>) -> Self {
        Self(values)
    }

    /// The values, for whoever asked for them.
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        std::mem::take(&mut self.0)
    }
}

impl<T> std::ops::Deref for OneByOne<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> std::ops::DerefMut for OneByOne<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T> FromIterator<T> for OneByOne<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut all = Self(Vec::new());
        all.0.extend(values);
        all
    }
}

impl<T> Drop for OneByOne<T> {
    fn drop(&mut self) {
        if std::mem::needs_drop::<T>() {
            drop_values(self.0.drain(..));
        }
    }
}
