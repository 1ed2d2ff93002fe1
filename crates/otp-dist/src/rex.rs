//! The server `rex`: how functions were called before OTP 23, and how C nodes, Java nodes, `erl_call` and some functions of `rpc` call
//! them today.

use std::sync::Arc;

use otp_core::gen_server::answering::AnswerSink;
use otp_etf::{Term, TermRef, term, to_bytes_into};

use crate::answer::Answer;
use crate::connection::Connection;
use crate::core::Core;
use crate::functions::{Called, Raised};
use crate::receive::{deliver, pair, triple};
use crate::wire::control::Control;

/// Handles a message to the server. What is no request is ignored, as by OTP's.
pub(crate) fn receive(core: &Arc<Core>, peer: &Connection, message: TermRef<'_>) {
    if let Some([tag, from, request]) = triple(message) {
        if is(tag, "$gen_call")
            && let Some(called) = called(request, &["call", "block_call"])
        {
            run(core, peer, called, Answer::new(core, peer, from));
        }
        return;
    }
    let Some((from, request)) = pair(message) else {
        return;
    };
    if is(from, "$gen_cast") {
        if let Some(called) = called(request, &["cast"]) {
            run(core, peer, called, None);
        }
    } else if let Some(called) = called(request, &["call"]) {
        run(core, peer, called, Answer::tagged(core, peer, from, REX));
    } else {
        broadcast(core, peer, from, request);
    }
}

/// The atom `rex`.
const REX: &[u8] = b"w\x03rex";

fn is(term: TermRef<'_>, name: &str) -> bool {
    term.as_atom().is_some_and(|atom| atom == name)
}

/// The function of `{Tag, Module, Function, Arguments, GroupLeader}`, or none if these are of other types.
fn called(request: TermRef<'_>, tags: &[&str]) -> Option<Option<Called>> {
    let tag = request.as_tuple()?.next()?.as_atom()?;
    if !tags.contains(&&*tag) {
        return None;
    }
    match request.to_term().ok()?.as_tuple()? {
        [_, module, function, arguments, _] => Some(Called::of(module, function, arguments)),
        _ => None,
    }
}

/// Runs a function in a process of its own, and tells the result, if somebody waits for it.
fn run(core: &Arc<Core>, peer: &Connection, called: Option<Called>, answer: Option<Answer>) {
    let mut caller = Caller(answer);
    let Some(called) = called else {
        return caller.tell(&badrpc(term!({badarg, []})));
    };
    let Some(place) = peer.channel.place() else {
        return caller.tell(&badrpc(term!(system_limit)));
    };
    let running = called.run(core);
    core.spawn(async move {
        let _place = place;
        caller.tell(&match running.await {
            Ok(value) | Err(Raised::Throw(value)) => value,
            Err(Raised::Exit(why)) => badrpc(why),
            Err(Raised::Error(why)) => badrpc(term!({(why), (called.stack())})),
        });
    });
}

fn badrpc(why: Term) -> Term {
    term!({badrpc, {@"EXIT", (why)}})
}

/// The caller of a function. It gets a result, however the process of the function ends.
struct Caller(Option<Answer>);

impl Caller {
    fn tell(&mut self, result: &Term) {
        if let Some(answer) = self.0.take() {
            answer.answer(result);
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.tell(&badrpc(term!(killed)));
    }
}

/// Passes a message on to the process that has a name here, and tells the sender whether there is one.
fn broadcast(core: &Arc<Core>, peer: &Connection, from: TermRef<'_>, request: TermRef<'_>) {
    let Ok(Term::Pid(sender)) = from.to_term() else {
        return;
    };
    let me = core.me.name.clone();
    let reply = if is(request, "features_request") {
        term!({features_reply, (me), [erpc]})
    } else {
        let Some([what, name, message]) = triple(request) else {
            return;
        };
        let is_answered = is(what, "sbcast");
        if !is_answered && !is(what, "send") {
            return;
        }
        let gate = name.as_atom().and_then(|name| core.exposed.by_name(&name));
        match gate {
            Some(gate) if is_answered => {
                let _checked = deliver(core, &*gate, message.as_bytes(), Some(peer));
                term!({rex, (me.clone()), (me)})
            }
            Some(gate) => {
                // `{From, Message}`.
                let message = [b"h\x02", from.as_bytes(), message.as_bytes()].concat();
                let _checked = deliver(core, &*gate, &message, Some(peer));
                return;
            }
            None => {
                let Ok(name) = name.to_term() else {
                    return;
                };
                term!({rex, (me), {nonexisting_name, (name)}})
            }
        }
    };
    let mut bytes = Vec::new();
    if peer.channel.peer.has(&sender) && to_bytes_into(&reply, &mut bytes).is_ok() {
        let (from, to) = (core.actor(), *sender);
        peer.channel
            .message(&Control::SendSender { from, to }, bytes);
    }
}
