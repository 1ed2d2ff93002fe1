//! Mistakes in callbacks that the compiler reports less clearly: found in the tokens, and named with their fix.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::tokens::{error, parse, word};

/// A callback, its result type, and how a value of that type is made.
const CALLBACKS: [(&str, &str, &str); 4] = [
    (
        "handle_call",
        "Reply<Self>",
        "`from.reply(answer)`, or `Reply::later()`",
    ),
    (
        "handle_cast",
        "Next<Self>",
        "`Next::NoReply`, or another `Next`",
    ),
    (
        "handle_info",
        "Next<Self>",
        "`Next::NoReply`, or another `Next`",
    ),
    (
        "handle_continue",
        "Next<Self>",
        "`Next::NoReply`, or another `Next`",
    ),
];

/// The code of a callback that is left out. It uses no argument, and there must be no warning for that.
const NOTHING: &str = "#![allow(unused_variables, unused_mut)] ::core::unreachable!()";

/// The body of an `impl` block without the callbacks that contain a mistake, and the errors that name the mistakes.
///
/// A callback with a mistake keeps its signature. Its own code is left out, since the compiler would report it once more.
pub(crate) fn report(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let (mut output, mut problems) = (TokenStream::new(), TokenStream::new());
    let mut at = 0;
    while at < tokens.len() {
        let is_async = at > 0 && word(&tokens[at - 1]).as_deref() == Some("async");
        match mistake(&tokens[at..], is_async) {
            Some((problem, function, length)) => {
                problems.extend(problem);
                output.extend(function);
                at += length;
            }
            None => {
                output.extend([tokens[at].clone()]);
                at += 1;
            }
        }
    }
    (output, problems)
}

/// The error, the function without its code, and how many tokens it was; nothing unless the tokens begin with a callback that
/// contains a mistake.
fn mistake(tokens: &[TokenTree], is_async: bool) -> Option<(TokenStream, TokenStream, usize)> {
    let [keyword, name, ..] = tokens else {
        return None;
    };
    let callback = word(name).filter(|_| word(keyword).as_deref() == Some("fn"))?;
    let (_, returned, value) = CALLBACKS.iter().find(|(name, ..)| *name == callback)?;
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body_at = tokens.iter().position(is_body)?;
    let TokenTree::Group(body) = &tokens[body_at] else {
        return None;
    };
    let signature = &tokens[..body_at];
    let arrow = signature.windows(2).position(|pair| {
        matches!(pair, [TokenTree::Punct(dash), TokenTree::Punct(angle)]
            if dash.as_char() == '-' && angle.as_char() == '>')
    });
    let problem = match arrow {
        None => error(
            name.span(),
            &format!(
                "`{callback}` returns a `{returned}`: write `-> {returned}`, and end with {value}"
            ),
        ),
        // Else it may return a future by itself.
        Some(arrow) if !is_async && names_exactly(&signature[arrow + 2..], returned) => error(
            name.span(),
            &format!("`{callback}` is asynchronous: write `async fn {callback}`"),
        ),
        Some(arrow) if is_async && names_exactly(&signature[arrow + 2..], returned) => {
            let at = own_question_mark(body.stream())?;
            let text = format!(
                "`?` in `{callback}` needs a `Result`: write `-> Result<{returned}, Stop>`, and end with `Ok(..)`"
            );
            error(at, &text)
        }
        Some(_) => return None,
    };
    let mut function = TokenStream::new();
    if !is_async {
        function.extend(parse("async"));
    }
    function.extend(signature.iter().cloned());
    if arrow.is_none() {
        function.extend(parse(&format!("-> ::otp_core::{returned}")));
    }
    let mut nothing = Group::new(Delimiter::Brace, parse(NOTHING));
    nothing.set_span(body.span());
    function.extend([TokenTree::from(nothing)]);
    Some((problem, function, body_at + 1))
}

/// Whether this is the type that the trait names, and no other that might be a `Result`.
fn names_exactly(tokens: &[TokenTree], returned: &str) -> bool {
    let text: String = tokens.iter().map(ToString::to_string).collect();
    text == returned
}

/// The first `?` that is certainly the callback's own. One in a closure, an async block, a function or a macro may be another's,
/// so those are left to the compiler.
fn own_question_mark(body: TokenStream) -> Option<Span> {
    let mut own = true;
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            // A closure or an async block ends with its statement at the latest.
            TokenTree::Punct(punct) if punct.as_char() == ';' => own = true,
            TokenTree::Punct(punct) if matches!(punct.as_char(), '|' | '!') => own = false,
            TokenTree::Punct(punct) if punct.as_char() == '?' && own => {
                let is_bound = matches!(tokens.peek(), Some(TokenTree::Ident(it)) if it.to_string() == "Sized");
                if !is_bound {
                    return Some(punct.span());
                }
            }
            TokenTree::Ident(_)
                if matches!(word(&token).as_deref(), Some("async" | "fn" | "impl")) =>
            {
                own = false;
            }
            TokenTree::Group(group) => {
                if own && let Some(found) = own_question_mark(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}
