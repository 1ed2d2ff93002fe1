//! EPMD: what nodes ask, and what a daemon answers.

use otp_dist::wire::epmd::{
    Alive, EpmdError, LONGEST_LIST, Names, Node, NodeType, Request, read_alive, read_names,
    read_port,
};

fn node() -> Node {
    Node::new("rust", 0x1234, NodeType::Hidden)
}

fn requests() -> [Request; 4] {
    [
        Request::Alive(node()),
        Request::Alive(Node::new("größe", 1, NodeType::Normal)),
        Request::PortPlease("rust".into()),
        Request::Names,
    ]
}

#[test]
fn requests_have_the_bytes_that_epmd_expects() {
    let alive = b"\0\x11\x78\x12\x34\x48\0\0\x06\0\x05\0\x04rust\0\0";
    assert_eq!(Request::Alive(node()).encode(), alive);
    assert_eq!(Request::PortPlease("rust".into()).encode(), b"\0\x05zrust");
    assert_eq!(Request::Names.encode(), b"\0\x01n");
}

#[test]
fn requests_are_read_when_they_are_whole() {
    for request in requests() {
        let bytes = request.encode();
        for end in 0..bytes.len() {
            assert_eq!(Request::read(&bytes[..end]), Ok(None));
        }
        let more = [&bytes[..], b"more"].concat();
        assert_eq!(Request::read(&more), Ok(Some((request, bytes.len()))));
    }
}

#[test]
fn requests_that_are_none_are_errors() {
    for (bytes, expected) in [
        (&b"GET / HTTP/1.0\r\n\r\n"[..], EpmdError::TooLong(0x4745)),
        (b"\0\0", EpmdError::Malformed(0)),
        (b"\0\x01k", EpmdError::Kind(b'k')),
        (b"\0\x01d", EpmdError::Kind(b'd')),
        (b"\0\x05srust", EpmdError::Kind(b's')),
        (b"\0\x02nx", EpmdError::Malformed(b'n')),
        (b"\0\x01z", EpmdError::Name),
        (b"\0\x03z\xff\xfe", EpmdError::Name),
        (b"\0\x04za b", EpmdError::Name),
        (b"\0\x04za@b", EpmdError::Name),
        (b"\0\x04za\nb", EpmdError::Name),
        (
            b"\0\x0c\x78\0\0\x4d\0\0\x06\0\x05\xff\xffx",
            EpmdError::Malformed(120),
        ),
        (
            b"\0\x0e\x78\0\x01\x4d\x07\0\x06\0\x05\0\x01x\0\0",
            EpmdError::Malformed(7),
        ),
        (b"\0\x01\x78", EpmdError::Malformed(120)),
    ] {
        assert_eq!(Request::read(bytes), Err(expected), "{bytes:?}");
    }
    let long = Request::PortPlease("x".repeat(1021)).encode();
    assert_eq!(Request::read(&long), Err(EpmdError::Name));
}

#[test]
fn a_changed_byte_does_no_harm() {
    let mut names = Names::new(4369);
    let replies = requests().map(|request| names.answer(request, 77).0);
    for bytes in requests()
        .map(|request| request.encode())
        .into_iter()
        .chain(replies)
    {
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut bytes = bytes.clone();
                bytes[at] = value;
                if let Ok(Some((request, length))) = Request::read(&bytes) {
                    assert!(length <= bytes.len());
                    let _ = names.answer(request, 4);
                }
                let _ = (read_alive(&bytes), read_port(&bytes), read_names(&bytes));
            }
        }
    }
}

