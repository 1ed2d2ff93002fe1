//! Terms as text, where no BEAM is asked.

use otp_etf::{Atom, Export, Term, term};

#[track_caller]
fn check(term: &Term, erlang: &str, elixir: &str) {
    assert_eq!(term.to_string(), erlang);
    assert_eq!(term.inspect().to_string(), elixir);
}

#[test]
fn atoms_are_quoted_where_they_have_to_be() {
    check(&term!(ok), "ok", ":ok");
    check(&term!(@"with space"), "'with space'", ":\"with space\"");
    check(
        &term!(@"Elixir.Interop.Point"),
        "'Elixir.Interop.Point'",
        "Interop.Point",
    );
    check(&term!(@""), "''", ":\"\"");
    check(&term!(@"maybe"), "'maybe'", ":maybe");
    check(&term!(@"it's"), "'it\\'s'", ":\"it's\"");
    check(&term!(@"ärger@1"), "ärger@1", ":ärger@1");
    check(&term!(@"漢"), "'漢'", ":漢");
    check(&term!(nil), "nil", "nil");
    check(&term!(@"=="), "'=='", ":==");
}

#[test]
fn numbers_are_as_short_as_they_can_be() {
    check(&term!(0.0), "0.0", "0.0");
    check(&term!(-0.0), "-0.0", "-0.0");
    check(&term!(1e22), "1.0e22", "1.0e22");
    check(&term!(1.0e15), "1.0e15", "1000000000000000.0");
    check(&term!(0.0001), "0.0001", "0.0001");
    check(&term!(0.00001), "1.0e-5", "1.0e-5");
    check(
        &term!(9007199254740992.0),
        "9.007199254740992e15",
        "9007199254740992.0",
    );
    check(
        &Term::from(i128::MIN),
        "-170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105728",
    );
    let power = Term::from_sign_magnitude(false, &[&[0; 125][..], &[1]].concat());
    let digits = power.to_string();
    assert!(
        digits.starts_with("10715086071862673209484250490600018105614") && digits.len() == 302,
        "2^1000"
    );
}

#[test]
fn texts_are_texts() {
    check(&term!("egg"), "<<\"egg\">>", "\"egg\"");
    check(&term!("äπ"), "<<\"äπ\"/utf8>>", "\"äπ\"");
    check(&term!(""), "<<>>", "\"\"");
    check(&Term::from(&[0u8, 255][..]), "<<0,255>>", "<<0, 255>>");
    check(
        &Term::charlist("a\"b\n"),
        "\"a\\\"b\\n\"",
        "~c\"a\\\"b\\n\"",
    );
    check(&term!("#{x}"), "<<\"#{x}\">>", "\"\\#{x}\"");
    check(&term!([]), "[]", "[]");
}

#[test]
fn containers_are_on_one_line() {
    check(
        &term!({ok, [1, [a | b]], #{}}),
        "{ok,[1,[a|b]],#{}}",
        "{:ok, [1, [:a | :b]], %{}}",
    );
    check(
        &term!([{a, 1}, {b, {c}}]),
        "[{a,1},{b,{c}}]",
        "[a: 1, b: {:c}]",
    );
    check(
        &term!(#{1 => 2, a => nil}),
        "#{1 => 2,a => nil}",
        "%{1 => 2, :a => nil}",
    );
    check(
        &term!(#{@"__struct__" => @"Elixir.Interop.Point", x => 1, y => 2}),
        "#{'__struct__' => 'Elixir.Interop.Point',x => 1,y => 2}",
        "%Interop.Point{x: 1, y: 2}",
    );
    check(
        &term!(#{@"__struct__" => @"Elixir.A", @"A" => 1}),
        "#{'A' => 1,'__struct__' => 'Elixir.A'}",
        "%A{A: 1}",
    );
    let map = Export {
        module: Atom::constant("lists"),
        function: Atom::constant("map"),
        arity: 2,
    };
    check(&map.into(), "fun lists:map/2", "&:lists.map/2");
}
