//! What is written, and values that have no bytes on the wire.

use std::fmt;

use otp_etf::{ABSENT, Deserializer, Limits, SerializeError, Term, term, to_bytes, to_term};
use serde::de::{Deserialize, Visitor};
use serde::ser::{Serialize, Serializer};
use serde::{Deserialize as DeriveDeserialize, Serialize as DeriveSerialize};

/// What stands for the handle to answer a call with.
#[derive(Debug, Default, PartialEq)]
struct Handle(Option<u64>);

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(ABSENT, &())
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Known;

        impl<'de> Visitor<'de> for Known {
            type Value = Handle;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a handle")
            }

            fn visit_newtype_struct<D: serde::Deserializer<'de>>(
                self,
                known: D,
            ) -> Result<Handle, D::Error> {
                Option::deserialize(known).map(Handle)
            }
        }
        deserializer.deserialize_newtype_struct(ABSENT, Known)
    }
}

#[derive(Debug, PartialEq, DeriveSerialize, DeriveDeserialize)]
#[serde(rename_all = "snake_case")]
enum Call {
    Total(Handle),
    Divide(i64, i64, Handle),
    First(Handle, i64),
    Only(Handle, Handle),
    Boxed(Box<Handle>, u8),
    Rename {
        from: String,
        #[serde(rename = "$otp_etf::Absent")]
        reply: Handle,
    },
    Maybe(Option<Handle>, u8),
    Plain(u8),
}

fn read(term: &Term, number: Option<u64>) -> Result<Call, String> {
    let bytes = term.encode().expect("it can be sent");
    let mut deserializer = Deserializer::new(&bytes, Limits::default());
    if let Some(number) = number {
        deserializer = deserializer.absent(number);
    }
    deserializer.version().expect("it has one");
    let call = Call::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.finish().map_err(|error| error.to_string())?;
    Ok(call)
}

#[test]
fn a_value_that_is_absent_leaves_no_trace() {
    let handle = || Handle(Some(7));
    let cases = [
        (Call::Total(handle()), term!(total)),
        (Call::Divide(10, 4, handle()), term!({divide, 10, 4})),
        (Call::First(handle(), 4), term!({first, 4})),
        (Call::Only(handle(), handle()), term!(only)),
        (Call::Boxed(Box::new(handle()), 1), term!({boxed, 1})),
        (
            Call::Rename {
                from: "a".into(),
                reply: handle(),
            },
            term!({rename, #{from => "a"}}),
        ),
        (Call::Maybe(Some(handle()), 1), term!({maybe, 1})),
        (Call::Plain(1), term!({plain, 1})),
    ];
    for (call, term) in cases {
        assert_eq!(to_term(&call).expect("it can be sent"), term);
        assert_eq!(read(&term, Some(7)), Ok(call));
    }
    assert_eq!(read(&term!(total), None), Ok(Call::Total(Handle(None))));
}

#[test]
fn a_value_that_is_absent_takes_nothing() {
    let refused = [
        (term!({total, 1}), "total: found 1 values, expected 0"),
        (
            term!({divide, 10, 4, 5}),
            "divide: found 3 values, expected 2",
        ),
        (
            term!({divide, 10}),
            "divide.1: found only 1 values, expected i64",
        ),
        (term!(divide), "divide.0: found only 0 values, expected i64"),
        (term!({ plain }), "plain: found only 0 values, expected u8"),
    ];
    for (term, message) in refused {
        assert_eq!(read(&term, Some(7)), Err(message.to_owned()), "{term}");
    }
}

#[test]
fn other_containers_leave_an_absent_value_out() {
    #[derive(DeriveSerialize)]
    struct Fields {
        a: Handle,
        b: u8,
    }

    assert_eq!(
        to_term(&(1, Handle(None), 2)).expect("it can be sent"),
        term!({1, 2})
    );
    assert_eq!(
        to_term(&[Handle(None), Handle(None)]).expect("it can be sent"),
        term!({})
    );
    assert_eq!(
        to_term(&vec![Handle(None)]).expect("it can be sent"),
        term!([])
    );
    assert_eq!(
        to_term(&Fields {
            a: Handle(None),
            b: 1
        })
        .expect("it can be sent"),
        term!(#{b => 1})
    );
    assert_eq!(to_bytes(&Handle(None)), Err(SerializeError::Absent));
    let wide: Vec<Option<Handle>> = (0..300).map(|_| Some(Handle(None))).collect();
    assert_eq!(to_term(&wide).expect("it can be sent"), term!([]));
    // A large tuple that becomes a small one.
    struct Large;

    impl Serialize for Large {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeTuple;

            let mut tuple = serializer.serialize_tuple(300)?;
            for number in 0..300u32 {
                if number < 200 {
                    tuple.serialize_element(&number)?;
                } else {
                    tuple.serialize_element(&Handle(None))?;
                }
            }
            tuple.end()
        }
    }
    assert_eq!(
        to_term(&Large).expect("it can be sent"),
        Term::tuple((0..200u32).map(Term::from))
    );
}

#[test]
fn what_erlang_does_not_have_is_refused() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(to_bytes(&vec![number]).is_err());
        assert!(Term::Float(number).encode().is_err());
    }
}
