//! The names that a BEAM expects on every node: `net_kernel`, `rex`, `global_name_server`, and the scopes of `pg`.

use std::sync::Arc;

use otp_core::gen_server::answering::AnswerSink;
use otp_etf::{Atom, Term, TermRef, term, to_bytes_into};

use crate::answer::{Answer, alias};
use crate::connection::Connection;
use crate::core::Core;
use crate::pg::Groups;
use crate::receive::{pair, triple};
use crate::wire::control::{Control, Target};
use crate::{rex, system};

const NET_KERNEL: &str = "net_kernel";
const REX: &str = "rex";
const GLOBAL: &str = "global_name_server";

/// Whether a process of this name is there as long as the node is: a monitor of it never fires while the connection is up.
pub(crate) fn is_always_there(core: &Core, name: &str) -> bool {
    [NET_KERNEL, REX].contains(&name) || core.scopes.find(name).is_some()
}

/// A message to one of the names. One to another name is dropped.
pub(crate) fn receive(core: &Arc<Core>, peer: &Connection, name: &str, message: TermRef<'_>) {
    match name {
        NET_KERNEL | REX if is(message, "system") => refuse(core, peer, message),
        NET_KERNEL => is_auth(core, peer, message),
        REX => rex::receive(core, peer, message),
        GLOBAL => synchronize(core, peer, message),
        _ => {
            if let (Some(groups), Ok(atom)) = (core.scopes.find(name), Atom::new(name)) {
                scope(core, peer, &groups, Target::Name(atom), message);
            }
        }
    }
}

/// Whether the message is a tuple with this tag.
fn is(message: TermRef<'_>, tag: &str) -> bool {
    let first = message.as_tuple().and_then(|mut parts| parts.next());
    first.and_then(TermRef::as_atom).is_some_and(|it| it == tag)
}

fn refuse(core: &Arc<Core>, peer: &Connection, message: TermRef<'_>) {
    if let Some([_, from, _]) = triple(message) {
        system::refuse(core, peer, from);
    }
}

/// `net_kernel`'s part in a ping. OTP's, too, answers no other call.
fn is_auth(core: &Arc<Core>, peer: &Connection, message: TermRef<'_>) {
    if is(message, "$gen_call")
        && let Some([_, from, request]) = triple(message)
        && let Some((_, node)) = pair(request)
        && is(request, "is_auth")
        && node.as_atom().is_some()
        && let Some(sink) = Answer::new(core, peer, from)
    {
        sink.answer(&Atom::constant("yes"));
    }
}

/// A peer begins to compare the names of `global` with those of this node, which has none. The answer is the message at the end of such an
/// exchange: the peer counts this node as synchronized, so that its `global:sync/0` returns, and not as one with which it shares names and
/// locks.
fn synchronize(core: &Core, peer: &Connection, message: TermRef<'_>) {
    let begins = is(message, "$gen_cast")
        && pair(message).is_some_and(|(_, request)| is(request, "init_connect"));
    if begins {
        let me = core.me.name.clone();
        let done = term!({@"$gen_cast", {in_sync, (me), true}});
        let mut bytes = Vec::new();
        if to_bytes_into(&done, &mut bytes).is_ok() {
            let from = core.me.pid(core.kernel.id());
            let to = Atom::constant(GLOBAL);
            peer.channel.message(&Control::RegSend { from, to }, bytes);
        }
    }
}

/// A message to a scope of `pg`, by its name or its pid. A call is none that OTP's know from other nodes: they fail with it, and lose their
/// members. Ours only tells the caller so.
pub(crate) fn scope(
    core: &Arc<Core>,
    peer: &Connection,
    groups: &Groups,
    to: Target,
    message: TermRef<'_>,
) {
    if is(message, "system") {
        refuse(core, peer, message);
    } else if is(message, "$gen_call") {
        let _malformed = fail(peer, to, message);
    } else {
        groups.receive(core, peer, message);
    }
}

/// `{badarg, []}` without the version byte.
const BADARG: &[u8] = b"h\x02w\x06badargj";

/// Ends a call as if the server had failed: by the monitor that the caller has set, whose reference is that of the answer.
fn fail(peer: &Connection, to: Target, message: TermRef<'_>) -> Option<()> {
    let [_, from, _] = triple(message)?;
    let (pid, tag) = pair(from)?;
    let tag = tag.to_term().ok()?;
    let reference = alias(&tag).or_else(|| tag.as_reference().cloned())?;
    let pid = match pid.to_term().ok()? {
        Term::Pid(pid) if peer.channel.peer.has(&pid) => *pid,
        _ => return None,
    };
    if let Some((monitor, watcher)) = peer.channel.unwatched(&reference) {
        peer.remote.demonitor(watcher, monitor);
    }
    let control = Control::MonitorExit {
        from: to,
        to: pid,
        reference,
    };
    peer.channel.message(&control, BADARG);
    Some(())
}
