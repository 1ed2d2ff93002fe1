//! Terms as Elixir's `inspect` writes them.

use std::fmt::{self, Write};

use super::{Style, alias, float};
use crate::term::{Atom, Map, Term};

/// Atoms that are no identifiers and yet need no quotes.
const OPERATORS: &[&str] = &[
    "!", "!=", "!==", "%", "%{}", "&", "&&", "&&&", "*", "**", "+", "++", "+++", "-", "--", "---",
    "->", ".", "..", "...", "/", "//", "::", "<", "<-", "<<<", "<<>>", "<<~", "<=", "<>", "<|>",
    "<~", "<~>", "=", "==", "===", "=>", "=~", ">", ">=", ">>>", "@", "^", "^^^", "{}", "|", "|>",
    "||", "|||", "~>", "~>>", "~~~", "..//", "\\\\",
];

pub(super) struct Elixir;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Tuple,
    List,
    ImproperList,
    /// A list of pairs with atoms: `[a: 1]`.
    Keywords,
    /// A pair of such a list.
    Keyword,
    /// A map whose keys are atoms: `%{a: 1}`.
    AtomMap,
    Map,
    /// A map with the name of a struct.
    Struct,
}

impl Style for Elixir {
    type Form = Form;

    fn open(
        &self,
        out: &mut dyn Write,
        term: &Term,
        within: Option<Form>,
    ) -> Result<Option<Form>, fmt::Error> {
        let form = match term {
            Term::Tuple(_) if within == Some(Form::Keywords) => return Ok(Some(Form::Keyword)),
            Term::Tuple(_) => Form::Tuple,
            Term::List(list) if is_text(list) => {
                let text = list
                    .iter()
                    .filter_map(|sign| char::from_u32(sign.as_integer()? as u32));
                out.write_str("~c")?;
                quoted(out, text)?;
                return Ok(None);
            }
            Term::List(list) if is_keywords(list) => Form::Keywords,
            Term::List(_) => Form::List,
            Term::ImproperList(_) => Form::ImproperList,
            Term::Map(map) => match struct_name(map) {
                Some(name) => {
                    write!(out, "%{name}")?;
                    Form::Struct
                }
                None if !map.is_empty() && map.iter().all(|(key, _)| is_key(key)) => Form::AtomMap,
                None => Form::Map,
            },
            // Elixir 1.20 leaves it to Erlang.
            Term::Record(_) => {
                write!(out, "{term}")?;
                return Ok(None);
            }
            leaf => {
                self.leaf(out, leaf)?;
                return Ok(None);
            }
        };
        out.write_str(match form {
            Form::Map | Form::AtomMap => "%{",
            Form::List | Form::ImproperList | Form::Keywords => "[",
            _ => "{",
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
        let terms = container.children();
        let is_value = at % 2 == 1;
        match form {
            Form::Keyword | Form::AtomMap | Form::Struct if is_value => {
                return Ok(!is_struct_key(form, &terms[at - 1]));
            }
            Form::Map if is_value => {
                out.write_str(" => ")?;
                return Ok(true);
            }
            _ => {}
        }
        if is_struct_key(form, &terms[at]) {
            return Ok(false);
        }
        let is_first = match form {
            Form::Keyword => true,
            Form::Struct => !terms[..at]
                .chunks(2)
                .any(|pair| !is_struct_key(form, &pair[0])),
            _ => at == 0,
        };
        if !is_first {
            let is_tail = form == Form::ImproperList && at + 1 == terms.len();
            out.write_str(if is_tail { " | " } else { ", " })?;
        }
        match (form, &terms[at]) {
            (Form::Keyword | Form::AtomMap | Form::Struct, Term::Atom(name)) => {
                key(out, name)?;
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    fn close(&self, out: &mut dyn Write, form: Form) -> fmt::Result {
        out.write_str(match form {
            Form::Keyword => "",
            Form::List | Form::ImproperList | Form::Keywords => "]",
            _ => "}",
        })
    }
}

impl Elixir {
    fn leaf(&self, out: &mut dyn Write, term: &Term) -> fmt::Result {
        match term {
            Term::Integer(number) => write!(out, "{number}"),
            Term::BigInt(number) => write!(out, "{number}"),
            Term::Float(number) if is_plain(*number) => write!(out, "{number:.1}"),
            Term::Float(number) => float(out, *number),
            Term::Atom(name) => atom(out, name),
            Term::Binary(bytes) => binary(out, bytes),
            Term::BitString(bits) => {
                super::bits(out, bits, [", ", "::size("]).and_then(|()| out.write_str(")>>"))
            }
            Term::Export(export) => {
                out.write_char('&')?;
                atom(out, &export.module)?;
                out.write_char('.')?;
                function(out, export.function.as_str())?;
                write!(out, "/{}", export.arity)
            }
            Term::Fun(fun) => match fun.parts() {
                Some(parts) => {
                    write!(out, "#Function<{}.{} in ", parts.index, parts.uniq)?;
                    atom(out, &parts.module)?;
                    out.write_char('>')
                }
                None => out.write_str("#Function<>"),
            },
            Term::Pid(pid) => write!(out, "#PID{pid}"),
            Term::Port(port) => write!(out, "{port}"),
            Term::Reference(reference) => {
                out.write_str("#Reference<")?;
                reference.numbers(out)?;
                out.write_char('>')
            }
            Term::Tuple(_)
            | Term::List(_)
            | Term::ImproperList(_)
            | Term::Map(_)
            | Term::Record(_) => Ok(()),
        }
    }
}

/// Whether a float is written without an exponent, however long that makes it.
fn is_plain(number: f64) -> bool {
    (1.0..1e16).contains(&number.abs()) && number.fract() == 0.0
}

const STRUCT: &str = "__struct__";

fn is_struct_key(form: Form, key: &Term) -> bool {
    form == Form::Struct && key.as_atom().is_some_and(|key| key == STRUCT)
}

fn struct_name(map: &Map) -> Option<&str> {
    map.get_atom(STRUCT)?.as_atom().and_then(alias)
}

/// Whether it is an atom that is written before a colon; the name of a module is not.
fn is_key(term: &Term) -> bool {
    term.as_atom()
        .is_some_and(|atom| !atom.as_str().starts_with("Elixir."))
}

fn is_keywords(list: &[Term]) -> bool {
    let is_keyword = |term: &Term| matches!(term.as_tuple(), Some([key, _]) if is_key(key));
    !list.is_empty() && list.iter().all(is_keyword)
}

/// Whether a list is text in ASCII, as for `List.ascii_printable?/1`.
fn is_text(list: &[Term]) -> bool {
    let is_sign = |term: &Term| matches!(term.as_integer(), Some(7..=13 | 27 | 32..=126));
    !list.is_empty() && list.iter().all(is_sign)
}

fn atom(out: &mut dyn Write, atom: &Atom) -> fmt::Result {
    let text = atom.as_str();
    if let Some(alias) = alias(atom) {
        return out.write_str(alias);
    }
    if text == "Elixir" || matches!(text, "nil" | "true" | "false") {
        return out.write_str(text);
    }
    out.write_char(':')?;
    name(out, text)
}

/// An atom before a colon.
fn key(out: &mut dyn Write, atom: &Atom) -> fmt::Result {
    let text = atom.as_str();
    let is_operator =
        OPERATORS.contains(&text) && !matches!(text, "%" | "%{}" | "{}" | "<<>>" | "..//");
    if is_operator || is_identifier(text) {
        write!(out, "{text}: ")
    } else {
        quoted(out, text.chars())?;
        out.write_str(": ")
    }
}

/// The text of an atom, between quotes if it needs them.
fn name(out: &mut dyn Write, text: &str) -> fmt::Result {
    if is_identifier(text) || OPERATORS.contains(&text) {
        out.write_str(text)
    } else {
        quoted(out, text.chars())
    }
}

/// The name of a function after a module's and a point.
fn function(out: &mut dyn Write, text: &str) -> fmt::Result {
    let is_name =
        is_identifier(text) && !text.contains('@') && !text.starts_with(char::is_uppercase);
    if is_name || OPERATORS.contains(&text) {
        out.write_str(text)
    } else {
        quoted(out, text.chars())
    }
}

fn is_identifier(text: &str) -> bool {
    let bare = text.strip_suffix(['?', '!']).unwrap_or(text);
    bare.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && bare
            .chars()
            .all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '@'))
}

fn binary(out: &mut dyn Write, bytes: &[u8]) -> fmt::Result {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(is_printable) => quoted(out, text.chars()),
        _ => {
            out.write_str("<<")?;
            for (at, byte) in bytes.iter().enumerate() {
                let comma = if at > 0 { ", " } else { "" };
                write!(out, "{comma}{byte}")?;
            }
            out.write_str(">>")
        }
    }
}

/// Whether `String.printable?/1` takes a character for one that can be shown.
fn is_printable(sign: char) -> bool {
    matches!(sign, ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
        || matches!(sign, '\u{7}'..='\u{D}' | '\u{1B}' | '\u{7F}')
}

fn quoted(out: &mut dyn Write, text: impl Iterator<Item = char>) -> fmt::Result {
    out.write_char('"')?;
    let mut text = text.peekable();
    while let Some(sign) = text.next() {
        match sign {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '#' if text.peek() == Some(&'{') => out.write_str("\\#"),
            '\u{7}' => out.write_str("\\a"),
            '\u{8}' => out.write_str("\\b"),
            '\t' => out.write_str("\\t"),
            '\n' => out.write_str("\\n"),
            '\u{B}' => out.write_str("\\v"),
            '\u{C}' => out.write_str("\\f"),
            '\r' => out.write_str("\\r"),
            '\u{1B}' => out.write_str("\\e"),
            '\u{7F}' => out.write_str("\\d"),
            '\0' => out.write_str("\\0"),
            // Spaces that look like the usual one.
            sign @ '\u{A0}'.. if sign.is_whitespace() => write!(out, "\\u{:04X}", u32::from(sign)),
            sign if is_printable(sign) => out.write_char(sign),
            sign if u32::from(sign) < 0x100 => write!(out, "\\x{:02X}", u32::from(sign)),
            sign => write!(out, "\\x{{{:X}}}", u32::from(sign)),
        }?;
    }
    out.write_char('"')
}
