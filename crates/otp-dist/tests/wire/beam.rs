//! The pure layer alone against a real BEAM, over plain sockets: an EPMD for it, and a node that it takes for one of its own.
//!
//! Without Erlang these tests say so and are skipped, unless `OTP_REQUIRE_BEAM` is 1. `OTP_BEAM_DIR` names a folder with another OTP.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use otp_dist::wire::control::{Control, Destination};
use otp_dist::wire::epmd::{Names, Node, NodeType, Request};
use otp_dist::wire::flags::Flags;
use otp_dist::wire::fragment::{Assembler, FragmentLimits, Split};
use otp_dist::wire::frame::{Format, Frame, LONGEST, Message, Reader};
use otp_dist::wire::handshake::{
    Cookie, Event, Framing, Handshake, HandshakeError, Identity, Progress, Status,
};
use otp_etf::{Atom, Decoder, EncodeError, Limits, Pid, Reference, Term, term};

use crate::samples::atom;

/// How long an answer may take; a machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers with what it gets, and says when it is there.
const PROGRAM: &str = "register(echo, spawn(fun Loop() -> receive {echo, Pid, T} -> Pid ! T, Loop() end end)), \
                       io:format(\"ready~n\").";

/// A BEAM, which ends with the value.
struct Beam {
    child: Child,
    names: Arc<Mutex<Names>>,
}

impl Drop for Beam {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An EPMD that serves a connection a thread.
fn epmd() -> io::Result<(u16, Arc<Mutex<Names>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let names = Arc::new(Mutex::new(Names::new(port)));
    let shared = names.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let names = shared.clone();
            thread::spawn(move || serve(stream, &names));
        }
    });
    Ok((port, names))
}

fn serve(mut stream: TcpStream, names: &Mutex<Names>) -> io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 512];
    loop {
        let read = stream.read(&mut buffer)?;
        bytes.extend_from_slice(&buffer[..read]);
        match Request::read(&bytes) {
            Ok(None) if read > 0 => {}
            Ok(Some((request, _))) => {
                let (reply, registered) = names.lock().expect("no panic").answer(request, 77);
                stream.write_all(&reply)?;
                if let Some(registered) = registered {
                    while stream.read(&mut buffer)? > 0 {}
                    names.lock().expect("no panic").forget(registered);
                }
                return Ok(());
            }
            _ => return Ok(()),
        }
    }
}

/// Starts a BEAM of this name. Gives nothing where there is none.
fn start(name: &str) -> Option<Beam> {
    let (port, names) = epmd().expect("a port is free");
    let folder = env::var_os("OTP_BEAM_DIR").filter(|folder| !folder.is_empty());
    let program = folder.map_or("erl".into(), |folder| PathBuf::from(folder).join("bin/erl"));
    let child = Command::new(program)
        .args([
            "-noinput",
            "-start_epmd",
            "false",
            "-name",
            name,
            "-setcookie",
            "secret",
        ])
        .args(["-eval", PROGRAM])
        .env("ERL_EPMD_PORT", port.to_string())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        assert!(
            env::var_os("OTP_REQUIRE_BEAM").is_none_or(|value| value != "1"),
            "Erlang is required, and is not installed"
        );
        let message = "skipped: Erlang is not installed, nothing is tried with the BEAM";
        writeln!(io::stderr(), "{message}").expect("there is a standard error");
        return None;
    };
    let output = child.stdout.take().expect("it has a pipe");
    let beam = Beam { child, names };
    let mut ready = String::new();
    BufReader::new(output)
        .read_line(&mut ready)
        .expect("it writes");
    assert_eq!(ready, "ready\n");
    Some(beam)
}

