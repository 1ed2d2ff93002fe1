//! The operations on tokens that both macros use.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

/// An error at the place of a token: `compile_error!` with the token's span.
pub(crate) fn error(at: Span, message: &str) -> TokenStream {
    let mut text = Literal::string(message);
    text.set_span(at);
    let mut bang = Punct::new('!', Spacing::Alone);
    bang.set_span(at);
    let mut arguments = Group::new(Delimiter::Brace, TokenTree::from(text).into());
    arguments.set_span(at);
    [
        TokenTree::from(Ident::new("compile_error", at)),
        bang.into(),
        arguments.into(),
    ]
    .into_iter()
    .collect()
}

/// Tokens that the macro has written itself.
pub(crate) fn parse(text: &str) -> TokenStream {
    text.parse().expect("the macro's own text is Rust")
}

pub(crate) fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// The identifier, if the token is one.
pub(crate) fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}
