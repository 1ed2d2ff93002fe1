//! Terms of a known kind, read and written without a `Term`.

use otp_etf::{Atom, DecodeError, Decoder, Limits, Pid, Reference, Term, term};

use crate::random::terms;

fn encoded(term: &Term) -> Vec<u8> {
    let mut bytes = Vec::new();
    term.encode_into(&mut bytes).expect("it can be sent");
    bytes
}

/// Whatever a typed reader takes is what the term is, and it takes every such term.
#[test]
fn typed_readers_take_their_kind_and_no_other() {
    for term in terms(2000) {
        let bytes = encoded(&term);
        let decoder = || Decoder::new(&bytes, Limits::default());
        assert_eq!(decoder().next_pid().ok().as_ref(), term.as_pid());
        assert_eq!(
            decoder().next_reference().ok().as_ref(),
            term.as_reference()
        );
        assert_eq!(decoder().next_atom().ok().as_ref(), term.as_atom());
        assert_eq!(decoder().next_integer().ok(), term.as_integer());
        assert_eq!(
            decoder().next_tuple().ok(),
            term.as_tuple().map(<[Term]>::len)
        );
    }
}

#[test]
fn known_nodes_change_no_value() {
    let nodes = [
        "a@b",
        "kitchen@home.example.org",
        "kitchen@home.example.orga",
        "küche@zuhause.example.org",
    ];
    let nodes = nodes.map(Atom::constant);
    for known in [&nodes[..], &nodes[1..2], &[]] {
        for node in &nodes {
            let pid = Pid {
                id: 7,
                serial: 1,
                node: node.clone(),
                creation: 3,
            };
            let reference = Reference::new(node.clone(), 3, &[1, 2, 3]).expect("three words");
            let bytes = encoded(&term!({(pid.clone()), (reference.clone())}));
            let decoder = |end: usize| Decoder::new(&bytes[..end], Limits::default()).nodes(known);
            let mut parts = decoder(bytes.len());
            assert_eq!(parts.next_tuple(), Ok(2));
            assert_eq!(parts.next_pid(), Ok(pid));
            assert_eq!(parts.next_reference(), Ok(reference));
            for end in 0..bytes.len() {
                assert_eq!(decoder(end).term(), Err(DecodeError::Truncated), "{end}");
            }
        }
    }
}

#[test]
fn known_nodes_change_no_value_of_damaged_bytes() {
    let nodes = ["a@b", "kitchen@home.example.org"].map(Atom::constant);
    let of = |node: &Atom, length: usize| {
        let pid = Pid {
            id: 7,
            serial: 1,
            node: node.clone(),
            creation: 3,
        };
        let words = &[1, 2, 3, 4, 5][..length];
        let reference = Reference::new(node.clone(), 3, words).expect("up to five words");
        term!({(pid), (reference), (node.clone())})
    };
    let terms = nodes
        .iter()
        .flat_map(|node| (1..=5).map(|length| of(node, length)));
    for bytes in terms.map(|term| encoded(&term)) {
        for at in 0..bytes.len() {
            for value in (0..=8).chain(88..=120).chain([b'@', 128, 200, 255]) {
                let mut changed = bytes.clone();
                changed[at] = value;
                let plain = Decoder::new(&changed, Limits::default());
                let known = plain.clone().nodes(&nodes);
                assert_eq!(known.clone().term(), plain.clone().term(), "{changed:?}");
                let parts = |decoder: &Decoder<'_>| {
                    let mut decoder = decoder.clone();
                    let arity = decoder.next_tuple();
                    let ids = (decoder.next_pid(), decoder.next_reference());
                    (arity, ids, decoder.next_atom())
                };
                assert_eq!(parts(&known), parts(&plain), "{changed:?}");
            }
        }
    }
}

#[test]
fn parts_are_written_as_in_a_term() {
    for term in terms(2000) {
        let mut bytes = Vec::new();
        match &term {
            Term::Pid(pid) => pid.encode_into(&mut bytes),
            Term::Reference(reference) => reference.encode_into(&mut bytes),
            Term::Atom(atom) => atom.encode_into(&mut bytes),
            _ => continue,
        }
        assert_eq!(bytes, encoded(&term));
    }
}

/// The tags of older nodes, as in a control message.
#[test]
fn old_tags_are_read_by_their_kind() {
    let pid = [103, 100, 0, 3, b'a', b'@', b'b', 0, 0, 0, 5, 0, 0, 0, 0, 2];
    let read = Decoder::new(&pid, Limits::default()).next_pid();
    assert_eq!(read.as_ref().map(|pid| (pid.id, pid.creation)), Ok((5, 2)));
    let reference = [114, 0, 1, 100, 0, 3, b'a', b'@', b'b', 2, 0, 0, 0, 7];
    let read = Decoder::new(&reference, Limits::default()).next_reference();
    assert_eq!(
        read.map(|reference| reference.words().collect::<Vec<_>>()),
        Ok(vec![7])
    );
    for end in 0..pid.len() {
        let read = Decoder::new(&pid[..end], Limits::default()).next_pid();
        assert_eq!(read, Err(DecodeError::Truncated), "up to {end}");
    }
}

#[test]
fn limits_hold_for_typed_readers_too() {
    let bytes = encoded(&term!({a, b, c}));
    let mut decoder = Decoder::new(&bytes, Limits::default().terms(2));
    assert_eq!(decoder.next_tuple(), Err(DecodeError::TooManyTerms(2)));
    let mut decoder = Decoder::new(&bytes, Limits::default().atoms(1));
    assert_eq!(decoder.next_tuple(), Ok(3));
    assert!(decoder.next_atom().is_ok());
    assert_eq!(decoder.next_atom(), Err(DecodeError::TooManyAtoms(1)));
}
