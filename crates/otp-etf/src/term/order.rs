//! The order of terms, in a loop.

use std::cmp::Ordering;
use std::slice;

use super::{BigInt, Term};

/// How integers and floats are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// By value: 1 and 1.0 are equal.
    Mixed,
    /// All integers are less than all floats, as in the keys of maps.
    Apart,
}

/// The number of the place of a term's kind in the order, as far as the empty list and others are kinds of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Number,
    Atom,
    Reference,
    Fun,
    Port,
    Pid,
    Tuple,
    Record,
    Map,
    Nil,
    List,
    Bits,
}

fn kind(term: &Term) -> Kind {
    match term {
        Term::Integer(_) | Term::BigInt(_) | Term::Float(_) => Kind::Number,
        Term::Atom(_) => Kind::Atom,
        Term::Reference(_) => Kind::Reference,
        Term::Fun(_) | Term::Export(_) => Kind::Fun,
        Term::Port(_) => Kind::Port,
        Term::Pid(_) => Kind::Pid,
        Term::Tuple(_) => Kind::Tuple,
        Term::Record(_) => Kind::Record,
        Term::Map(_) => Kind::Map,
        Term::List(list) if list.is_empty() => Kind::Nil,
        Term::List(_) | Term::ImproperList(_) => Kind::List,
        Term::Binary(_) | Term::BitString(_) => Kind::Bits,
    }
}

/// Terms that are compared in pairs, and the result if all are equal.
struct Pairs<'a> {
    left: &'a [Term],
    right: &'a [Term],
    next: usize,
    /// 2 for the keys of a map, or its values.
    step: usize,
    numbers: Numbers,
    otherwise: Ordering,
}

impl<'a> Pairs<'a> {
    fn all(left: &'a [Term], right: &'a [Term], numbers: Numbers) -> Self {
        Self {
            left,
            right,
            next: 0,
            step: 1,
            numbers,
            otherwise: Ordering::Equal,
        }
    }
}

/// The elements of a list, and the kind of its tail.
fn elements(list: &Term) -> (&[Term], Kind) {
    match list {
        Term::ImproperList(list) => (list.elements(), kind(list.tail())),
        other => (other.children(), Kind::Nil),
    }
}

/// The order of two terms but for those within them, which are put on `inner`.
fn head<'a>(
    left: &'a Term,
    right: &'a Term,
    numbers: Numbers,
    inner: &mut Vec<Pairs<'a>>,
) -> Ordering {
    match (left, right) {
        (Term::Atom(left), Term::Atom(right)) => left.cmp(right),
        (Term::Integer(left), Term::Integer(right)) => left.cmp(right),
        (Term::Binary(left), Term::Binary(right)) => left.cmp(right),
        (Term::Tuple(_), Term::Tuple(_)) => {
            let (left, right) = (left.children(), right.children());
            inner.push(Pairs::all(left, right, numbers));
            left.len().cmp(&right.len())
        }
        (Term::Map(left), Term::Map(right)) => {
            let (left, right) = (left.all(), right.all());
            let values = Pairs {
                next: 1,
                step: 2,
                ..Pairs::all(left, right, numbers)
            };
            let keys = Pairs {
                step: 2,
                ..Pairs::all(left, right, Numbers::Apart)
            };
            inner.extend([values, keys]);
            left.len().cmp(&right.len())
        }
        (Term::Record(left), Term::Record(right)) => {
            inner.push(Pairs::all(left.values(), right.values(), numbers));
            let name = (&left.module, &left.name).cmp(&(&right.module, &right.name));
            let (left, right) = ((left.names(), left.flags), (right.names(), right.flags));
            let fields = left.0.len().cmp(&right.0.len());
            name.then(fields).then_with(|| left.cmp(&right))
        }
        (Term::ImproperList(left), Term::ImproperList(right))
            if left.all().len() == right.all().len() =>
        {
            inner.push(Pairs::all(left.all(), right.all(), numbers));
            Ordering::Equal
        }
        _ => {
            let kinds = (kind(left), kind(right));
            match kinds {
                (Kind::Number, Kind::Number) => number(left, right, numbers),
                (Kind::List, Kind::List) => {
                    let ((left, left_tail), (right, right_tail)) =
                        (elements(left), elements(right));
                    let common = left.len().min(right.len());
                    // The remainder of a list that continues is a list.
                    let rest = |length, tail| if length > common { Kind::List } else { tail };
                    let rests = (rest(left.len(), left_tail), rest(right.len(), right_tail));
                    let pairs = Pairs::all(&left[..common], &right[..common], numbers);
                    inner.push(Pairs {
                        otherwise: rests.0.cmp(&rests.1),
                        ..pairs
                    });
                    Ordering::Equal
                }
                _ => kinds.0.cmp(&kinds.1).then_with(|| leaf(left, right)),
            }
        }
    }
}

