//! Callbacks that never wait: plain functions, whose future is ready when they return.
//!
//! `async fn handle_cast(..) -> Next<Self> { body }` becomes
//! `fn handle_cast(..) -> impl Future<Output = Next<Self>> + Send { now((move || -> Next<Self> { body })()) }` if no `.await` is in the
//! body. The future of an `async fn` begins as a copy of the arguments, which the body copies once more when it begins. The constant
//! `PLAIN` names these callbacks, and the loop of the server calls them without a place for a future.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

use crate::results::{self, Callbacks};
use crate::tokens::{is_punct, parse, word};

/// The attributes that mean the same before a plain function.
const ATTRIBUTES: [&str; 8] = [
    "doc", "allow", "expect", "warn", "deny", "cfg", "inline", "cold",
];

/// The macros that do not wait. Another one may hide an `.await`.
const MACROS: [&str; 30] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "concat",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "error",
    "event",
    "format",
    "format_args",
    "include_str",
    "info",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "trace",
    "unimplemented",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
];

/// The type of the constant.
const PLAIN: &str = "::otp_core::gen_server::Plain";

/// Rewrites the callbacks in the body of an `impl` block that never wait, and adds the constant that names them.
pub(crate) fn make(body: TokenStream, callbacks: &Callbacks) -> TokenStream {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut output = TokenStream::new();
    let mut names = String::new();
    let mut at = 0;
    while at < tokens.len() {
        let rewritten = keeps_its_meaning(&tokens[..at])
            .then(|| rewrite(&tokens[at..], callbacks))
            .flatten();
        match rewritten {
            Some((name, function, length)) => {
                output.extend(function);
                names.push_str(&format!("{name}: true, "));
                at += length;
            }
            None => {
                output.extend([tokens[at].clone()]);
                at += 1;
            }
        }
    }
    if !names.is_empty() {
        let value = format!("{PLAIN} {{ {names}..{PLAIN}::NONE }}");
        output.extend(parse(&format!("const PLAIN: {PLAIN} = {value};")));
    }
    output
}

/// Whether all attributes at the end of these tokens mean the same before a plain function.
fn keeps_its_meaning(before: &[TokenTree]) -> bool {
    match before {
        [rest @ .., sign, TokenTree::Group(attribute)] if is_punct(sign, '#') => {
            let name = attribute.stream().into_iter().next();
            let name = name.as_ref().and_then(word);
            name.is_some_and(|name| ATTRIBUTES.contains(&name.as_str())) && keeps_its_meaning(rest)
        }
        _ => true,
    }
}

/// The name, the plain function, and how many tokens it was; nothing unless the tokens begin with a callback that never waits.
fn rewrite(
    tokens: &[TokenTree],
    callbacks: &Callbacks,
) -> Option<(&'static str, TokenStream, usize)> {
    let [
        asynchronous,
        keyword,
        name,
        TokenTree::Group(parameters),
        dash,
        angle,
        rest @ ..,
    ] = tokens
    else {
        return None;
    };
    let is_function = word(asynchronous)? == "async" && word(keyword)? == "fn";
    let (callback, returned, convert) = callbacks
        .iter()
        .find(|(it, ..)| word(name).as_deref() == Some(it))?;
    if !is_function
        || !callback.starts_with("handle")
        || !is_punct(dash, '-')
        || !is_punct(angle, '>')
    {
        return None;
    }
    let length = rest.iter().position(is_braces)?;
    let (result, TokenTree::Group(body)) = (&rest[..length], &rest[length]) else {
        return None;
    };
    let has_clause = result.iter().any(|it| word(it).as_deref() == Some("where"));
    if has_clause || waits(body.stream()) {
        return None;
    }
    let mut call = parse("move || ->");
    call.extend(result.iter().cloned());
    call.extend([TokenTree::from(body.clone())]);
    let mut value = TokenStream::from(parentheses(call));
    value.extend([parentheses(TokenStream::new())]);
    let mut output_type: TokenStream = result.iter().cloned().collect();
    if results::is_result(result) {
        output_type = parse(returned);
        let converted = parentheses(value);
        value = parse(convert);
        value.extend([converted]);
    }
    let mut function = parse("#[allow(clippy::redundant_closure_call)]");
    function.extend([keyword, name].map(TokenTree::clone));
    function.extend([TokenTree::from(parameters.clone())]);
    // A message about the future points at `async`.
    let at = asynchronous.span();
    let of_async = |mut token: TokenTree| {
        token.set_span(at);
        token
    };
    let before = parse("-> impl ::core::future::Future<Output =");
    function.extend(before.into_iter().map(of_async));
    function.extend(output_type);
    let after = parse("> + ::core::marker::Send");
    function.extend(after.into_iter().map(of_async));
    let mut ready = parse("::otp_core::gen_server::attribute::now");
    ready.extend([parentheses(value)]);
    let mut block = Group::new(Delimiter::Brace, ready);
    block.set_span(body.span());
    function.extend([TokenTree::from(block)]);
    // The tokens up to the arrow, the result and the body.
    Some((callback, function, 6 + length + 1))
}

/// Whether there may be an `.await` in the tokens.
fn waits(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_unknown = |window: &[TokenTree]| match window {
        [name, bang, TokenTree::Group(_)] if is_punct(bang, '!') => {
            word(name).is_some_and(|name| !MACROS.contains(&name.as_str()))
        }
        _ => false,
    };
    tokens.windows(3).any(is_unknown)
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => waits(group.stream()),
            token => word(&token).as_deref() == Some("await"),
        })
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn parentheses(inside: TokenStream) -> TokenTree {
    Group::new(Delimiter::Parenthesis, inside).into()
}
