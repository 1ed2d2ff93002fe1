//! `#[otp_core::test]`: an async test inside a process.

use proc_macro::{Delimiter, TokenStream, TokenTree};

use crate::tokens::{error, parse, word};

/// How a test runs, from the attribute's arguments.
#[derive(Default)]
struct Options {
    real_clock: bool,
    workers: Option<String>,
    reports: bool,
}

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(problem) => return problem.into_iter().chain(item).collect(),
    };
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let Some(async_at) = tokens
        .iter()
        .position(|token| word(token).as_deref() == Some("async"))
    else {
        let at = tokens
            .first()
            .map_or_else(proc_macro::Span::call_site, TokenTree::span);
        return error(at, "`otp_core::test` goes before an `async fn`")
            .into_iter()
            .chain(item)
            .collect();
    };
    let body = match tokens.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
        _ => {
            return error(tokens[async_at].span(), "the test has no body");
        }
    };
    tokens.remove(async_at);
    // The signature keeps its return type; the body becomes the process's.
    let mut run = parse(&options.call());
    let mut argument = parse("async move");
    argument.extend([TokenTree::from(body)]);
    run.extend([TokenTree::from(proc_macro::Group::new(
        Delimiter::Parenthesis,
        argument,
    ))]);
    let mut output = parse("#[::core::prelude::v1::test]");
    output.extend(tokens);
    output.extend([TokenTree::from(proc_macro::Group::new(
        Delimiter::Brace,
        run,
    ))]);
    output
}

impl Options {
    /// Reads `real_clock`, `reports` and `workers = N`, separated by commas.
    fn parse(arguments: TokenStream) -> Result<Self, TokenStream> {
        let mut options = Self::default();
        let mut tokens = arguments.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match word(&token).as_deref() {
                Some("real_clock") => options.real_clock = true,
                Some("reports") => options.reports = true,
                Some("workers") => {
                    let equals = tokens.next();
                    match (equals, tokens.next()) {
                        (Some(TokenTree::Punct(equals)), Some(TokenTree::Literal(count)))
                            if equals.as_char() == '=' =>
                        {
                            options.workers = Some(count.to_string());
                        }
                        _ => return Err(error(token.span(), "write `workers = 2`")),
                    }
                }
                _ => {
                    let problem = format!(
                        "no option `{token}`: there are `real_clock`, `reports` and `workers = N`"
                    );
                    return Err(error(token.span(), &problem));
                }
            }
            match tokens.next() {
                None => break,
                Some(TokenTree::Punct(comma)) if comma.as_char() == ',' => {}
                Some(other) => return Err(error(other.span(), "expected a comma")),
            }
        }
        Ok(options)
    }

    /// The call that runs the body, without its argument.
    fn call(&self) -> String {
        let mut call = "::otp_core::test::Runner::new()".to_owned();
        if self.real_clock {
            call.push_str(".real_clock()");
        }
        if let Some(workers) = &self.workers {
            call.push_str(&format!(".workers({workers})"));
        }
        if self.reports {
            call.push_str(".reports()");
        }
        call.push_str(".run");
        call
    }
}
