//! Handshakes over a network that delays and splits, with seeds that can be played again.

use fastrand::Rng;
use otp_dist::wire::control::Control;
use otp_dist::wire::flags::Flags;
use otp_dist::wire::frame::{Format, Frame, Reader};
use otp_dist::wire::handshake::{
    Cookie, Event, Framing, Handshake, HandshakeError, Identity, Status,
};
use otp_etf::Limits;

use crate::samples::{frame, pid};

/// One end of a connection: its handshake, and then its frames.
#[derive(Debug)]
struct End {
    /// `None` when the handshake is over.
    handshake: Option<Handshake>,
    peer: Option<Identity>,
    reader: Reader,
    /// What the other end has sent and what has not arrived.
    on_the_way: Vec<u8>,
    controls: Vec<Control>,
    error: Option<HandshakeError>,
    is_closed: bool,
    /// Whether the owner has answered the peer's name.
    was_asked: bool,
}

/// A node with at most one connection that it dials and one that it is dialled on.
#[derive(Debug)]
struct Node {
    us: Identity,
    framing: Framing,
    dials: Option<End>,
    accepts: Option<End>,
}

impl End {
    fn new(handshake: Handshake) -> Self {
        Self {
            handshake: Some(handshake),
            peer: None,
            reader: Reader::new(1000),
            on_the_way: Vec::new(),
            controls: Vec::new(),
            error: None,
            is_closed: false,
            was_asked: false,
        }
    }

    /// Some of the bytes arrive. Gives what is to be sent; `asked` is what the owner says to a name.
    fn arrive(&mut self, rng: &mut Rng, asked: impl FnOnce(&Identity) -> Status) -> Vec<u8> {
        let size = rng.usize(0..=self.on_the_way.len());
        let bytes: Vec<u8> = self.on_the_way.drain(..size).collect();
        let mut sent = Vec::new();
        match &mut self.handshake {
            Some(handshake) => match Self::handshake(handshake, &bytes, asked, &mut sent) {
                Ok(Some(peer)) => {
                    self.peer = Some(peer);
                    let rest = self.handshake.take().map(Handshake::into_rest);
                    self.reader.input().extend(rest.unwrap_or_default());
                    // What is written right behind the handshake.
                    let link = Control::Link {
                        from: pid(1),
                        to: pid(2),
                    };
                    sent.extend(frame(Format::Header, &link));
                }
                Ok(None) => {}
                Err(error) => {
                    self.error = Some(error);
                    self.is_closed = true;
                }
            },
            None => self.reader.input().extend(bytes),
        }
        while let Some(frame) = self.reader.next().expect("they are frames") {
            let Frame::Message(message) = frame else {
                panic!("{frame:?}")
            };
            let (control, _) = Control::decode(message, &Limits::default()).expect("a control");
            self.controls.push(control);
        }
        sent
    }

    fn handshake(
        handshake: &mut Handshake,
        bytes: &[u8],
        asked: impl FnOnce(&Identity) -> Status,
        sent: &mut Vec<u8>,
    ) -> Result<Option<Identity>, HandshakeError> {
        let mut progress = handshake.receive(bytes)?;
        if let Event::Asked(peer) = &progress.event {
            sent.append(&mut progress.send);
            progress = handshake.answer(asked(peer))?;
        }
        sent.append(&mut progress.send);
        Ok(match progress.event {
            Event::Connected(peer) => Some(peer),
            _ => None,
        })
    }
}

impl Node {
    fn new(name: &str, framing: Framing) -> Self {
        let us = Identity {
            name: name.parse().expect("a short name"),
            flags: Flags::VISIBLE,
            creation: 4,
        };
        Self {
            us,
            framing,
            dials: None,
            accepts: None,
        }
    }

    /// Dials the other node.
    fn dial(&mut self, other: &mut Self, cookie: &str, rng: &mut Rng) {
        let cookie = Cookie::new(cookie);
        let peer = other.us.name.clone();
        let (handshake, hello) =
            Handshake::dial(self.us.clone(), peer, cookie, rng.u32(..), self.framing);
        self.dials = Some(End::new(handshake));
        let accept = Handshake::accept(
            other.us.clone(),
            Cookie::new("secret"),
            rng.u32(..),
            other.framing,
        );
        let mut end = End::new(accept);
        end.on_the_way = hello;
        other.accepts = Some(end);
    }

