//! Terms of Rust's values, and Rust's values of terms.

use super::{
    Atom, BigInt, Binary, BitString, Export, Fun, ImproperList, List, Map, Pid, Port, Record,
    Reference, Term, Tuple,
};

impl Term {
    /// The empty list, `[]`.
    #[must_use]
    pub fn nil() -> Self {
        Self::List(List::default())
    }

    /// A tuple of these terms.
    #[must_use]
    pub fn tuple(terms: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(terms.into_iter().collect())
    }

    /// A list of these terms.
    #[must_use]
    pub fn list(terms: impl IntoIterator<Item = Self>) -> Self {
        Self::List(terms.into_iter().collect())
    }

    /// A map of these entries. If a key comes more than once, its last value stays.
    #[must_use]
    pub fn map(entries: impl IntoIterator<Item = (Self, Self)>) -> Self {
        Self::Map(entries.into_iter().collect())
    }

    /// The list of a text's characters, which is a text for many functions of Erlang's.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::Term;
    ///
    /// assert_eq!(Term::charlist("abc").to_string(), "\"abc\"");
    /// ```
    #[must_use]
    pub fn charlist(text: &str) -> Self {
        if text.is_ascii() {
            return Self::List(List::from_bytes(text.as_bytes()));
        }
        Self::list(
            text.chars()
                .map(|sign| Self::Integer(i64::from(u32::from(sign)))),
        )
    }

    /// The atom, if it is one.
    #[must_use]
    pub fn as_atom(&self) -> Option<&Atom> {
        match self {
            Self::Atom(atom) => Some(atom),
            _ => None,
        }
    }

    /// The number, if it is an integer that fits.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if it is a float.
    #[must_use]
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is a binary in UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_bytes()
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The bytes, if it is a binary.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Binary(binary) => Some(binary),
            _ => None,
        }
    }

    /// The terms, if it is a tuple.
    #[must_use]
    pub fn as_tuple(&self) -> Option<&[Self]> {
        match self {
            Self::Tuple(tuple) => Some(tuple),
            _ => None,
        }
    }

    /// The terms, if it is a list that ends with `[]`.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The process, if it is one.
    #[must_use]
    pub fn as_pid(&self) -> Option<&Pid> {
        match self {
            Self::Pid(pid) => Some(pid),
            _ => None,
        }
    }

    /// The reference, if it is one.
    #[must_use]
    pub fn as_reference(&self) -> Option<&Reference> {
        match self {
            Self::Reference(reference) => Some(reference),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($type:ty, $value:ident => $term:expr;)*) => {
        $(impl From<$type> for Term {
            fn from($value: $type) -> Self {
                $term
            }
        })*
    };
}

from! {
    i8, number => Self::Integer(number.into());
    i16, number => Self::Integer(number.into());
    i32, number => Self::Integer(number.into());
    i64, number => Self::Integer(number);
    u8, number => Self::Integer(number.into());
    u16, number => Self::Integer(number.into());
    u32, number => Self::Integer(number.into());
    u64, number => Self::from(u128::from(number));
    usize, number => Self::from(number as u64);
    isize, number => Self::Integer(number as i64);
    i128, number => Self::from_sign_magnitude(number < 0, &number.unsigned_abs().to_le_bytes());
    u128, number => Self::from_sign_magnitude(false, &number.to_le_bytes());
    f32, number => Self::Float(number.into());
    f64, number => Self::Float(number);
    bool, truth => Self::Atom(truth.into());
    Atom, atom => Self::Atom(atom);
    &str, text => Self::Binary(text.as_bytes().into());
    String, text => Self::Binary(text.into_bytes().into());
    &[u8], bytes => Self::Binary(bytes.into());
    Binary, binary => Self::Binary(binary);
    BitString, bits => Self::BitString(bits);
    BigInt, number => Self::BigInt(number);
    Pid, pid => Self::Pid(Box::new(pid));
    Port, port => Self::Port(Box::new(port));
    Reference, reference => Self::Reference(Box::new(reference));
    Fun, fun => Self::Fun(Box::new(fun));
    Export, export => Self::Export(Box::new(export));
    Tuple, tuple => Self::Tuple(tuple);
    List, list => Self::List(list);
    ImproperList, list => Self::ImproperList(list);
    Map, map => Self::Map(map);
    Record, record => Self::Record(Box::new(record));
}

/// A list, of bytes too: a [`Binary`] is made of a slice of them.
impl<T: Into<Self>> From<Vec<T>> for Term {
    fn from(terms: Vec<T>) -> Self {
        Self::list(terms.into_iter().map(Into::into))
    }
}

/// The value, or the atom `nil`.
impl<T: Into<Self>> From<Option<T>> for Term {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Atom(Atom::NIL), Into::into)
    }
}

/// The empty list.
impl Default for Term {
    fn default() -> Self {
        Self::nil()
    }
}
