//! Types of which it is known that their values run no code of the user's.

use std::any::TypeId;
use std::borrow::Cow;

use crate::pid::Pid;

macro_rules! is_one_of {
    ($type:ident: $($known:ty)*) => {
        $(TypeId::of::<$type>() == TypeId::of::<$known>())||*
    };
}

/// Whether values of the type may be copied in a critical section, as that takes neither foreign code nor time.
#[inline(always)]
pub(crate) fn is_copied_plainly<T: 'static>() -> bool {
    is_one_of!(T: () bool char i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 Pid &'static str)
}

/// Whether values of the type may be compared in a critical section.
#[inline(always)]
pub(crate) fn is_compared_plainly<T: 'static>() -> bool {
    is_copied_plainly::<T>() || is_one_of!(T: String Box<str> Cow<'static, str> Vec<u8>)
}

#[cfg(test)]
mod tests {
    use super::{is_compared_plainly, is_copied_plainly};

    #[test]
    fn what_may_be_the_users_is_not_plain() {
        #[derive(Clone, Copy, PartialEq, Eq)]
        struct Theirs(u64);

        assert!(is_copied_plainly::<u64>() && is_compared_plainly::<u64>());
        assert!(!is_copied_plainly::<String>() && is_compared_plainly::<String>());
        assert!(!is_copied_plainly::<Theirs>() && !is_compared_plainly::<Theirs>());
        assert!(!is_compared_plainly::<(u64, Theirs)>() && !is_compared_plainly::<Vec<Theirs>>());
    }
}
