//! From terms to bytes, with the tags that a BEAM chooses.

pub(crate) mod leaf;
mod typed;

use std::slice;

use miniz_oxide::deflate::compress_to_vec_zlib;
use thiserror::Error;

use crate::tag;
use crate::term::nest::CALLS;
use crate::term::{List, Term};

/// The longest list of bytes that is sent as a string.
pub(crate) const LONGEST_STRING: usize = 0xFFFF;

/// How many terms a container has at least for which it pays to look for a run of them.
const MANY: usize = 32;

/// How hard a term is compressed: zlib's own default, as in `term_to_binary(Term, [compressed])`.
const LEVEL: u8 = 6;

/// How much room is made for a term at first, which is enough for most messages.
pub(crate) const FIRST: usize = 128;

/// Why a term cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A float is infinite or not a number: Erlang has none.
    #[error("a float that is no number")]
    Float,
    /// A binary, an integer or a container is longer than the 4 bytes of its length can say.
    #[error("longer than the format can say")]
    TooLong,
}

impl Term {
    /// Writes the term as `term_to_binary` does it.
    ///
    /// # OTP
    ///
    /// `term_to_binary(Term, [deterministic, {minor_version, 2}])`, byte by byte. From OTP 26 on `{minor_version, 2}` is the default.
    ///
    /// # Differences from OTP
    ///
    /// OTP 26 and later write the atoms among a map's keys in the order of their table of atoms; here they are in the order of
    /// terms, as in OTP 25. Ports are written as OTP 26 and later do it.
    ///
    /// # Errors
    ///
    /// When it has an infinite float or NaN, or something of more than four billion parts.
    ///
    /// # Examples
    ///
    /// ```
    /// use otp_etf::term;
    ///
    /// assert_eq!(term!({ok, 1}).encode()?, [131, 104, 2, 119, 2, b'o', b'k', 97, 1]);
    /// # Ok::<(), otp_etf::EncodeError>(())
    /// ```
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::with_capacity(FIRST);
        out.push(tag::VERSION);
        self.encode_into(&mut out)?;
        Ok(out)
    }

    /// Appends the term without the version byte. The parts of a frame share one, or have one each.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode). If it fails, the bytes written before the error stay.
    pub fn encode_into(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        write(out, self, 0)
    }

    /// Writes the term compressed, if that makes it shorter.
    ///
    /// # OTP
    ///
    /// `term_to_binary(Term, [compressed])`. The compressed bytes may differ, as there are several ways to compress.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub fn encode_compressed(&self) -> Result<Vec<u8>, EncodeError> {
        let plain = self.encode()?;
        let size = u32::try_from(plain.len() - 1).map_err(|_| EncodeError::TooLong)?;
        let stream = compress_to_vec_zlib(&plain[1..], LEVEL);
        if stream.len() + 5 >= plain.len() {
            return Ok(plain);
        }
        let mut out = vec![tag::VERSION, tag::COMPRESSED];
        out.extend(size.to_be_bytes());
        out.extend(stream);
        Ok(out)
    }
}

/// Writes a term that is within so many containers, and those within it: the near ones by recursion.
#[inline(always)]
fn write(out: &mut Vec<u8>, term: &Term, depth: usize) -> Result<(), EncodeError> {
    let Some(is_open_list) = begin(out, term)? else {
        return Ok(());
    };
    let inner = inner(out, term);
    if depth < CALLS {
        write_all(out, inner, depth + 1)?;
    } else {
        write_deep(out, inner)?;
    }
    if is_open_list {
        out.push(tag::NIL);
    }
    Ok(())
}

fn write_all(
    out: &mut Vec<u8>,
    mut terms: slice::Iter<'_, Term>,
    depth: usize,
) -> Result<(), EncodeError> {
    terms.try_for_each(|term| write(out, term, depth))
}

/// Writes terms, and those within them in a loop.
#[cold]
fn write_deep(out: &mut Vec<u8>, terms: slice::Iter<'_, Term>) -> Result<(), EncodeError> {
    // The remaining elements of the outer containers, and whether a list must be closed after them.
    let mut outer: Vec<(slice::Iter<'_, Term>, bool)> = Vec::new();
    let mut here = (terms, false);
    loop {
        let Some(term) = here.0.next() else {
            if here.1 {
                out.push(tag::NIL);
            }
            match outer.pop() {
                Some(next) => here = next,
                None => return Ok(()),
            }
            continue;
        };
        let Some(is_open_list) = begin(out, term)? else {
            continue;
        };
        let inner = (inner(out, term), is_open_list);
        let rest = std::mem::replace(&mut here, inner);
        // A container without remaining elements need not be kept.
        if rest.1 || rest.0.len() > 0 {
            outer.push(rest);
        }
    }
}

/// The terms within a container that remain to be written: numbers at its beginning are written together.
#[inline(always)]
fn inner<'a>(out: &mut Vec<u8>, term: &'a Term) -> slice::Iter<'a, Term> {
    let mut terms = term.children().iter();
    if terms.len() >= MANY {
        numbers(out, &mut terms);
    }
    terms
}

