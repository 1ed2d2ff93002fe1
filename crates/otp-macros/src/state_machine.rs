//! `#[state_machine]`: completes an `impl StateMachine`.

use proc_macro::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::body::Items;
use crate::gen_server::{both, parts, without_args};
use crate::tokens::{error, parse};
use crate::{lifetimes, plain, results};

/// The types of a machine that may be left out.
const UNUSED: [&str; 5] = ["Call", "Cast", "Info", "Internal", "Timer"];

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if let Some(argument) = arguments.into_iter().next() {
        let problem = format!("`state_machine` takes no argument, but here is `{argument}`");
        return both(error(argument.span(), &problem), item);
    }
    let (item, mut problems) = lifetimes::report(item);
    let Some((tokens, body)) = parts(&item) else {
        let first = item.clone().into_iter().next();
        let at = first.map_or_else(Span::call_site, |token| token.span());
        let problem = "`state_machine` goes before `impl StateMachine for …`";
        return both(error(at, problem), item);
    };
    let items = Items::of(&body.stream());
    let callbacks = plain::make(body.stream(), results::STATE_MACHINE);
    let mut completed = results::allow(callbacks, results::STATE_MACHINE);
    if items.type_named("Args").is_none() {
        let (args, forgotten) = without_args(&completed);
        problems.extend(forgotten);
        completed.extend(args);
    }
    for name in UNUSED {
        if items.type_named(name).is_none() {
            completed.extend(parse(&format!("type {name} = ::otp_core::Never;")));
        }
    }
    let mut completed = Group::new(Delimiter::Brace, completed);
    completed.set_span(body.span());
    let mut output: TokenStream = tokens.into_iter().collect();
    output.extend([TokenTree::from(completed)]);
    both(problems, output)
}
