//! A peer by hand, with the right cookie: what it sends and gets are frames.

use std::collections::VecDeque;

use otp_dist::wire::control::{Control, Target};
use otp_dist::wire::flags::Flags;
use otp_dist::wire::fragment::{Assembler, FragmentLimits};
use otp_dist::wire::frame::{Format, Frame, LONGEST, Message, Reader};
use otp_dist::wire::handshake::{Cookie, Event, Framing, Handshake, Identity};
use otp_dist::{Distribution, Streams};
use otp_etf::{Atom, Decoder, Limits, Reference, Term, term};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{LONG, atom};

pub(crate) struct Raw {
    streams: Streams,
    pub(crate) node: Atom,
    creation: u32,
    reader: Reader,
    fragments: Assembler,
    got: VecDeque<Got>,
    calls: u32,
}

/// What a frame says.
#[derive(Debug, PartialEq)]
pub(crate) enum Got {
    Tick,
    Signal(Control, Term),
}

impl Raw {
    pub(crate) async fn connect(to: &Distribution, name: &str) -> Self {
        Self::connect_as(to, name, 77).await
    }

    /// Connects as this life of a node.
    pub(crate) async fn connect_as(to: &Distribution, name: &str, creation: u32) -> Self {
        Self::connect_with(to, name, creation, Flags::HIDDEN).await
    }

    /// Connects with these flags.
    pub(crate) async fn connect_with(
        to: &Distribution,
        name: &str,
        creation: u32,
        flags: Flags,
    ) -> Self {
        let stream = TcpStream::connect(to.address()).await.expect("it listens");
        stream.set_nodelay(true).expect("it is connected");
        let (input, output) = stream.into_split();
        let streams: Streams = (Box::new(input), Box::new(output));
        let us = Identity {
            name: atom(name),
            flags,
            creation,
        };
        let raw = Self::shake_hands_as(us, streams, to, "secret").await;
        raw.expect("the handshake is not refused")
    }

    /// The bytes of the next frame.
    pub(crate) async fn bytes(&mut self) -> Vec<u8> {
        let reading = async {
            let length = self.streams.0.read_u32().await?;
            let mut frame = vec![0; length as usize];
            self.streams.0.read_exact(&mut frame).await?;
            Ok::<_, std::io::Error>(frame)
        };
        let read = tokio::time::timeout(LONG, reading).await;
        read.expect("something comes").expect("it is connected")
    }

    /// Makes a handshake; nothing if it is refused.
    pub(crate) async fn shake_hands(
        streams: Streams,
        to: &Distribution,
        name: &str,
        creation: u32,
        cookie: &str,
    ) -> Option<Self> {
        let us = Identity {
            name: atom(name),
            flags: Flags::HIDDEN,
            creation,
        };
        Self::shake_hands_as(us, streams, to, cookie).await
    }

    async fn shake_hands_as(
        us: Identity,
        streams: Streams,
        to: &Distribution,
        cookie: &str,
    ) -> Option<Self> {
        let (node, creation) = (us.name.clone(), us.creation);
        let (mut input, mut output) = streams;
        let cookie = Cookie::new(cookie);
        let (mut handshake, hello) =
            Handshake::dial(us, to.name().clone(), cookie, 5, Framing::Two);
        output.write_all(&hello).await.expect("it reads");
        let mut buffer = [0; 1024];
        loop {
            let read = input.read(&mut buffer).await.unwrap_or(0);
            if read == 0 {
                return None;
            }
            let progress = handshake.receive(&buffer[..read]).expect("it is a node");
            output.write_all(&progress.send).await.expect("it reads");
            if let Event::Connected(_) = progress.event {
                let mut reader = Reader::new(LONGEST);
                reader.input().extend(handshake.into_rest());
                return Some(Self {
                    streams: (input, output),
                    node,
                    creation,
                    reader,
                    fragments: Assembler::new(FragmentLimits {
                        bytes: 256 << 20,
                        ..FragmentLimits::default()
                    }),
                    got: VecDeque::new(),
                    calls: 0,
                });
            }
        }
    }

    /// A process of this peer's.
    pub(crate) fn pid(&self, id: u32) -> otp_etf::Pid {
        otp_etf::Pid {
            serial: 0,
            id,
            node: self.node.clone(),
            creation: self.creation,
        }
    }

    pub(crate) fn reference(&self, id: u32) -> Reference {
        let words = [id, 0, 0];
        Reference::new(self.node.clone(), self.creation, &words).expect("three words")
    }