/// Writes a term that holds no others, or the beginning of one that does: then the terms within it are to follow, and `[]` if
/// the answer is true.
#[inline(always)]
fn begin(out: &mut Vec<u8>, term: &Term) -> Result<Option<bool>, EncodeError> {
    match term {
        Term::Integer(number) => leaf::integer(out, *number),
        Term::Atom(atom) => leaf::atom(out, atom),
        Term::Binary(bytes) => leaf::binary(out, bytes)?,
        Term::Tuple(tuple) => {
            leaf::tuple(out, tuple.len())?;
            return Ok(Some(false));
        }
        Term::List(list) => return begin_list(out, list),
        Term::Map(map) => {
            leaf::map(out, map.len())?;
            return Ok(Some(false));
        }
        Term::ImproperList(list) => {
            leaf::list(out, list.elements().len())?;
            return Ok(Some(false));
        }
        Term::Record(record) => {
            leaf::record(out, record)?;
            return Ok(Some(false));
        }
        Term::Float(number) => leaf::float(out, *number)?,
        Term::BigInt(number) => leaf::big(out, number.is_negative(), number.magnitude())?,
        Term::BitString(bits) => leaf::bits(out, bits)?,
        Term::Pid(pid) => leaf::pid(out, pid),
        Term::Port(port) => leaf::port(out, port),
        Term::Reference(reference) => leaf::reference(out, reference),
        Term::Export(export) => leaf::export(out, export),
        Term::Fun(fun) => out.extend_from_slice(fun.as_bytes()),
    }
    Ok(None)
}

fn begin_list(out: &mut Vec<u8>, list: &List) -> Result<Option<bool>, EncodeError> {
    match list.as_bytes() {
        Some([]) => out.push(tag::NIL),
        Some(bytes) if bytes.len() <= LONGEST_STRING => leaf::string(out, bytes),
        None if list.is_empty() => out.push(tag::NIL),
        None if string(out, list) => {}
        _ => {
            leaf::list(out, list.len())?;
            return Ok(Some(true));
        }
    }
    Ok(None)
}

/// Writes the floats and the integers of up to 32 bits that come next. They are put together in a buffer, as making room for each takes as
/// long as writing it.
#[inline(never)]
fn numbers(out: &mut Vec<u8>, terms: &mut slice::Iter<'_, Term>) {
    /// The longest of them.
    const LONGEST: usize = 9;

    loop {
        let mut buffer = [0; LONGEST * MANY];
        let mut length = 0;
        let mut written = 0;
        for term in terms.as_slice().iter().take(MANY) {
            let Some(place) = buffer[length..].first_chunk_mut::<LONGEST>() else {
                break;
            };
            match *term {
                Term::Integer(number) => {
                    let Ok(number) = i32::try_from(number) else {
                        break;
                    };
                    if let Ok(byte) = u8::try_from(number) {
                        place[..2].copy_from_slice(&[tag::SMALL_INTEGER, byte]);
                        length += 2;
                    } else {
                        place[0] = tag::INTEGER;
                        place[1..5].copy_from_slice(&number.to_be_bytes());
                        length += 5;
                    }
                }
                Term::Float(number) if number.is_finite() => {
                    place[0] = tag::NEW_FLOAT;
                    place[1..].copy_from_slice(&number.to_be_bytes());
                    length += LONGEST;
                }
                _ => break,
            }
            written += 1;
        }
        if written == 0 {
            return;
        }
        out.extend_from_slice(&buffer[..length]);
        *terms = terms.as_slice()[written..].iter();
    }
}

/// Writes a list of bytes in its short form. Gives false, with nothing written, if it is none.
fn string(out: &mut Vec<u8>, list: &[Term]) -> bool {
    let is_byte = |term: &Term| matches!(term, Term::Integer(0..=255));
    // Nearly always the first or the last element decides.
    if list.len() > LONGEST_STRING
        || ![list.first(), list.last()]
            .into_iter()
            .flatten()
            .all(is_byte)
    {
        return false;
    }
    let before = out.len();
    out.push(tag::STRING);
    out.extend_from_slice(&(list.len() as u16).to_be_bytes());
    out.resize(before + 3 + list.len(), 0);
    // Every element is looked at, as a loop that may end early takes longer.
    let mut others = false;
    for (place, term) in out[before + 3..].iter_mut().zip(list) {
        let number = term.as_integer().unwrap_or(-1);
        *place = number as u8;
        others |= number as u64 > 255;
    }
    if others {
        out.truncate(before);
    }
    !others
}
