//! Mistakes in callbacks that the compiler reports less clearly: found in the tokens, and named with their fix.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::body::Items;
use crate::tokens::{error, is_punct, parse, word};

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

/// What a callback begins with whose code is left out. It uses no argument, and there must be no warning for that.
const UNUSED: &str = "#[allow(unused_variables, unused_mut)] async";

/// The body of an `impl` block without the callbacks that contain a mistake, and the errors that name the mistakes.
///
/// A callback with a mistake keeps its signature. Its own code is left out, since the compiler would report it once more.
pub(crate) fn report(body: TokenStream, items: &Items) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let (mut output, mut problems) = (Vec::new(), TokenStream::new());
    let mut at = 0;
    while at < tokens.len() {
        let is_async = at > 0 && word(&tokens[at - 1]).as_deref() == Some("async");
        match mistake(&tokens[at..], is_async, items) {
            Some((problem, function, length)) => {
                problems.extend(problem);
                if is_async {
                    output.pop();
                }
                output.extend(function);
                at += length;
            }
            None => {
                output.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    (output.into_iter().collect(), problems)
}

/// The error, the function without its code, and how many tokens it was; nothing unless the tokens begin with a callback that
/// contains a mistake.
fn mistake(
    tokens: &[TokenTree],
    is_async: bool,
    items: &Items,
) -> Option<(TokenStream, TokenStream, usize)> {
    let [keyword, name, ..] = tokens else {
        return None;
    };
    let function = word(name).filter(|_| word(keyword).as_deref() == Some("fn"))?;
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body_at = tokens.iter().position(is_body)?;
    let TokenTree::Group(body) = &tokens[body_at] else {
        return None;
    };
    let signature = &tokens[..body_at];
    let problem = in_signature(&function, name.span(), signature, body, is_async)
        .or_else(|| in_body(signature, body, items).filter(|_| is_async))?;
    let mut output = parse(UNUSED);
    output.extend(signature.iter().cloned());
    if arrow(signature).is_none() {
        output.extend(parse(&format!("-> ::otp_core::{}", returned(&function)?.1)));
    }
    let mut nothing = Group::new(Delimiter::Brace, parse("::core::unreachable!()"));
    nothing.set_span(body.span());
    output.extend([TokenTree::from(nothing)]);
    Some((problem, output, body_at + 1))
}

fn returned(function: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    CALLBACKS
        .iter()
        .find(|(callback, ..)| *callback == function)
}

/// Where the arrow before the result type is.
fn arrow(signature: &[TokenTree]) -> Option<usize> {
    let is_arrow = |pair: &[TokenTree]| is_punct(&pair[0], '-') && is_punct(&pair[1], '>');
    signature.windows(2).position(is_arrow)
}

/// A callback whose result is not what the trait names.
fn in_signature(
    function: &str,
    at: Span,
    signature: &[TokenTree],
    body: &Group,
    is_async: bool,
) -> Option<TokenStream> {
    let (_, returned, value) = returned(function)?;
    let problem = match arrow(signature) {
        None => error(
            at,
            &format!(
                "`{function}` returns a `{returned}`: write `-> {returned}`, and end with {value}"
            ),
        ),
        // Else it may return a future by itself.
        Some(arrow) if !is_async && names_exactly(&signature[arrow + 2..], returned) => error(
            at,
            &format!("`{function}` is asynchronous: write `async fn {function}`"),
        ),
        Some(arrow) if is_async && names_exactly(&signature[arrow + 2..], returned) => {
            let at = own_question_mark(body.stream())?;
            let text = format!(
                "`?` in `{function}` needs a `Result`: write `-> Result<{returned}, Stop>`, and end with `Ok(..)`"
            );
            error(at, &text)
        }
        Some(_) => return None,
    };
    Some(problem)
}

/// The operations of a context that send a message to the server itself.
const TIMERS: [&str; 4] = [
    "send_after",
    "start_timer",
    "send_interval",
    "send_interval_with",
];

/// Paths that do not exist, and what their author looks for.
const PATHS: [(&str, &str, &str); 2] = [
    (
        "Next",
        "Reply",
        "a `Next` has no answer: answer with `from.reply(answer)`, and add the next step with `.then(Next::…)`",
    ),
    (
        "Reply",
        "reply",
        "the handle in the call makes the `Reply`: write `from.reply(answer)`",
    ),
];

/// A use of what the server does not have.
fn in_body(signature: &[TokenTree], body: &Group, items: &Items) -> Option<TokenStream> {
    let context = context_name(signature).filter(|name| !is_bound_anew(body, name));
    let has_info = items.type_named("Info").is_some();
    let has_continue = ["Continue", "handle_continue"]
        .iter()
        .any(|it| items.type_named(it).is_some() || items.function_named(it).is_some());
    find(body.stream(), &|before, tokens| match tokens {
        [name, dot, method, TokenTree::Group(_), ..]
            if !has_info && is_punct(dot, '.') && context.is_some() && word(name) == context =>
        {
            let timer = word(method).filter(|it| TIMERS.contains(&it.as_str()))?;
            let text = format!(
                "`{timer}` sends the server a message: add `type Info = …;`, and handle it in `handle_info`"
            );
            Some(error(method.span(), &text))
        }
        [kind, first, second, name, rest @ ..]
            if is_punct(first, ':') && is_punct(second, ':')
                // Else it is another module's type.
                && !before.is_some_and(|token| is_punct(token, ':')) =>
        {
            let (kind, variant) = (word(kind)?, word(name)?);
            let path = |(of, path, _): &&(&str, &str, &str)| *of == kind && *path == variant;
            if let Some((_, _, text)) = PATHS.iter().find(path) {
                return Some(error(name.span(), text));
            }
            // In a pattern it is followed by `=`, `=>`, `|` or `if`.
            let is_value = match rest {
                [TokenTree::Group(value), ..] if is_wildcard(value) => false,
                [TokenTree::Group(_)] => true,
                [TokenTree::Group(_), next, ..] => {
                    !is_punct(next, '=') && !is_punct(next, '|') && word(next).is_none()
                }
                _ => false,
            };
            let continues = kind == "Next" && variant == "Continue" && is_value && !has_continue;
            continues.then(|| {
                error(
                    name.span(),
                    "`Next::Continue` needs the type of its value: add `type Continue = …;`, and handle it in `handle_continue`",
                )
            })
        }
        _ => None,
    })
}

/// Whether a `let` in the body gives the name to another value.
fn is_bound_anew(body: &Group, name: &str) -> bool {
    let found = find(body.stream(), &|before, tokens| {
        let is_let = before.and_then(word).is_some_and(|it| it == "let");
        let skipped = usize::from(tokens.first().and_then(word).is_some_and(|it| it == "mut"));
        let bound = tokens.get(skipped).and_then(word);
        (is_let && bound.as_deref() == Some(name)).then(TokenStream::new)
    });
    found.is_some()
}

/// Whether this is `(_)` or `(..)`, as only a pattern has it.
fn is_wildcard(group: &Group) -> bool {
    matches!(group.stream().to_string().as_str(), "_" | "..")
}

/// The name of the parameter that is the context.
fn context_name(signature: &[TokenTree]) -> Option<String> {
    let parameters = signature.iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            Some(group.stream())
        }
        _ => None,
    });
    let parameters: Vec<TokenTree> = parameters?.into_iter().collect();
    let context = parameters.split(|token| is_punct(token, ',')).find(|it| {
        it.iter()
            .any(|token| word(token).as_deref() == Some("Context"))
    });
    context?.iter().filter_map(word).find(|name| name != "mut")
}

/// What `wanted` finds first in the tokens and in their groups: it gets the token before and the rest from a place on.
fn find(
    tokens: TokenStream,
    wanted: &impl Fn(Option<&TokenTree>, &[TokenTree]) -> Option<TokenStream>,
) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    (0..tokens.len()).find_map(|at| {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        wanted(before, &tokens[at..]).or_else(|| match &tokens[at] {
            TokenTree::Group(group) => find(group.stream(), wanted),
            _ => None,
        })
    })
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
