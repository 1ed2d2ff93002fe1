//! Terms as Erlang writes and reads them.

use std::fmt::{self, Write};

use super::{Style, float};
use crate::term::{Atom, Term};

/// Words that are atoms only between quotes.
const RESERVED: &[&str] = &[
    "after", "and", "andalso", "band", "begin", "bnot", "bor", "bsl", "bsr", "bxor", "case",
    "catch", "cond", "div", "else", "end", "fun", "if", "let", "maybe", "not", "of", "or",
    "orelse", "receive", "rem", "try", "when", "xor",
];

pub(super) struct Erlang {
    /// Whether pids, ports and references are written with their nodes.
    pub(super) nodes: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Tuple,
    List,
    ImproperList,
    Map,
    Record,
}

impl Style for Erlang {
    type Form = Form;

    fn open(
        &self,
        out: &mut dyn Write,
        term: &Term,
        _: Option<Form>,
    ) -> Result<Option<Form>, fmt::Error> {
        let form = match term {
            Term::Tuple(_) => Form::Tuple,
            Term::List(list) => match text(list) {
                Some(text) if !text.is_empty() => {
                    quoted(out, text.into_iter(), '"')?;
                    return Ok(None);
                }
                _ => Form::List,
            },
            Term::ImproperList(_) => Form::ImproperList,
            Term::Map(_) => Form::Map,
            Term::Record(record) => {
                write!(out, "#{}:{}", record.module, record.name)?;
                Form::Record
            }
            leaf => {
                self.leaf(out, leaf)?;
                return Ok(None);
            }
        };
        out.write_str(match form {
            Form::Tuple | Form::Record => "{",
            Form::List | Form::ImproperList => "[",
            Form::Map => "#{",
        })?;
        Ok(Some(form))
    }

    fn before(
        &self,
        out: &mut dyn Write,
        container: &Term,
        form: Form,
        at: usize,
    ) -> Result<bool, fmt::Error> {
        let is_last = at + 1 == container.children().len();
        match form {
            Form::ImproperList if is_last => out.write_str("|"),
            Form::Map if at % 2 == 1 => out.write_str(" => "),
            _ if at > 0 => out.write_str(","),
            _ => Ok(()),
        }?;
        if let Term::Record(record) = container {
            write!(out, "{} = ", record.names()[at])?;
        }
        Ok(true)
    }

    fn close(&self, out: &mut dyn Write, form: Form) -> fmt::Result {
        out.write_str(match form {
            Form::Tuple | Form::Map | Form::Record => "}",
            Form::List | Form::ImproperList => "]",
        })
    }
}

impl Erlang {
    fn leaf(&self, out: &mut dyn Write, term: &Term) -> fmt::Result {
        match term {
            Term::Integer(number) => write!(out, "{number}"),
            Term::BigInt(number) => write!(out, "{number}"),
            Term::Float(number) => float(out, *number),
            Term::Atom(name) => atom(out, name.as_str()),
            Term::Binary(bytes) => binary(out, bytes),
            Term::BitString(bits) => {
                super::bits(out, bits, [",", ":"]).and_then(|()| out.write_str(">>"))
            }
            Term::Export(export) => write!(out, "{export}"),
            Term::Fun(fun) => write!(out, "{fun}"),
            Term::Pid(pid) => {
                write!(out, "{pid}")?;
                self.node(out, &pid.node, pid.creation)
            }
            Term::Port(port) => {
                write!(out, "{port}")?;
                self.node(out, &port.node, port.creation)
            }
            Term::Reference(reference) => {
                write!(out, "{reference}")?;
                self.node(out, reference.node(), reference.creation())
            }
            Term::Tuple(_)
            | Term::List(_)
            | Term::ImproperList(_)
            | Term::Map(_)
            | Term::Record(_) => Ok(()),
        }
    }

    fn node(&self, out: &mut dyn Write, node: &Atom, creation: u32) -> fmt::Result {
        if self.nodes {
            write!(out, "@{node}/{creation}")
        } else {
            Ok(())
        }
    }
}

/// Writes an atom, between quotes if it needs them.
pub(crate) fn atom(out: &mut dyn Write, text: &str) -> fmt::Result {
    let lower = |sign: char| matches!(sign, 'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ');
    let inner = |sign: char| {
        lower(sign) || matches!(sign, 'A'..='Z' | '0'..='9' | '_' | '@' | 'À'..='Ö' | 'Ø'..='Þ')
    };
    if text.starts_with(lower) && text.chars().all(inner) && RESERVED.binary_search(&text).is_err()
    {
        out.write_str(text)
    } else {
        quoted(out, text.chars(), '\'')
    }
}

/// Writes a binary: as text in UTF-8 or in Latin-1 if all of it can be shown.
pub(crate) fn binary(out: &mut dyn Write, bytes: &[u8]) -> fmt::Result {
    let text = std::str::from_utf8(bytes).ok();
    let text = text.filter(|text| !text.is_empty() && text.chars().all(is_printable));
    if let Some(text) = text {
        out.write_str("<<")?;
        quoted(out, text.chars(), '"')?;
        return out.write_str(if text.is_ascii() { ">>" } else { "/utf8>>" });
    }
    out.write_str("<<")?;
    let latin1 = || bytes.iter().map(|byte| char::from(*byte));
    if !bytes.is_empty() && latin1().all(is_printable) {
        quoted(out, latin1(), '"')?;
    } else {
        for (at, byte) in bytes.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(out, "{comma}{byte}")?;
        }
    }
    out.write_str(">>")
}

/// The text that a list is, if all of it can be shown.
fn text(list: &[Term]) -> Option<Vec<char>> {
    let sign = |term: &Term| {
        let sign = char::from_u32(u32::try_from(term.as_integer()?).ok()?)?;
        is_printable(sign).then_some(sign)
    };
    list.iter().map(sign).collect()
}

/// Whether `io_lib:printable_unicode_list/1` takes a character for one that can be shown.
fn is_printable(sign: char) -> bool {
    matches!(sign, ' '..='~' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
        || matches!(
            sign,
            '\n' | '\r' | '\t' | '\u{B}' | '\u{8}' | '\u{C}' | '\u{1B}'
        )
}

/// Writes characters between quotes, as `io_lib:write_string/2`.
fn quoted(out: &mut dyn Write, text: impl Iterator<Item = char>, quote: char) -> fmt::Result {
    out.write_char(quote)?;
    for sign in text {
        let escaped = match sign {
            '\\' => '\\',
            sign if sign == quote => quote,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{B}' => 'v',
            '\u{8}' => 'b',
            '\u{C}' => 'f',
            '\u{1B}' => 'e',
            '\u{7F}' => 'd',
            '\0'..='\u{9F}' if !matches!(sign, ' '..='~') => {
                write!(out, "\\{:03o}", u32::from(sign))?;
                continue;
            }
            sign => {
                out.write_char(sign)?;
                continue;
            }
        };
        write!(out, "\\{escaped}")?;
    }
    out.write_char(quote)
}