impl Beam {
    fn connect(&self) -> TcpStream {
        let names = self.names.lock().expect("no panic");
        let node = names
            .nodes()
            .find(|node| node.name == "beam")
            .expect("it has registered");
        let stream = TcpStream::connect(("127.0.0.1", node.port)).expect("it listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        stream
    }
}

/// A connection after its handshake.
struct Peer {
    stream: TcpStream,
    reader: Reader,
    fragments: Assembler,
    format: Format,
    identity: Identity,
}

fn us(name: &str, flags: Flags) -> Identity {
    Identity {
        name: atom(name),
        flags,
        creation: 77,
    }
}

/// Goes on with a handshake until there is a connection. What the peer says by closing is no error of ours.
fn finish(
    us: &Identity,
    mut stream: TcpStream,
    mut handshake: Handshake,
    mut progress: Progress,
) -> Result<Option<Peer>, HandshakeError> {
    loop {
        stream.write_all(&progress.send).expect("it is connected");
        match progress.event {
            Event::Connected(identity) => {
                let mut reader = Reader::new(LONGEST);
                reader.input().extend(handshake.into_rest());
                return Ok(Some(Peer {
                    stream,
                    reader,
                    fragments: Assembler::new(FragmentLimits::default()),
                    format: Format::of(us.flags & identity.flags),
                    identity,
                }));
            }
            Event::Asked(_) => progress = handshake.answer(Status::Ok)?,
            Event::Wait => {
                // A byte at a time, as a socket may give them.
                let mut byte = [0];
                if stream.read(&mut byte).expect("it answers in time") == 0 {
                    return Ok(None);
                }
                progress = handshake.receive(&byte)?;
            }
        }
    }
}

fn dial(beam: &Beam, us: &Identity, cookie: &str) -> Result<Option<Peer>, HandshakeError> {
    let peer = Atom::constant("beam@127.0.0.1");
    let (handshake, send) = Handshake::dial(
        us.clone(),
        peer,
        Cookie::new(cookie),
        0x0123_4567,
        Framing::Two,
    );
    let event = Event::Wait;
    finish(us, beam.connect(), handshake, Progress { send, event })
}

fn connected(beam: &Beam, us: &Identity) -> Peer {
    let peer = dial(beam, us, "secret").expect("a good handshake");
    peer.expect("it is not closed")
}

fn pid(node: &Identity) -> Pid {
    Pid {
        id: 5,
        serial: 1,
        node: node.name.clone(),
        creation: node.creation,
    }
}

impl Peer {
    /// Sends a term to the process that echoes, which sends it to this pid.
    fn echo(&mut self, us: &Identity, to: impl Into<Term>, term: &Term) {
        let control = Control::RegSend {
            from: pid(us),
            to: atom("echo"),
        };
        let message = term!({echo, (to.into()), (term.clone())});
        let mut frame = Vec::new();
        let written: Result<(), EncodeError> = self.format.message(
            &mut frame,
            |out| control.encode(out),
            |out| message.encode_into(out),
        );
        written.expect("it can be sent");
        let mut out = Vec::new();
        match Split::of_frame(9, frame) {
            Ok(mut split) => while split.write_next(&mut out) {},
            Err(frame) => out = frame,
        }
        self.stream.write_all(&out).expect("it is connected");
    }