#[test]
fn a_name_belongs_to_one_node_until_it_is_forgotten() {
    let mut names = Names::new(4369);
    let (reply, registered) = names.answer(Request::Alive(node()), 77);
    assert_eq!(reply, [118, 0, 0, 0, 0, 77]);
    assert_eq!(read_alive(&reply), Ok(Some(Alive { creation: 77 })));

    let (reply, second) = names.answer(Request::Alive(node()), 78);
    assert_eq!(second, None);
    assert_eq!(read_alive(&reply), Err(EpmdError::Refused));

    let (reply, _) = names.answer(Request::PortPlease("rust".into()), 1);
    assert_eq!(reply, b"\x77\0\x12\x34\x48\0\0\x06\0\x05\0\x04rust\0\0");
    assert_eq!(read_port(&reply), Ok(Some(Some(node()))));
    for end in 0..reply.len() {
        assert_eq!(read_port(&reply[..end]), Ok(None));
    }

    let (reply, _) = names.answer(Request::Names, 1);
    assert_eq!(reply, b"\0\0\x11\x11name rust at port 4660\n");
    assert_eq!(read_names(&reply), Ok(vec![("rust".into(), 0x1234)]));

    names.forget(registered.unwrap());
    let (reply, _) = names.answer(Request::PortPlease("rust".into()), 1);
    assert_eq!(reply, [119, 1]);
    assert_eq!(read_port(&reply), Ok(Some(None)));
    assert_eq!(names.nodes().count(), 0);
    assert!(names.answer(Request::Alive(node()), 79).1.is_some());
}

#[test]
fn a_node_of_an_old_version_gets_a_creation_that_it_understands() {
    let mut names = Names::new(4369);
    let old = Node {
        highest: 5,
        ..node()
    };
    let (reply, registered) = names.answer(Request::Alive(old), 77);
    assert!(registered.is_some());
    assert_eq!(reply[..2], [121, 0]);
    let creation = read_alive(&reply).unwrap().unwrap().creation;
    assert!((1..=3).contains(&creation));
}

#[test]
fn there_are_so_many_names_and_no_more() {
    let mut names = Names::new(4369);
    let register = |names: &mut Names, at: usize| {
        let node = Node::new(format!("n{at}"), 1, NodeType::Normal);
        names.answer(Request::Alive(node), 4).1.is_some()
    };
    let accepted = (0..5000).filter(|at| register(&mut names, *at)).count();
    assert_eq!(accepted, 4096);
}

#[test]
fn daemons_that_are_none_are_errors() {
    for (bytes, expected) in [
        (&[1, 2, 3, 4][..], EpmdError::Kind(1)),
        (&[118, 1], EpmdError::Refused),
        (&[118, 1, 0, 0, 0, 0], EpmdError::Refused),
        (&[121, 99], EpmdError::Refused),
    ] {
        assert_eq!(read_alive(bytes), Err(expected));
    }
    for bytes in [&[][..], &[118], &[118, 0, 0, 0, 0], &[121, 0, 1]] {
        assert_eq!(read_alive(bytes), Ok(None));
    }
    assert_eq!(read_alive(&[121, 0, 0, 3]), Ok(Some(Alive { creation: 3 })));
    assert_eq!(read_port(&[118, 0]), Err(EpmdError::Kind(118)));
    let odd = b"\x77\0\x12\x34\x48\0\0\x06\0\x05\0\x01\xff\0\0";
    assert_eq!(read_port(odd), Err(EpmdError::Name));
    // A name that never ends.
    let endless = [&odd[..10], &[0xFF; 70_000]].concat();
    assert!(read_port(&endless).is_err());

    for bytes in [
        &b""[..],
        b"\0\0\x11",
        b"\0\0\x11\x11nonsense\n",
        b"\0\0\x11\x11name a at port x\n",
        b"\0\0\x11\x11name a at port 70000\n",
    ] {
        assert_eq!(
            read_names(bytes),
            Err(EpmdError::Malformed(110)),
            "{bytes:?}"
        );
    }
    assert_eq!(read_names(b"\0\0\x11\x11"), Ok(Vec::new()));
    let long = vec![b'\n'; LONGEST_LIST + 1];
    assert_eq!(read_names(&long), Err(EpmdError::TooLong(LONGEST_LIST + 1)));
}
