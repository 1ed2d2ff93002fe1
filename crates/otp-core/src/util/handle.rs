//! The parts that all handles on processes share.

/// The traits of a handle on one process. Two handles are equal if they lead to the same process.
macro_rules! handle {
    ($handle:ident $(<$param:ident $(: $bound:path)?>)?, self $($pid:tt)+) => {
        impl $(<$param $(: $bound)?>)? PartialEq for $handle $(<$param>)? {
            fn eq(&self, other: &Self) -> bool {
                self $($pid)+ == other $($pid)+
            }
        }

        impl $(<$param $(: $bound)?>)? Eq for $handle $(<$param>)? {}

        impl $(<$param $(: $bound)?>)? std::hash::Hash for $handle $(<$param>)? {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                std::hash::Hash::hash(&(self $($pid)+), state);
            }
        }

        impl $(<$param $(: $bound)?>)? std::fmt::Debug for $handle $(<$param>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($handle), "({})"), self $($pid)+)
            }
        }

        impl $(<$param $(: $bound)?>)? From<&$handle $(<$param>)?> for crate::pid::Pid {
            fn from(handle: &$handle $(<$param>)?) -> Self {
                handle $($pid)+
            }
        }

        impl $(<$param $(: $bound)?>)? From<$handle $(<$param>)?> for crate::pid::Pid {
            fn from(handle: $handle $(<$param>)?) -> Self {
                handle $($pid)+
            }
        }

        impl $(<$param $(: $bound)?>)? From<&$handle $(<$param>)?> for crate::address::Target {
            fn from(handle: &$handle $(<$param>)?) -> Self {
                Self::Pid(handle $($pid)+)
            }
        }

        impl $(<$param $(: $bound)?>)? From<$handle $(<$param>)?> for crate::address::Target {
            fn from(handle: $handle $(<$param>)?) -> Self {
                Self::Pid(handle $($pid)+)
            }
        }

        crate::util::handle::unwind_safe!($handle $(<$param $(: $bound)?>)?);
    };
}

/// A panic leaves a handle unchanged: the value behind it is shared behind locks, and no user code runs under these
/// locks.
macro_rules! unwind_safe {
    ($handle:ident $(<$($param:ident $(: $bound:path)?),+>)?) => {
        impl $(<$($param $(: $bound)?),+>)? std::panic::UnwindSafe for $handle $(<$($param),+>)? {}
        impl $(<$($param $(: $bound)?),+>)? std::panic::RefUnwindSafe for $handle $(<$($param),+>)? {}
    };
}

pub(crate) use handle;
pub(crate) use unwind_safe;
