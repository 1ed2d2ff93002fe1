//! Callbacks that return a `Result` in place of the type that the trait names.
//!
//! `async fn handle_cast(..) -> Result<Next<Self>, E> { body }` becomes
//! `async fn handle_cast(..) -> Next<Self> { value(body::<Result<Next<Self>, E>, _>(async move { .. }).await) }`, where the block is
//! `let returned: Result<Next<Self>, E> = { body }; return returned;`. So the compiler reports a value of another type at its place.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

use crate::tokens::{parse, word};

/// The callbacks that may return a `Result`, the result types of the trait, and the functions that convert them.
pub(crate) type Callbacks = [(&'static str, &'static str, &'static str)];

/// Those of a GenServer.
pub(crate) const GEN_SERVER: &Callbacks = &[
    (
        "init",
        "::core::result::Result<::otp_core::Init<Self>, ::otp_core::ExitReason>",
        "::otp_core::gen_server::attribute::init",
    ),
    ("handle_call", "::otp_core::Reply<Self>", VALUE),
    ("handle_cast", "::otp_core::Next<Self>", VALUE),
    ("handle_info", "::otp_core::Next<Self>", VALUE),
    ("handle_continue", "::otp_core::Next<Self>", VALUE),
];

/// Those of a StateMachine.
pub(crate) const STATE_MACHINE: &Callbacks = &[
    (
        "init",
        "::core::result::Result<::otp_core::Initial<Self>, ::otp_core::ExitReason>",
        "::otp_core::state_machine::attribute::init",
    ),
    ("handle", "::otp_core::Transition<Self>", VALUE),
    ("enter", "::otp_core::Entered<Self>", VALUE),
];

const VALUE: &str = "::otp_core::gen_server::attribute::value";

/// Rewrites the callbacks in the body of an `impl` block that return a `Result`.
pub(crate) fn allow(body: TokenStream, callbacks: &Callbacks) -> TokenStream {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut output = TokenStream::new();
    let mut at = 0;
    while at < tokens.len() {
        let rewritten = callback(&tokens[at..], callbacks)
            .and_then(|(returned, convert)| rewrite(&tokens[at..], returned, convert));
        match rewritten {
            Some((function, length)) => {
                output.extend(function);
                at += length;
            }
            None => {
                output.extend([tokens[at].clone()]);
                at += 1;
            }
        }
    }
    output
}

/// The trait's result type of a callback, and the function that converts it, if the tokens begin with a callback.
fn callback(tokens: &[TokenTree], callbacks: &Callbacks) -> Option<(&'static str, &'static str)> {
    let [keyword, name, ..] = tokens else {
        return None;
    };
    let name = word(name).filter(|_| word(keyword).as_deref() == Some("fn"))?;
    callbacks
        .iter()
        .find(|(callback, ..)| *callback == name)
        .map(|(_, returned, convert)| (*returned, *convert))
}

/// The function from `fn` to the end of its body with the trait's type, and how many tokens it was; nothing if it does not
/// return a `Result`.
fn rewrite(tokens: &[TokenTree], returned: &str, convert: &str) -> Option<(TokenStream, usize)> {
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body_at = tokens.iter().position(is_body)?;
    let TokenTree::Group(body) = &tokens[body_at] else {
        return None;
    };
    let arrow_at = tokens[..body_at].windows(2).position(|pair| {
        matches!(pair, [TokenTree::Punct(dash), TokenTree::Punct(angle)]
            if dash.as_char() == '-' && angle.as_char() == '>')
    })?;
    let clause_at = tokens[..body_at]
        .iter()
        .position(|token| word(token).as_deref() == Some("where"))
        .unwrap_or(body_at);
    let result = &tokens[arrow_at + 2..clause_at];
    // A result of the trait's type needs no conversion, and no future around the body.
    if !is_result(result)
        || result.iter().filter_map(word).next_back().as_deref() == Some("ExitReason")
            && convert.ends_with("::init")
    {
        return None;
    }

    let mut block = parse("let returned: ");
    block.extend(result.iter().cloned());
    block.extend(parse("="));
    block.extend([TokenTree::from(body.clone())]);
    block.extend(parse("; #[allow(unreachable_code)] return returned;"));
    let mut inner = parse("async move");
    inner.extend([TokenTree::from(Group::new(Delimiter::Brace, block))]);
    let mut known = parse("::otp_core::gen_server::attribute::body::<");
    known.extend(result.iter().cloned());
    known.extend(parse(", _>"));
    known.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, inner))]);
    known.extend(parse(".await"));
    let mut value = parse(convert);
    value.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, known))]);

    let mut function: TokenStream = tokens[..arrow_at + 2].iter().cloned().collect();
    function.extend(parse(returned));
    function.extend(tokens[clause_at..body_at].iter().cloned());
    function.extend([TokenTree::from(Group::new(Delimiter::Brace, value))]);
    Some((function, body_at + 1))
}

/// Whether a type is a path to a `Result`, such as `Result<Next<Self>, Stop>` or `anyhow::Result<Next<Self>>`.
pub(crate) fn is_result(tokens: &[TokenTree]) -> bool {
    let path = tokens
        .iter()
        .take_while(|token| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == '<'));
    path.filter_map(word).last().as_deref() == Some("Result")
}
