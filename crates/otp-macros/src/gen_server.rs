//! `#[gen_server]`: completes an `impl GenServer`.
//!
//! It adds the items that the server leaves out, [`results`] lets callbacks return a `Result`, [`plain`] makes those that never wait
//! plain functions, and [`misuse`],
//! [`members`], [`lifetimes`] and [`tails`] detect some mistakes. All other tokens stay as they are, with their spans, so that the
//! compiler's messages point at the user's own code.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::body::Items;
use crate::tokens::{error, parse, word};
use crate::{lifetimes, members, misuse, plain, results, tails};

/// A kind of message, and the callback that handles it.
const KINDS: [(&str, &str); 4] = [
    ("Call", "handle_call"),
    ("Cast", "handle_cast"),
    ("Info", "handle_info"),
    ("Continue", "handle_continue"),
];

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if let Some(argument) = arguments.into_iter().next() {
        let problem = format!("`gen_server` takes no argument, but here is `{argument}`");
        return both(error(argument.span(), &problem), item);
    }
    let (item, mut problems) = lifetimes::report(item);
    let Some((tokens, body)) = parts(&item) else {
        return not_an_impl(item);
    };
    let (known, unknown) = members::report(body.stream());
    let items = Items::of(&known);
    let (callbacks, misused) = misuse::report(known, &items);
    problems.extend([unknown, misused]);
    let callbacks = plain::make(tails::check(callbacks), results::GEN_SERVER);
    let mut completed = results::allow(callbacks, results::GEN_SERVER);
    if items.type_named("Args").is_none() {
        let (args, forgotten) = without_args(&completed);
        problems.extend(forgotten);
        completed.extend(args);
    }
    for (name, callback) in KINDS {
        match complete(name, callback, &items) {
            Ok(missing) => completed.extend(missing),
            Err(problem) => problems.extend(problem),
        }
    }
    let mut completed = Group::new(Delimiter::Brace, completed);
    completed.set_span(body.span());
    let mut output: TokenStream = tokens.into_iter().collect();
    output.extend([TokenTree::from(completed)]);
    both(problems, output)
}

/// The head of an `impl … for …` block and its body.
pub(crate) fn parts(item: &TokenStream) -> Option<(Vec<TokenTree>, Group)> {
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let body = match tokens.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
        _ => return None,
    };
    let has = |wanted: &str| {
        tokens
            .iter()
            .any(|token| word(token).as_deref() == Some(wanted))
    };
    (has("impl") && has("for")).then_some((tokens, body))
}

/// The type of the arguments of an `impl` block without one, and the error if its `init` takes some.
pub(crate) fn without_args(body: &TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let parameters = tokens.windows(3).find_map(|window| match window {
        [keyword, name, TokenTree::Group(parameters)]
            if word(keyword).as_deref() == Some("fn") && word(name).as_deref() == Some("init") =>
        {
            Some(parameters.stream())
        }
        _ => None,
    });
    let is = |token: &TokenTree, wanted: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted);
    let first = parameters.into_iter().flatten();
    let first: TokenStream = first
        .skip_while(|token| !is(token, ':'))
        .skip(1)
        // A type with angle brackets has commas of its own, and is left to the compiler.
        .take_while(|token| !is(token, ','))
        .collect();
    let text = first.to_string();
    match first.into_iter().next() {
        Some(at) if text != "()" && !text.contains(['<', ':', '_']) => (
            parse(&format!("type Args = {text};")),
            error(
                at.span(),
                &format!("`init` takes an argument: add `type Args = {text};`"),
            ),
        ),
        _ => (parse("type Args = ();"), TokenStream::new()),
    }
}

/// The type of a kind that the server does not use.
fn complete(name: &str, callback: &str, items: &Items) -> Result<TokenStream, TokenStream> {
    let unused = || parse(&format!("type {name} = ::otp_core::Never;"));
    match (items.type_named(name), items.function_named(callback)) {
        (Some(_), Some(_)) => Ok(TokenStream::new()),
        (None, None) => Ok(unused()),
        // Timeouts, DOWNs and EXITs reach `handle_info` without a message type of the server's own.
        (None, Some(_)) if name == "Info" => Ok(unused()),
        (Some(at), None) => Err(error(
            at,
            &format!(
                "`type {name}` has messages, but there is no `{callback}`: write it, or leave the type out"
            ),
        )),
        (None, Some(at)) => Err(error(
            at,
            &format!("`{callback}` needs the type of its messages: add `type {name} = …;`"),
        )),
    }
}

fn not_an_impl(item: TokenStream) -> TokenStream {
    let at = item
        .clone()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    both(
        error(at, "`gen_server` goes before `impl GenServer for …`"),
        item,
    )
}

pub(crate) fn both(mut first: TokenStream, second: TokenStream) -> TokenStream {
    first.extend(second);
    first
}
