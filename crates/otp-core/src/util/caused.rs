//! Errors that contain other errors.

/// The text of an error that contains an exit reason or another error, and its source: that of the cause, whose text is in
/// the error's already. So a chain of causes shows each of them once. `thiserror` would take the cause itself for the source.
macro_rules! caused {
    ($error:ident $(<$of:ident>)? { $($variant:pat => ($($text:tt)+) $(by $cause:ident)?,)+ }) => {
        impl $(<$of: ::std::fmt::Display>)? ::std::fmt::Display for $error $(<$of>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    $($variant => write!(f, $($text)+),)+
                }
            }
        }

        impl $(<$of: ::std::fmt::Debug + ::std::fmt::Display>)? ::std::error::Error for $error $(<$of>)? {
            #[allow(unused_variables, reason = "most are in the text only")]
            fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
                match self {
                    $($variant => None$(.or(::std::error::Error::source($cause)))?,)+
                }
            }
        }
    };
}
pub(crate) use caused;
