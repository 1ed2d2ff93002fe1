//! Types and functions that the trait `GenServer` does not have.

use proc_macro::{Delimiter, Span, TokenStream, TokenTree};

use crate::body::Items;
use crate::tokens::error;

/// The trait's types.
const TYPES: [&str; 5] = ["Args", "Call", "Cast", "Info", "Continue"];

/// The trait's callbacks.
const CALLBACKS: [&str; 8] = [
    "init",
    "handle_call",
    "handle_cast",
    "handle_info",
    "handle_continue",
    "terminate",
    "format_status",
    "format_message",
];

/// Its other functions, which a server seldom writes.
const PROVIDED: [&str; 6] = [
    "start",
    "start_link",
    "start_monitor",
    "options",
    "behaviour",
    "take_over",
];

/// The body of an `impl` block without items that the trait does not have, and the errors that name the trait's items.
pub(crate) fn report(body: TokenStream) -> (TokenStream, TokenStream) {
    let (mut output, mut problems) = (TokenStream::new(), TokenStream::new());
    for item in split(body) {
        match unknown(&item) {
            Some((at, problem)) => problems.extend(error(at, &problem)),
            None => output.extend(item),
        }
    }
    (output, problems)
}

/// The items of a body, each up to its braces or its semicolon.
fn split(body: TokenStream) -> Vec<TokenStream> {
    let (mut items, mut item) = (Vec::new(), TokenStream::new());
    for token in body {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        item.extend([token]);
        if ends {
            items.push(std::mem::take(&mut item));
        }
    }
    items.push(item);
    items
}

/// The place of the item's name, and the correct name; `None` if the trait has the item.
fn unknown(item: &TokenStream) -> Option<(Span, String)> {
    let items = Items::of(item);
    if let Some((name, at)) = items.first_type() {
        let problem = format!(
            "a server has no `type {name}`: its state is `Self`, and its types are `{}`",
            TYPES.join("`, `")
        );
        return (!TYPES.contains(&name)).then_some((at, problem));
    }
    let (name, at) = items.first_function()?;
    let problem = format!(
        "`{name}` is no callback of a server: write it in an `impl` of its own, or as one of `{}`",
        CALLBACKS.join("`, `")
    );
    let is_known = CALLBACKS.contains(&name) || PROVIDED.contains(&name);
    (!is_known).then_some((at, problem))
}
