//! `#[gen_server]`: completes an `impl GenServer`.
//!
//! It adds what the server leaves out, and [`results`] lets callbacks return a `Result`. All other tokens stay as they are,
//! with their spans, so that the compiler's messages point at the user's own code.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::body::Items;
use crate::results;
use crate::tokens::{error, parse, word};

/// A kind of message, the callback that handles it, and what stands in for the callback of an unused kind.
struct Kind {
    name: &'static str,
    callback: &'static str,
    /// None if the trait has a default that suits an unused kind.
    unused: Option<&'static str>,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "Call",
        callback: "handle_call",
        unused: Some(
            "async fn handle_call(
                &mut self, call: ::otp_core::Never, _: &mut ::otp_core::Context<Self>,
            ) -> ::otp_core::Reply<Self> { match call {} }",
        ),
    },
    Kind {
        name: "Cast",
        callback: "handle_cast",
        unused: Some(
            "async fn handle_cast(
                &mut self, cast: ::otp_core::Never, _: &mut ::otp_core::Context<Self>,
            ) -> ::otp_core::Next<Self> { match cast {} }",
        ),
    },
    Kind {
        name: "Info",
        callback: "handle_info",
        unused: None,
    },
    Kind {
        name: "Continue",
        callback: "handle_continue",
        unused: Some(
            "async fn handle_continue(
                &mut self, with: ::otp_core::Never, _: &mut ::otp_core::Context<Self>,
            ) -> ::otp_core::Next<Self> { match with {} }",
        ),
    },
];

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if let Some(argument) = arguments.into_iter().next() {
        let problem = format!("`gen_server` takes no argument, but here is `{argument}`");
        return both(error(argument.span(), &problem), item);
    }
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let body = match tokens.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
        _ => return not_an_impl(item),
    };
    if !tokens
        .iter()
        .any(|token| word(token).as_deref() == Some("impl"))
        || !tokens
            .iter()
            .any(|token| word(token).as_deref() == Some("for"))
    {
        return not_an_impl(item);
    }
    let items = Items::of(&body.stream());
    let mut completed = results::allow(body.stream());
    let mut problems = TokenStream::new();
    if items.type_named("Args").is_none() {
        completed.extend(parse("type Args = ();"));
    }
    for kind in KINDS {
        match complete(kind, &items) {
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

/// What is missing of a kind: nothing if the server uses it, type and callback if it does not.
fn complete(kind: &Kind, items: &Items) -> Result<TokenStream, TokenStream> {
    let Kind {
        name,
        callback,
        unused,
    } = kind;
    match (items.type_named(name), items.function_named(callback)) {
        (Some(_), Some(_)) => Ok(TokenStream::new()),
        (Some(at), None) => Err(error(
            at,
            &format!(
                "no `{callback}` handles the messages of `type {name}`: write it, or leave `type {name}` out if there are none"
            ),
        )),
        // Timeouts, DOWNs and EXITs reach `handle_info` without a message type of the server's own.
        (None, Some(_)) if *name == "Info" => Ok(parse("type Info = ::otp_core::Never;")),
        (None, Some(at)) => Err(error(
            at,
            &format!("`{callback}` needs the type of its messages: add `type {name} = …;`"),
        )),
        (None, None) => {
            let mut missing = parse(&format!("type {name} = ::otp_core::Never;"));
            missing.extend(unused.map(parse));
            Ok(missing)
        }
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

fn both(mut first: TokenStream, second: TokenStream) -> TokenStream {
    first.extend(second);
    first
}
