//! System messages of other nodes: `GenServer.stop` and the module `sys`. Servers that have not opted in refuse them.

mod answers;
mod request;

use std::sync::Arc;
use std::time::Duration;

use otp_core::gen_server::answering::AnswerSink;
use otp_etf::{Atom, Decoder, Limits, Term, TermRef, term};

use self::request::Request;
use crate::answer::Answer;
use crate::call;
use crate::channel::Channel;
use crate::connection::Connection;
use crate::core::Core;
use crate::gate::Gate;

/// The first runtime system whose `sys:get_state` expects `{ok, State}`: that of OTP 26.1. Earlier ones expect the
/// state alone, and neither the request nor the flags distinguish them.
const TAGGED: (u32, u32) = (14, 1);

/// `{system, From, Request}`.
pub(crate) fn request(
    core: &Arc<Core>,
    peer: &Connection,
    gate: &dyn Gate,
    from: TermRef<'_>,
    request: TermRef<'_>,
) {
    if !gate.has_sys() {
        return refuse(core, peer, from);
    }
    let (Some(pid), Some(sink), Ok(request)) =
        (gate.pid(), Answer::new(core, peer, from), request.to_term())
    else {
        return;
    };
    // A suspended server answers, one at its work does not before it is done: a flood of requests must not pile up as processes.
    let channel = &peer.channel;
    let Some(place) = channel.place() else {
        return;
    };
    let (shared, channel) = (core.clone(), channel.clone());
    match Request::of(request) {
        Request::GetState => {
            let Some(state) = gate.state(core) else {
                return;
            };
            core.spawn(async move {
                let _place = place;
                let Some(state) = state.await else {
                    return;
                };
                let Ok(state) = Decoder::new(&state, Limits::none()).term_ref() else {
                    return;
                };
                match expects_tag(&shared, &channel).await {
                    true => sink.answer(&(Atom::constant("ok"), state)),
                    false => sink.answer(&state),
                }
            });
        }
        Request::GetStatus => {
            let Some(state) = gate.state(core) else {
                return;
            };
            core.spawn(async move {
                let _place = place;
                if let Some(status) = answers::status(&shared, pid, state).await {
                    sink.answer(&status);
                }
            });
        }
        Request::Terminate(reason) => {
            let Some(stop) = gate.stop(reason) else {
                return;
            };
            core.spawn(async move {
                let _place = place;
                sink.answer(&Atom::constant("ok"));
                stop.await;
            });
        }
        Request::Simple(request) => {
            core.spawn(async move {
                let _place = place;
                // Without an answer the asker learns of the server's end by a monitor, or by its time limit.
                if let Ok(answer) = answers::simple(pid, request).await {
                    sink.answer(&answer);
                }
            });
        }
    }
}

/// Answers a system message to who takes none. Without an answer `GenServer.stop` would wait for ever.
pub(crate) fn refuse(core: &Arc<Core>, peer: &Connection, from: TermRef<'_>) {
    if let Some(sink) = Answer::new(core, peer, from) {
        sink.answer(&term!({error, {not_allowed, "the server takes no system messages"}}));
    }
}

/// Whether the peer expects a state within `{ok, State}`. It is asked once for its version; a peer that does not answer
/// counts as a new one.
async fn expects_tag(core: &Arc<Core>, channel: &Channel) -> bool {
    if let Some(known) = channel.expects_tag.get() {
        return *known;
    }
    let called = (Atom::constant("erlang"), Atom::constant("system_info"));
    let limit = Duration::from_secs(2).into();
    let asked = call::rpc(core, &channel.peer.name, called, term!([version]), limit).await;
    let expects = match asked {
        Ok(version) => numbers(&version).is_none_or(|version| version >= TAGGED),
        Err(_) => true,
    };
    *channel.expects_tag.get_or_init(|| expects)
}

/// The first two numbers of a version, such as "14.1.2".
fn numbers(version: &Term) -> Option<(u32, u32)> {
    let characters = version.as_list()?.iter();
    let text: Option<String> = characters
        .map(|it| char::from_u32(it.as_integer()?.try_into().ok()?))
        .collect();
    let text = text?;
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next().map_or(Some(0), |minor| minor.parse().ok())?;
    Some((major, minor))
}

#[cfg(test)]
mod tests {
    use otp_etf::{Term, term};

    use super::{TAGGED, numbers};

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let version = |text| numbers(&Term::charlist(text));
        assert!(version("13.1.5") < Some(TAGGED));
        assert!(version("14.0") < Some(TAGGED));
        assert!(version("14.1") >= Some(TAGGED));
        assert!(version("17.1.1") >= Some(TAGGED));
        assert_eq!(version("x"), None);
        assert_eq!(numbers(&term!(undefined)), None);
    }
}
