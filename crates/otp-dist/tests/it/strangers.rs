//! Those who know a node's name and not the cookie: they keep nobody from that node.

use std::net::Ipv4Addr;

use otp_core::prelude::*;
use otp_dist::wire::flags::Flags;
use otp_dist::wire::handshake::{Cookie, Event, Framing, Handshake, Identity, Status};
use otp_dist::{Config, Distribution};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{A, B, Pair, atom, config};

fn identity(name: &str) -> Identity {
    Identity {
        name: atom(name),
        flags: Flags::HIDDEN,
        creation: 7,
    }
}

/// Begins a handshake with a node in the name of another one, and goes no further. Returns the node's status.
async fn begins(to: &Distribution, name: &str) -> (TcpStream, String) {
    let cookie = Cookie::new("a guess");
    let (_, hello) = Handshake::dial(identity(name), to.name().clone(), cookie, 5, Framing::Two);
    let mut stream = TcpStream::connect(to.address()).await.expect("it listens");
    stream.write_all(&hello).await.expect("it reads");
    let length = stream.read_u16().await.expect("it answers");
    let mut status = vec![0; length.into()];
    stream.read_exact(&mut status).await.expect("it answers");
    (stream, String::from_utf8(status).expect("it is text"))
}

// THR-002
#[tokio::test]
async fn a_stranger_who_takes_a_nodes_name_keeps_nobody_from_dialling_it() {
    let pair = Pair::start().await;
    let (first, status) = begins(&pair.on_a, B).await;
    assert_eq!(status, "sok");
    let node = atom(B);
    // As long as there is always one more, too.
    let taking_turns = async {
        let (second, _) = begins(&pair.on_a, B).await;
        drop(first);
        second
    };
    let (connected, _second) = tokio::join!(pair.on_a.connect(&node), taking_turns);
    assert_eq!(connected, Ok(()));
    assert_eq!(pair.on_b.nodes(), [atom(A)]);
}

// THR-002
#[tokio::test]
async fn a_stranger_ends_no_attempt_to_dial_the_node_whose_name_it_takes() {
    // Of two that dial each other, the attempt of this one goes on.
    const Z: &str = "z@127.0.0.1";
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let config: Config = config(A).peer(Z, address);
    let a = Distribution::start(&Node::new(), config).await;
    let a = a.expect("a starts");
    // The node itself knows of no attempt of its own.
    let shaking = async {
        let (mut stream, _) = listener.accept().await.expect("it is dialled");
        let (stranger, status) = begins(&a, Z).await;
        assert_eq!(status, "sok_simultaneous");
        let cookie = Cookie::new("secret");
        let mut handshake = Handshake::accept(identity(Z), cookie, 5, Framing::Two);
        let mut buffer = [0; 1024];
        loop {
            let read = stream.read(&mut buffer).await.expect("it is connected");
            assert!(read > 0, "the attempt has ended");
            let mut progress = handshake.receive(&buffer[..read]).expect("it is a");
            if let Event::Asked(_) = progress.event {
                progress = handshake.answer(Status::Ok).expect("it has asked");
            }
            stream.write_all(&progress.send).await.expect("it reads");
            if let Event::Connected(_) = progress.event {
                return (stream, stranger);
            }
        }
    };
    let node = atom(Z);
    let (connected, _streams) = tokio::join!(a.connect(&node), shaking);
    assert_eq!(connected, Ok(()));
    assert_eq!(a.nodes(), [node]);
}
