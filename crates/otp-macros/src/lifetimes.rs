//! Lifetime parameters, which a process cannot have: it outlives the code that starts it.

use proc_macro::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::tokens::{error, word};

/// The `impl` block with `'static` in place of its lifetime parameters, and an error for each. Else the compiler would report
/// each of them several times.
pub(crate) fn report(item: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let generics_at = tokens
        .iter()
        .position(|token| word(token).as_deref() == Some("impl"))
        .map(|at| at + 1)
        .filter(|at| tokens.get(*at).is_some_and(|token| is(token, '<')));
    let Some(start) = generics_at else {
        return (item, TokenStream::new());
    };
    let mut problems = TokenStream::new();
    let mut names = Vec::new();
    let mut at = start + 1;
    // Lifetimes come first in a list of parameters.
    while let Some((name, span, end)) = lifetime(&tokens, at) {
        let problem = format!(
            "a process owns its state and its messages, without `'{name}`: hold a `String` for a `&'{name} str`, for example"
        );
        problems.extend(error(span, &problem));
        names.push(name);
        at = end;
    }
    if names.is_empty() {
        return (item, problems);
    }
    let mut output: TokenStream = tokens[..=start].iter().cloned().collect();
    output.extend(immortal(tokens[at..].iter().cloned().collect(), &names));
    (output, problems)
}

/// The lifetime parameter at a place: its name, and where the next parameter begins.
fn lifetime(tokens: &[TokenTree], at: usize) -> Option<(String, Span, usize)> {
    let name = tokens.get(at + 1).filter(|_| is(&tokens[at], '\''))?;
    let rest = &tokens[at + 2..];
    let length = rest
        .iter()
        .position(|token| is(token, ',') || is(token, '>'))?;
    let comma = usize::from(is(&rest[length], ','));
    Some((word(name)?, name.span(), at + 2 + length + comma))
}

/// The tokens with `'static` in place of these lifetimes.
fn immortal(tokens: TokenStream, names: &[String]) -> TokenStream {
    let mut after_quote = false;
    tokens
        .into_iter()
        .map(|token| {
            let is_lifetime = std::mem::replace(&mut after_quote, is(&token, '\''));
            match token {
                TokenTree::Ident(name) if is_lifetime && names.contains(&name.to_string()) => {
                    Ident::new("static", name.span()).into()
                }
                TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
                    let inside = immortal(group.stream(), names);
                    let mut replaced = Group::new(group.delimiter(), inside);
                    replaced.set_span(group.span());
                    replaced.into()
                }
                other => other,
            }
        })
        .collect()
}

fn is(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