    /// The next message and how many fragments it came in, or nothing when the connection has ended.
    fn next(&mut self) -> Option<(Control, Term, usize)> {
        let mut parts = 0;
        loop {
            let mut whole = None;
            match self.reader.next().expect("a frame") {
                Some(Frame::Message(message)) => return Some(decode(message, 0)),
                Some(Frame::Fragment(fragment)) => {
                    parts += 1;
                    whole = self.fragments.add(fragment).expect("fragments in order");
                }
                Some(Frame::Tick) => {}
                None => {
                    let mut buffer = [0; 10_000];
                    let read = self.stream.read(&mut buffer).expect("it answers in time");
                    if read == 0 {
                        return None;
                    }
                    self.reader.input().extend_from_slice(&buffer[..read]);
                }
            }
            if let Some(whole) = whole {
                return Some(decode(Message::assembled(&whole), parts));
            }
        }
    }
}

fn decode(message: Message<'_>, parts: usize) -> (Control, Term, usize) {
    let (control, payload) = Control::decode(message, &Limits::default()).expect("a control");
    let term = Decoder::new(payload, Limits::default()).term();
    (control, term.expect("a term"), parts)
}

#[test]
fn a_beam_takes_us_for_a_node_of_its_own() {
    let Some(beam) = start("beam@127.0.0.1") else {
        return;
    };
    // Each with a name of its own: the BEAM may learn late that an earlier connection has ended, and would compare the two.
    for (name, flags, format) in [
        ("fragments@127.0.0.1", Flags::HIDDEN, Format::Header),
        (
            "whole@127.0.0.1",
            Flags::HIDDEN.without(Flags::FRAGMENTS),
            Format::PassThrough,
        ),
    ] {
        let us = us(name, flags);
        let mut peer = connected(&beam, &us);
        assert_eq!(peer.format, format);
        assert_eq!(peer.identity.name, "beam@127.0.0.1");
        for (size, fragments) in [
            (10, 0),
            (60_000, 0),
            (65_536, 2),
            (200_000, 4),
            (1_000_000, 16),
        ] {
            let term = term!({answer, (Term::from("x".repeat(size))), [1, 2.5, -70000]});
            peer.echo(&us, pid(&us), &term);
            let (control, answer, parts) = peer.next().expect("it answers");
            let Control::SendSender { to, .. } = control else {
                panic!("{control:?}")
            };
            assert_eq!((to, answer), (pid(&us), term));
            let expected = if format == Format::Header {
                fragments
            } else {
                0
            };
            assert_eq!(parts, expected, "fragments of {size} bytes");
        }
    }

    // Somebody without the cookie is closed before anything is acknowledged, and takes nothing over.
    let us = us("raw@127.0.0.1", Flags::HIDDEN);
    let mut old = connected(&beam, &us);
    assert!(matches!(dial(&beam, &us, "guess"), Ok(None)));
    old.echo(&us, pid(&us), &term!(still));
    assert_eq!(old.next().map(|(_, term, _)| term), Some(term!(still)));

    // The same node again: it is told `alive`, says that it takes over, and the old connection ends.
    let mut new = connected(&beam, &us);
    assert!(old.next().is_none());
    new.echo(&us, pid(&us), &term!(taken));
    assert_eq!(new.next().map(|(_, term, _)| term), Some(term!(taken)));

    // A message to a pid of a node that it does not know yet makes it dial that node.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let other = Identity {
        name: atom("rust@127.0.0.1"),
        ..us.clone()
    };
    let register = Request::Alive(Node::new("rust", port, NodeType::Hidden));
    let (_, registered) = beam.names.lock().expect("no panic").answer(register, 78);
    assert!(registered.is_some());
    new.echo(&us, pid(&other), &term!({dialled, 1}));
    let (stream, _) = listener.accept().expect("it dials");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a time limit");
    let handshake = Handshake::accept(other.clone(), Cookie::new("secret"), 5, Framing::Two);
    let nothing = Progress {
        send: Vec::new(),
        event: Event::Wait,
    };
    let peer = finish(&other, stream, handshake, nothing).expect("a good handshake");
    let mut peer = peer.expect("it is not closed");
    assert_eq!(peer.identity.name, "beam@127.0.0.1");
    let (control, term, _) = peer.next().expect("it sends");
    // What was sent before the flags were known comes in the oldest form.
    assert_eq!(control, Control::Send { to: pid(&other) });
    assert_eq!(term, term!({dialled, 1}));
}

/// What a BEAM demands of us is what is demanded here of a peer: without any one of these flags it closes.
#[test]
fn a_beam_refuses_who_lacks_what_we_demand() {
    let Some(beam) = start("beam@127.0.0.1") else {
        return;
    };
    // Without the one bit that stands for many, each is looked at.
    let all = Flags::HIDDEN.without(Flags::MANDATORY_25_DIGEST);
    for bit in (0..64).map(|bit| Flags::from_bits(1 << bit)) {
        if Flags::MANDATORY_25.contains(bit) {
            let us = us("raw@127.0.0.1", all.without(bit));
            let refused = dial(&beam, &us, "secret");
            let is_refused = matches!(refused, Ok(None) | Err(HandshakeError::NotAllowed));
            assert!(is_refused, "without {bit}");
        }
    }
    assert!(
        dial(&beam, &us("raw@127.0.0.1", all), "secret")
            .expect("a good handshake")
            .is_some()
    );
}

/// From OTP 28 on, to who has the flag, messages to aliases come by the signal that is to replace the usual one.
#[test]
fn a_beam_sends_to_our_aliases() {
    let Some(beam) = start("beam@127.0.0.1") else {
        return;
    };
    for (name, flags) in [
        ("old@127.0.0.1", Flags::HIDDEN.without(Flags::ALTACT_SIG)),
        ("new@127.0.0.1", Flags::HIDDEN),
    ] {
        let us = us(name, flags);
        let mut peer = connected(&beam, &us);
        let alias = Reference::new(us.name.clone(), us.creation, &[1, 2, 3]).expect("3 words");
        peer.echo(&us, alias.clone(), &term!(aliased));
        let (control, term, _) = peer.next().expect("it answers");
        assert_eq!(term, term!(aliased));
        let common = us.flags & peer.identity.flags;
        match control {
            Control::AliasSend { to, .. } => {
                assert_eq!(to, alias);
                assert!(!common.contains(Flags::ALTACT_SIG));
            }
            Control::Altact {
                is_priority,
                is_exit,
                to,
                ..
            } => {
                assert_eq!(
                    (is_priority, is_exit, to),
                    (false, false, Destination::Alias(alias))
                );
                assert!(common.contains(Flags::ALTACT_SIG));
            }
            other => panic!("{other:?} is no message to an alias"),
        }
    }
}