    /// Sends bytes as a frame.
    pub(crate) async fn frame(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u32).to_be_bytes();
        // A peer that has closed does not read.
        let _written = self.streams.1.write_all(&[&length, bytes].concat()).await;
    }

    /// Sends a signal without a payload.
    pub(crate) async fn signal(&mut self, control: &Control) {
        let mut frame = Vec::new();
        let written = Format::Header.control(&mut frame, |out| control.encode(out));
        written.expect("it can be written");
        self.streams.1.write_all(&frame).await.expect("it reads");
    }

    /// Sends a signal with a payload.
    pub(crate) async fn carry(&mut self, control: &Control, payload: &Term) {
        let mut frame = Vec::new();
        let payload = |out: &mut Vec<u8>| payload.encode_into(out);
        let written = Format::Header.message(&mut frame, |out| control.encode(out), payload);
        written.expect("it can be written");
        self.streams.1.write_all(&frame).await.expect("it reads");
    }

    /// Process 1 monitors what has a name there.
    pub(crate) async fn monitor(&mut self, name: &str, id: u32) {
        let monitor = Control::Monitor {
            from: self.pid(1),
            to: Target::Name(atom(name)),
            reference: self.reference(id),
        };
        self.signal(&monitor).await;
    }

    /// Process 1 sends a call with this tag.
    pub(crate) async fn call(&mut self, name: &str, tag: Term, request: Term) {
        let to = atom(name);
        let from = self.pid(1);
        let message = term!({@"$gen_call", {(from.clone()), (tag)}, (request)});
        self.carry(&Control::RegSend { from, to }, &message).await;
    }

    /// Process 1 sends a message.
    pub(crate) async fn tell(&mut self, name: &str, message: &Term) {
        let (from, to) = (self.pid(1), atom(name));
        self.carry(&Control::RegSend { from, to }, message).await;
    }

    /// What comes next.
    pub(crate) async fn got(&mut self) -> Got {
        let reading = async {
            loop {
                if let Some(got) = self.got.pop_front() {
                    return got;
                }
                self.take();
                if self.got.is_empty() {
                    let read = self.streams.0.read_buf(self.reader.input()).await;
                    assert!(read.expect("it is connected") > 0, "it closes");
                }
            }
        };
        tokio::time::timeout(LONG, reading)
            .await
            .expect("something comes")
    }

    /// The next signal.
    pub(crate) async fn next(&mut self) -> (Control, Term) {
        loop {
            if let Got::Signal(control, payload) = self.got().await {
                return (control, payload);
            }
        }
    }

    fn take(&mut self) {
        while let Some(frame) = self.reader.next().expect("they are frames") {
            let got = match frame {
                Frame::Tick => Got::Tick,
                Frame::Message(message) => signal(message),
                Frame::Fragment(fragment) => match self.fragments.add(fragment).expect("it fits") {
                    Some(whole) => signal(Message::assembled(&whole)),
                    None => continue,
                },
            };
            self.got.push_back(got);
        }
    }

    /// Calls the server once more: what comes before the answer has come by then.
    pub(crate) async fn until_answered(&mut self, name: &str) -> Vec<(Control, Term)> {
        self.calls += 1;
        let tag = Term::from(self.reference(1_000_000 + self.calls));
        self.call(name, tag.clone(), term!(get)).await;
        let mut before = Vec::new();
        loop {
            let (control, payload) = self.next().await;
            match payload.as_tuple() {
                Some([first, _]) if *first == tag => return before,
                _ => before.push((control, payload)),
            }
        }
    }

    /// Pings the node; false if it has closed the connection.
    pub(crate) async fn is_answered(&mut self) -> bool {
        self.calls += 1;
        let tag = Term::from(self.reference(1_000_000 + self.calls));
        let from = self.pid(1);
        let ping = term!({is_auth, (self.node.clone())});
        let call = term!({@"$gen_call", {(from.clone()), (tag.clone())}, (ping)});
        let mut bytes = vec![131, 68, 0];
        let to = atom("net_kernel");
        let control = Control::RegSend { from, to };
        control.encode(&mut bytes).expect("it can be written");
        call.encode_into(&mut bytes).expect("it can be written");
        self.frame(&bytes).await;
        let reading = async {
            loop {
                self.take();
                while let Some(got) = self.got.pop_front() {
                    if let Got::Signal(_, answer) = got
                        && matches!(answer.as_tuple(), Some([first, _]) if *first == tag)
                    {
                        return true;
                    }
                }
                let read = self.streams.0.read_buf(self.reader.input()).await;
                if !matches!(read, Ok(1..)) {
                    return false;
                }
            }
        };
        let answered = tokio::time::timeout(LONG, reading).await;
        answered.expect("it answers, or closes")
    }

    /// Waits until the other side closes.
    pub(crate) async fn closed(mut self) -> bool {
        let mut buffer = [0; 4096];
        let reading = async { while matches!(self.streams.0.read(&mut buffer).await, Ok(1..)) {} };
        tokio::time::timeout(LONG, reading).await.is_ok()
    }
}

fn signal(message: Message<'_>) -> Got {
    let decoded = Control::decode(message, &Limits::default());
    let (control, payload) = decoded.expect("it is a control message");
    let payload = match payload {
        [] => term!(nil),
        payload => {
            let limits = Limits::default().binary(payload.len());
            let mut decoder = Decoder::new(payload, limits);
            decoder.term().expect("it is a term")
        }
    };
    Got::Signal(control, payload)
}
