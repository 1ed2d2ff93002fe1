//! The items in the body of an `impl` block: their names, found without a parser.

use proc_macro::{Delimiter, Span, TokenStream, TokenTree};

use crate::tokens::word;

/// The names that an `impl` block gives to associated types and functions.
#[derive(Default)]
pub(crate) struct Items {
    types: Vec<(String, Span)>,
    functions: Vec<(String, Span)>,
}

impl Items {
    /// Finds the items of a body. `type` and `fn` start an item only at the top level: an item ends with its braces or
    /// its semicolon, and everything inside of braces is one token here.
    pub(crate) fn of(body: &TokenStream) -> Self {
        let mut items = Self::default();
        let mut tokens = body.clone().into_iter();
        let mut at_start = true;
        while let Some(token) = tokens.next() {
            let keyword = word(&token);
            match keyword.as_deref() {
                Some("type") if at_start => items.note_next(&mut tokens, |items| &mut items.types),
                Some("fn") if at_start => {
                    items.note_next(&mut tokens, |items| &mut items.functions);
                }
                _ => {}
            }
            at_start = match (&token, keyword.as_deref()) {
                // Attributes, visibility and qualifiers come before the keyword.
                (_, Some("pub" | "async" | "unsafe" | "const" | "default" | "extern")) => true,
                (TokenTree::Punct(punct), _) => matches!(punct.as_char(), ';' | '#'),
                (TokenTree::Group(group), _) => match group.delimiter() {
                    Delimiter::Brace | Delimiter::Bracket => true,
                    Delimiter::Parenthesis | Delimiter::None => at_start,
                },
                (TokenTree::Literal(_), _) => at_start,
                (TokenTree::Ident(_), _) => false,
            };
        }
        items
    }

    fn note_next(
        &mut self,
        tokens: &mut impl Iterator<Item = TokenTree>,
        list: impl Fn(&mut Self) -> &mut Vec<(String, Span)>,
    ) {
        if let Some(TokenTree::Ident(name)) = tokens.next() {
            list(self).push((name.to_string(), name.span()));
        }
    }

    pub(crate) fn first_type(&self) -> Option<(&str, Span)> {
        self.types.first().map(|(name, at)| (name.as_str(), *at))
    }

    pub(crate) fn first_function(&self) -> Option<(&str, Span)> {
        self.functions
            .first()
            .map(|(name, at)| (name.as_str(), *at))
    }

    pub(crate) fn type_named(&self, name: &str) -> Option<Span> {
        find(&self.types, name)
    }

    pub(crate) fn function_named(&self, name: &str) -> Option<Span> {
        find(&self.functions, name)
    }
}

fn find(list: &[(String, Span)], wanted: &str) -> Option<Span> {
    list.iter()
        .find(|(name, _)| name == wanted)
        .map(|(_, span)| *span)
}