    /// Bytes arrive on one of the connections, and an answer goes to the other end.
    fn step(&mut self, other: &mut Self, is_dialled: bool, rng: &mut Rng) {
        let is_dialling = is_dialled && self.dials.as_ref().is_some_and(|dial| !dial.is_closed);
        let (here, there) = if is_dialled {
            (&mut self.accepts, &mut other.dials)
        } else {
            (&mut self.dials, &mut other.accepts)
        };
        let (Some(here), Some(there)) = (here, there) else {
            return;
        };
        if here.is_closed {
            return;
        }
        let us = &self.us.name;
        let mut answer = Status::Ok;
        let mut has_asked = false;
        let sent = here.arrive(rng, |peer| {
            has_asked = true;
            if is_dialling {
                answer = Status::simultaneous(us, &peer.name);
            }
            answer
        });
        here.was_asked |= has_asked;
        there.on_the_way.extend(sent);
        match answer {
            // Theirs goes on, and ours is given up.
            Status::OkSimultaneous => self.dials = None,
            // Ours goes on; the other side hears it and waits.
            Status::Nok => here.is_closed = true,
            _ => {}
        }
    }
}

/// Lets both nodes take turns until nothing happens any more.
fn run(a: &mut Node, b: &mut Node, rng: &mut Rng) {
    for _ in 0..2000 {
        let is_dialled = rng.bool();
        if rng.bool() {
            a.step(b, is_dialled, rng);
        } else {
            b.step(a, is_dialled, rng);
        }
    }
}

fn connected(end: Option<&End>) -> Option<&Identity> {
    end?.peer.as_ref()
}

#[test]
fn one_dials_and_both_are_connected() {
    for seed in 0..500 {
        let mut rng = Rng::with_seed(seed);
        let framing = if rng.bool() {
            Framing::Two
        } else {
            Framing::Four
        };
        let (mut a, mut b) = (
            Node::new("a@127.0.0.1", framing),
            Node::new("b@127.0.0.1", framing),
        );
        a.dial(&mut b, "secret", &mut rng);
        run(&mut a, &mut b, &mut rng);
        assert_eq!(connected(a.dials.as_ref()), Some(&b.us), "seed {seed}");
        assert_eq!(connected(b.accepts.as_ref()), Some(&a.us), "seed {seed}");
        // The frames that were right behind the handshake have arrived.
        for end in [a.dials, b.accepts] {
            let link = Control::Link {
                from: pid(1),
                to: pid(2),
            };
            assert_eq!(end.unwrap().controls, [link], "seed {seed}");
        }
    }
}

#[test]
fn another_cookie_connects_nobody() {
    for seed in 0..200 {
        let mut rng = Rng::with_seed(seed);
        let (mut a, mut b) = (
            Node::new("a@127.0.0.1", Framing::Two),
            Node::new("b@127.0.0.1", Framing::Two),
        );
        a.dial(&mut b, "guess", &mut rng);
        run(&mut a, &mut b, &mut rng);
        assert_eq!(connected(a.dials.as_ref()), None, "seed {seed}");
        assert_eq!(
            b.accepts.unwrap().error,
            Some(HandshakeError::Cookie),
            "seed {seed}"
        );
    }
}

/// Both dial at the same time: exactly one of the two connections is made, and both ends think so.
#[test]
fn of_two_that_dial_each_other_one_wins() {
    let mut rounds = [0; 3];
    for seed in 0..1000 {
        let mut rng = Rng::with_seed(seed);
        let (mut a, mut b) = (
            Node::new("a@127.0.0.1", Framing::Two),
            Node::new("b@127.0.0.1", Framing::Two),
        );
        a.dial(&mut b, "secret", &mut rng);
        // The second may come before anything has arrived of the first, or in the middle of it.
        for _ in 0..rng.usize(0..6) {
            b.step(&mut a, true, &mut rng);
            a.step(&mut b, false, &mut rng);
        }
        if b.accepts.as_ref().is_some_and(|end| end.was_asked) {
            // The connection is being made already, and so it does not dial.
            rounds[0] += 1;
        } else {
            b.dial(&mut a, "secret", &mut rng);
        }
        run(&mut a, &mut b, &mut rng);
        let by_a = (connected(a.dials.as_ref()), connected(b.accepts.as_ref()));
        let by_b = (connected(b.dials.as_ref()), connected(a.accepts.as_ref()));
        let made = |(x, y): (Option<_>, Option<_>)| {
            assert_eq!(x.is_some(), y.is_some(), "seed {seed}: both ends agree");
            x.is_some()
        };
        let (by_a, by_b) = (made(by_a), made(by_b));
        assert!(by_a != by_b, "seed {seed}: {by_a} {by_b}");
        rounds[if by_a { 1 } else { 2 }] += 1;
    }
    assert!(
        rounds[1] > 50 && rounds[2] > 50,
        "both ways happen: {rounds:?}"
    );
}