/// The order of two terms of one kind that hold no others.
fn leaf(left: &Term, right: &Term) -> Ordering {
    match (left, right) {
        (Term::Pid(left), Term::Pid(right)) => left.cmp(right),
        (Term::Port(left), Term::Port(right)) => left.cmp(right),
        (Term::Reference(left), Term::Reference(right)) => left.cmp(right),
        (Term::Export(left), Term::Export(right)) => left.cmp(right),
        (Term::Fun(left), Term::Fun(right)) => left.cmp(right),
        (Term::Fun(_), Term::Export(_)) => Ordering::Less,
        (Term::Export(_), Term::Fun(_)) => Ordering::Greater,
        _ => bits(left).cmp(&bits(right)),
    }
}

/// The bytes of a bitstring, and how many bits there are: bits that are missing in the last byte are 0.
fn bits(term: &Term) -> (&[u8], usize) {
    match term {
        Term::Binary(binary) => (binary, binary.len() * 8),
        Term::BitString(bits) => (bits.bytes(), bits.bit_len()),
        _ => (&[], 0),
    }
}

fn number(left: &Term, right: &Term, numbers: Numbers) -> Ordering {
    match (left, right) {
        (Term::Float(left), Term::Float(right)) => match numbers {
            Numbers::Apart => left.total_cmp(right),
            Numbers::Mixed => left
                .partial_cmp(right)
                .unwrap_or_else(|| left.total_cmp(right)),
        },
        (Term::Float(left), right) => match numbers {
            Numbers::Apart => Ordering::Greater,
            Numbers::Mixed => with_float(right, *left).reverse(),
        },
        (left, Term::Float(right)) => match numbers {
            Numbers::Apart => Ordering::Less,
            Numbers::Mixed => with_float(left, *right),
        },
        (Term::Integer(left), Term::Integer(right)) => left.cmp(right),
        (Term::BigInt(left), Term::BigInt(right)) => left.cmp(right),
        // It is outside of the range of the other.
        (Term::BigInt(left), _) => {
            if left.is_negative() {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (_, Term::BigInt(right)) => {
            if right.is_negative() {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        _ => Ordering::Equal,
    }
}

/// An integer beside a float, by their exact values.
fn with_float(integer: &Term, float: f64) -> Ordering {
    /// The least power of two that no `i64` reaches.
    const BEYOND: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() || float.is_infinite() {
        return if float > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        };
    }
    if !(-BEYOND..BEYOND).contains(&float) {
        // A float as large as this is an integer: 53 bits and zeros.
        let exponent = (float.to_bits() >> 52 & 0x7FF) as usize - 1075;
        let mantissa = float.to_bits() & ((1 << 52) - 1) | 1 << 52;
        let mut magnitude = vec![0; exponent / 8];
        magnitude.extend((mantissa << (exponent % 8)).to_le_bytes());
        let float = Term::from_sign_magnitude(float < 0.0, &magnitude);
        return number(integer, &float, Numbers::Mixed);
    }
    match integer {
        Term::Integer(integer) => {
            let whole = float.trunc();
            integer.cmp(&(whole as i64)).then_with(|| {
                let fraction = float - whole;
                0.0.partial_cmp(&fraction).unwrap_or(Ordering::Equal)
            })
        }
        Term::BigInt(big) if BigInt::is_negative(big) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

fn compare(left: &[Term], right: &[Term], numbers: Numbers) -> Ordering {
    let mut waiting = vec![Pairs::all(left, right, numbers)];
    while let Some(pairs) = waiting.last_mut() {
        let at = pairs.next;
        let (Some(left), Some(right)) = (pairs.left.get(at), pairs.right.get(at)) else {
            match pairs.otherwise {
                Ordering::Equal => waiting.pop(),
                order => return order,
            };
            continue;
        };
        pairs.next += pairs.step;
        let numbers = pairs.numbers;
        match head(left, right, numbers, &mut waiting) {
            Ordering::Equal => {}
            order => return order,
        }
    }
    Ordering::Equal
}

/// The order of two terms; without an allocation if both hold no others.
fn compare_two(left: &Term, right: &Term, numbers: Numbers) -> Ordering {
    if left.children().is_empty() || right.children().is_empty() {
        return head(left, right, numbers, &mut Vec::new());
    }
    compare(slice::from_ref(left), slice::from_ref(right), numbers)
}

impl Term {
    /// Compares two terms as Erlang's `<`, `==` and `>` do: numbers by their values, so that 1 and 1.0 are equal.
    ///
    /// # OTP
    ///
    /// number < atom < reference < fun < port < pid < tuple < record < map < nil < list < bit string.
    ///
    /// # Differences from OTP
    ///
    /// Functions that were written in place are compared by the bytes they are sent as.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::{Term, term};
    /// use std::cmp::Ordering;
    ///
    /// assert_eq!(term!(1).term_order(&term!(1.0)), Ordering::Equal);
    /// assert_eq!(term!({z}).term_order(&term!({a, a})), Ordering::Less);
    /// assert!(term!(2) < term!(1.0), "in maps, integers come before floats");
    /// ```
    #[must_use]
    pub fn term_order(&self, other: &Self) -> Ordering {
        compare_two(self, other, Numbers::Mixed)
    }
}

impl Ord for Term {
    /// Compares two terms as the keys of a map: all integers come before all floats.
    fn cmp(&self, other: &Self) -> Ordering {
        compare_two(self, other, Numbers::Apart)
    }
}

impl PartialOrd for Term {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
