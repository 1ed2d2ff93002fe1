//! The expressions with which the body of a `handle_call` ends.
//!
//! `from.send(answer)` in place of `from.reply(answer)` is a common mistake, for which the compiler says only that `()` is no `Reply`.
//! Such an end goes through a function whose bound names the fix. What is no such end stays as it is.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

use crate::tokens::{is_punct, parse, word};

/// The body of an `impl` block with the ends of its `handle_call` checked, unless that returns a `Result`.
pub(crate) fn check(body: TokenStream) -> TokenStream {
    let mut in_handle_call = false;
    let mut signature = String::new();
    body.into_iter()
        .map(|token| match &token {
            TokenTree::Group(group) if is_braces(&token) => {
                let ends = std::mem::take(&mut signature).ends_with("->Reply<Self>");
                match std::mem::take(&mut in_handle_call) && ends {
                    true => changed(group, check_sends),
                    false => token,
                }
            }
            _ => {
                in_handle_call |= word(&token).as_deref() == Some("handle_call");
                signature.push_str(&token.to_string());
                token
            }
        })
        .collect()
}

/// The body with its ends of the form `from.send(..)` checked.
fn check_sends(body: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = body.into_iter().collect();
    let tail = tokens.split_off(last_statement(&tokens));
    let mut output: TokenStream = tokens.into_iter().collect();
    output.extend(match tail.first().and_then(word).as_deref() {
        Some("match") => in_last_braces(tail, arms),
        Some("if") => in_branches(tail),
        _ if is_send(&tail) => checked(tail),
        _ => tail.into_iter().collect(),
    });
    output
}

/// Where the last statement begins.
fn last_statement(tokens: &[TokenTree]) -> usize {
    let mut start = 0;
    while start < tokens.len() {
        let end = match length_with_braces(&tokens[start..]) {
            Some(length) => start + length,
            None => match tokens[start..]
                .iter()
                .position(|token| is_punct(token, ';'))
            {
                Some(length) => start + length + 1,
                None => return start,
            },
        };
        if end >= tokens.len() {
            return start;
        }
        start = end;
    }
    start
}

/// The length of a statement that ends with its braces.
fn length_with_braces(tokens: &[TokenTree]) -> Option<usize> {
    let first = word(tokens.first()?);
    let has_braces = matches!(
        first.as_deref(),
        Some("if" | "match" | "for" | "while" | "loop" | "unsafe")
    );
    if !has_braces && !is_braces(&tokens[0]) {
        return None;
    }
    let mut end = tokens.iter().position(is_braces)? + 1;
    while tokens.get(end).and_then(word).as_deref() == Some("else") {
        end += tokens[end..].iter().position(is_braces)? + 1;
    }
    let goes_on = tokens
        .get(end)
        .is_some_and(|token| is_punct(token, '.') || is_punct(token, '?'));
    (!goes_on).then_some(end)
}

/// The arms of a `match`, each of which is an end.
fn arms(inside: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = inside.into_iter().collect();
    let mut output = TokenStream::new();
    let mut rest = &tokens[..];
    while let Some(arrow) = rest
        .windows(2)
        .position(|pair| is_punct(&pair[0], '=') && is_punct(&pair[1], '>'))
    {
        let (pattern, value) = rest.split_at(arrow + 2);
        let comma = || value.iter().position(|token| is_punct(token, ','));
        let length = length_with_braces(value)
            .or_else(comma)
            .unwrap_or(value.len());
        let (value, after) = value.split_at(length);
        output.extend(pattern.iter().cloned());
        output.extend(match value {
            [TokenTree::Group(group)] if is_braces(&value[0]) => {
                TokenStream::from(changed(group, check_sends))
            }
            _ => check_sends(value.iter().cloned().collect()),
        });
        rest = after;
    }
    output.extend(rest.iter().cloned());
    output
}

/// The branches of an `if`: braces that `else` follows, or nothing. Others are of a condition or of a pattern.
fn in_branches(tokens: Vec<TokenTree>) -> TokenStream {
    if !tokens.last().is_some_and(is_braces) {
        // It goes on, so its branches are no ends.
        return tokens.into_iter().collect();
    }
    let mut tokens = tokens.into_iter().peekable();
    let mut output = TokenStream::new();
    while let Some(token) = tokens.next() {
        let is_last = tokens
            .peek()
            .is_none_or(|next| word(next).as_deref() == Some("else"));
        output.extend([match &token {
            TokenTree::Group(group) if is_last && is_braces(&token) => changed(group, check_sends),
            _ => token,
        }]);
    }
    output
}

fn in_last_braces(
    mut tokens: Vec<TokenTree>,
    change: impl Fn(TokenStream) -> TokenStream,
) -> TokenStream {
    if let Some(TokenTree::Group(group)) = tokens.last().filter(|token| is_braces(token)) {
        let last = changed(group, change);
        tokens.pop();
        tokens.push(last);
    }
    tokens.into_iter().collect()
}

fn changed(group: &Group, change: impl Fn(TokenStream) -> TokenStream) -> TokenTree {
    let mut changed = Group::new(group.delimiter(), change(group.stream()));
    changed.set_span(group.span());
    changed.into()
}

/// Whether this is `from.send(..)`, for any name but `self`.
fn is_send(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [from, dot, send, TokenTree::Group(_)]
        if word(from).is_some_and(|name| name != "self")
            && is_punct(dot, '.')
            && word(send).as_deref() == Some("send"))
}

fn checked(tail: Vec<TokenTree>) -> TokenStream {
    let mut output = parse("::otp_core::gen_server::attribute::reply::<Self>");
    output.extend([TokenTree::from(Group::new(
        Delimiter::Parenthesis,
        tail.into_iter().collect(),
    ))]);
    output
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}
