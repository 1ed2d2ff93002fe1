//! Terms that hold no others, and how containers begin.

use super::EncodeError;
use crate::tag;
use crate::term::atom::INLINE;
use crate::term::{Atom, BitString, Export, Pid, Port, Record, Reference};

fn length(length: usize) -> Result<[u8; 4], EncodeError> {
    u32::try_from(length)
        .map(u32::to_be_bytes)
        .map_err(|_| EncodeError::TooLong)
}

#[inline(always)]
pub(crate) fn integer(out: &mut Vec<u8>, number: i64) {
    if let Ok(byte) = u8::try_from(number) {
        out.extend_from_slice(&[tag::SMALL_INTEGER, byte]);
    } else if let Ok(number) = i32::try_from(number) {
        let [a, b, c, d] = number.to_be_bytes();
        out.extend_from_slice(&[tag::INTEGER, a, b, c, d]);
    } else {
        large(out, number);
    }
}

/// An integer of more than 32 bits.
#[inline(never)]
fn large(out: &mut Vec<u8>, number: i64) {
    let magnitude = number.unsigned_abs();
    let length = 8 - magnitude.leading_zeros() as usize / 8;
    out.extend_from_slice(&[tag::SMALL_BIG, length as u8, u8::from(number < 0)]);
    out.extend_from_slice(&magnitude.to_le_bytes()[..length]);
}

/// An integer of up to 128 bits.
pub(crate) fn wide(out: &mut Vec<u8>, negative: bool, magnitude: u128) -> Result<(), EncodeError> {
    let signed = if negative {
        0i64.checked_sub_unsigned(magnitude.min(u128::from(u64::MAX)) as u64)
    } else {
        i64::try_from(magnitude).ok()
    };
    match signed {
        Some(small) => integer(out, small),
        None => {
            let length = 16 - magnitude.leading_zeros() as usize / 8;
            big(out, negative, &magnitude.to_le_bytes()[..length])?;
        }
    }
    Ok(())
}

pub(crate) fn big(out: &mut Vec<u8>, negative: bool, magnitude: &[u8]) -> Result<(), EncodeError> {
    match u8::try_from(magnitude.len()) {
        Ok(length) => out.extend_from_slice(&[tag::SMALL_BIG, length]),
        Err(_) => {
            out.push(tag::LARGE_BIG);
            out.extend(length(magnitude.len())?);
        }
    }
    out.push(negative.into());
    out.extend_from_slice(magnitude);
    Ok(())
}

pub(crate) fn float(out: &mut Vec<u8>, number: f64) -> Result<(), EncodeError> {
    if !number.is_finite() {
        return Err(EncodeError::Float);
    }
    let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
    out.extend_from_slice(&[tag::NEW_FLOAT, a, b, c, d, e, f, g, h]);
    Ok(())
}

#[inline]
pub(crate) fn atom(out: &mut Vec<u8>, atom: &Atom) {
    match atom.inline() {
        Some((length, bytes)) => {
            // As many bytes as there may be: to copy as many as there are is a call.
            let mut buffer = [0; 2 + INLINE];
            buffer[..2].copy_from_slice(&[tag::SMALL_ATOM_UTF8, length]);
            buffer[2..].copy_from_slice(bytes);
            let end = out.len() + 2 + usize::from(length);
            out.extend_from_slice(&buffer);
            out.truncate(end);
        }
        None => atom_text(out, atom.as_bytes()),
    }
}

/// An atom of a text that has at most 255 characters.
#[inline]
pub(crate) fn atom_text(out: &mut Vec<u8>, text: &[u8]) {
    match u8::try_from(text.len()) {
        Ok(length) => out.extend_from_slice(&[tag::SMALL_ATOM_UTF8, length]),
        Err(_) => {
            out.push(tag::ATOM_UTF8);
            out.extend_from_slice(&(text.len() as u16).to_be_bytes());
        }
    }
    out.extend_from_slice(text);
}

#[inline]
pub(crate) fn binary(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EncodeError> {
    let [a, b, c, d] = length(bytes.len())?;
    out.reserve(bytes.len() + 5);
    out.extend_from_slice(&[tag::BINARY, a, b, c, d]);
    out.extend_from_slice(bytes);
    Ok(())
}

/// A list of bytes, as many as two bytes can count.
pub(super) fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(tag::STRING);
    out.extend((bytes.len() as u16).to_be_bytes());
    out.extend_from_slice(bytes);
}

pub(super) fn bits(out: &mut Vec<u8>, bits: &BitString) -> Result<(), EncodeError> {
    out.push(tag::BIT_BINARY);
    out.extend(length(bits.bytes().len())?);
    out.push(bits.bits_in_last());
    out.extend_from_slice(bits.bytes());
    Ok(())
}

#[inline]
pub(crate) fn tuple(out: &mut Vec<u8>, arity: usize) -> Result<(), EncodeError> {
    match u8::try_from(arity) {
        Ok(arity) => out.extend_from_slice(&[tag::SMALL_TUPLE, arity]),
        Err(_) => {
            out.push(tag::LARGE_TUPLE);
            out.extend(length(arity)?);
        }
    }
    Ok(())
}

#[inline]
pub(crate) fn list(out: &mut Vec<u8>, elements: usize) -> Result<(), EncodeError> {
    let [a, b, c, d] = length(elements)?;
    out.extend_from_slice(&[tag::LIST, a, b, c, d]);
    Ok(())
}

#[inline]
pub(crate) fn map(out: &mut Vec<u8>, entries: usize) -> Result<(), EncodeError> {
    let [a, b, c, d] = length(entries)?;
    out.extend_from_slice(&[tag::MAP, a, b, c, d]);
    Ok(())
}

pub(super) fn record(out: &mut Vec<u8>, record: &Record) -> Result<(), EncodeError> {
    out.push(tag::RECORD);
    out.extend(length(record.names().len())?);
    out.push(record.flags);
    atom(out, &record.module);
    atom(out, &record.name);
    record.names().iter().for_each(|name| atom(out, name));
    Ok(())
}

pub(super) fn pid(out: &mut Vec<u8>, pid: &Pid) {
    out.push(tag::NEW_PID);
    atom(out, &pid.node);
    for number in [pid.id, pid.serial, pid.creation] {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

pub(super) fn port(out: &mut Vec<u8>, port: &Port) {
    out.push(tag::V4_PORT);
    atom(out, &port.node);
    out.extend_from_slice(&port.id.to_be_bytes());
    out.extend_from_slice(&port.creation.to_be_bytes());
}

pub(super) fn reference(out: &mut Vec<u8>, reference: &Reference) {
    out.push(tag::NEWER_REFERENCE);
    out.extend_from_slice(&(reference.words().len() as u16).to_be_bytes());
    atom(out, reference.node());
    out.extend_from_slice(&reference.creation().to_be_bytes());
    for word in reference.words() {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

pub(super) fn export(out: &mut Vec<u8>, export: &Export) {
    out.push(tag::EXPORT);
    atom(out, &export.module);
    atom(out, &export.function);
    out.extend_from_slice(&[tag::SMALL_INTEGER, export.arity]);
}
