//! The same terms here and on a real BEAM.
//!
//! Without Erlang and Elixir these tests say so and are skipped, unless `OTP_REQUIRE_BEAM` is 1. `OTP_BEAM_DIR` names a folder with
//! another OTP, in whose `bin` are `erl` and `elixir`. `OTP_ETF_TERMS` asks for more terms.

use std::cmp::Ordering;
use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use otp_etf::{Atom, Term, TermRef};

use crate::random::{self, any_within as any, keys};

/// Asks a BEAM all these questions, a line each. Gives nothing where there is none.
fn ask(questions: Vec<String>) -> Option<Vec<String>> {
    let folder = env::var_os("OTP_BEAM_DIR").filter(|folder| !folder.is_empty());
    let program = |name: &str| match &folder {
        Some(folder) => PathBuf::from(folder).join("bin").join(name),
        None => PathBuf::from(name),
    };
    // Elixir is a shell script, which does not look for Erlang.
    let erl = Command::new(program("erl"))
        .arg("-version")
        .stderr(Stdio::null())
        .status();
    let elixir = Command::new(program("elixir"))
        .args([
            "--erl",
            "+pc unicode +fnu +S 1:1",
            "-e",
            include_str!("beam.exs"),
        ])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let (Ok(_), Ok(mut elixir)) = (erl, elixir) else {
        assert!(
            env::var_os("OTP_REQUIRE_BEAM").is_none_or(|value| value != "1"),
            "Erlang and Elixir are required, and are not installed"
        );
        // Not by a macro: those are not heard of when the test passes.
        let message =
            "skipped: Erlang and Elixir are not installed, nothing is compared with the BEAM";
        writeln!(io::stderr(), "{message}").expect("there is a standard error");
        return None;
    };
    let mut input = elixir.stdin.take().expect("it has a pipe");
    let count = questions.len();
    let writer = thread::spawn(move || {
        for question in questions {
            writeln!(input, "{question}").expect("it reads");
        }
    });
    let output = BufReader::new(elixir.stdout.take().expect("it has a pipe"));
    let answers: Vec<String> = output.lines().map_while(Result::ok).collect();
    writer.join().expect("all questions were written");
    elixir.wait().expect("it has ended");
    assert_eq!(answers.len(), count, "an answer each: {:?}", answers.last());
    Some(answers)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.strip_prefix('x').expect("it is marked");
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("it is hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// Without the first numbers of pids, ports and references, by which a BEAM knows nodes.
fn plain(text: &str) -> String {
    let mut parts = text.split('<');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|sign: char| sign.is_ascii_digit());
        plain.push('<');
        plain += if rest.starts_with('.') { rest } else { part };
    }
    plain
}

fn count() -> usize {
    env::var("OTP_ETF_TERMS").map_or(2_000, |text| {
        text.parse().expect("OTP_ETF_TERMS is a number")
    })
}

/// What the BEAM says of a term.
struct Described {
    plain: Vec<u8>,
    deterministic: Vec<u8>,
    erlang: String,
    elixir: String,
    compressed: Vec<u8>,
}

impl Described {
    fn new(answer: &str, question: &str) -> Self {
        let fields: Vec<&str> = answer.split(' ').collect();
        let [plain, deterministic, erlang, elixir, compressed] = fields[..] else {
            panic!("{question}: {}", answer);
        };
        let text = |field| String::from_utf8(unhex(field)).expect("it is text");
        Self {
            plain: unhex(plain),
            deterministic: unhex(deterministic),
            erlang: text(erlang),
            elixir: text(elixir),
            compressed: unhex(compressed),
        }
    }
}

/// Which OTP and which Elixir answer.
struct Release {
    otp: u32,
    elixir: (u32, u32),
}

impl Release {
    fn new(answer: &str) -> Self {
        let numbers: Vec<u32> = answer
            .split([' ', '.'])
            .map_while(|number| number.parse().ok())
            .collect();
        let [otp, major, minor, ..] = numbers[..] else {
            panic!("no release: {answer}");
        };
        Self {
            otp,
            elixir: (major, minor),
        }
    }
}

fn is_large_map(term: &Term) -> bool {
    term.as_map().is_some_and(|map| map.len() > 32)
}

/// Whether a map has several keys with atoms: from OTP 26 on they are sent in the order of the table of atoms.
fn has_atom_keys(term: &Term) -> bool {
    let is_atom = |term: &Term| term.as_atom().is_some();
    keys(term).filter(|key| any(key, &is_atom)).count() > 1
}

/// What Elixir shows in another way: atoms in other scripts, and before 1.15 charlists and spaces; and it sorts keys by value.
fn is_other_in_elixir(term: &Term, release: &Release) -> bool {
    let is_charlist = matches!(term, Term::List(list) if !list.is_empty() && list.iter().all(|sign| sign.as_integer().is_some()));
    let is_foreign = |atom: &str| atom.chars().any(|sign| sign > '\u{FF}');
    let text = term
        .as_atom()
        .map(Atom::as_str)
        .or(term.as_str())
        .unwrap_or_default();
    let has_spaces = text
        .chars()
        .any(|sign| sign.is_whitespace() && !sign.is_ascii());
    term.as_atom().is_some_and(|atom| is_foreign(atom.as_str()))
        || keys(term).any(|key| any(key, &|key| key.as_float().is_some()))
        || (is_charlist || has_spaces) && release.elixir < (1, 15)
}

/// Checks that a term is here what it is there. Gives how many texts of Elixir were compared.
fn check(term: &Term, described: &Described, release: &Release) -> usize {
    for theirs in [
        &described.plain,
        &described.deterministic,
        &described.compressed,
    ] {
        assert_eq!(
            Term::decode(theirs).as_ref(),
            Ok(term),
            "read from the BEAM"
        );
        assert_eq!(
            TermRef::new(theirs).map(TermRef::to_term).ok(),
            (theirs[1] != 80).then(|| Ok(term.clone()))
        );
    }
    let has_old_tags = release.otp < 26 && any(term, &|term| matches!(term, Term::Port(_)));
    let is_sorted = release.otp < 26 || !any(term, &has_atom_keys);
    if is_sorted && !has_old_tags {
        let ours = term.encode().expect("it can be sent");
        assert_eq!(hex(&described.deterministic), hex(&ours), "{term}");
    }
    let compressed = term.encode_compressed().expect("it can be sent");
    assert_eq!(
        Term::decode(&compressed).as_ref(),
        Ok(term),
        "compressed here"
    );
    if any(term, &is_large_map) {
        return 0;
    }
    assert_eq!(plain(&term.to_string()), plain(&described.erlang));
    if any(term, &|term| is_other_in_elixir(term, release)) {
        return 0;
    }
    assert_eq!(plain(&term.inspect().to_string()), plain(&described.elixir));
    1
}

#[test]
fn a_beam_reads_and_writes_the_same_terms() {
    let terms = random::terms(count());
    let encoded = |term: &Term| hex(&term.encode().expect("it can be sent"));
    let mut questions = vec!["release".to_owned()];
    questions.extend(terms.iter().map(|term| format!("term {}", encoded(term))));
    let Some(answers) = ask(questions) else {
        return;
    };
    let release = Release::new(&answers[0]);
    let described = answers[1..]
        .iter()
        .zip(&terms)
        .map(|(answer, term)| Described::new(answer, &term.to_string()));
    let shown: usize = terms
        .iter()
        .zip(described)
        .map(|(term, described)| check(term, &described, &release))
        .sum();
    assert!(
        shown > terms.len() / 4,
        "{shown} of {} texts of Elixir were compared",
        terms.len()
    );
}

#[test]
fn what_only_a_beam_can_make_goes_there_and_back() {
    let mut questions = vec!["release".to_owned()];
    questions.extend((0..14).map(|number| format!("own {number}")));
    let Some(answers) = ask(questions) else {
        return;
    };
    let release = Release::new(&answers[0]);
    for answer in &answers[1..] {
        let described = Described::new(answer, "own");
        let term = Term::decode(&described.deterministic).expect("it is a term");
        let has_fun = any(&term, &|term| matches!(term, Term::Fun(_)));
        if has_fun {
            assert_eq!(
                hex(&term.encode().expect("it can be sent")),
                hex(&described.deterministic)
            );
            assert_eq!(term.to_string(), described.erlang);
        } else {
            check(&term, &described, &release);
        }
    }
}

#[test]
fn a_beam_orders_terms_the_same_way() {
    let terms = random::terms(count() / 2);
    let (left, right) = terms.split_at(terms.len() / 2);
    // Neighbours of a sorted list are closest to each other.
    let mut sorted = left.to_vec();
    sorted.sort();
    let close = sorted.windows(2).map(|two| (&two[0], &two[1]));
    let pairs: Vec<_> = left
        .iter()
        .zip(right)
        .chain(close)
        .chain(left.iter().zip(left))
        .collect();
    let encoded = |term: &Term| hex(&term.encode().expect("it can be sent"));
    let questions = pairs
        .iter()
        .map(|(left, right)| format!("compare {} {}", encoded(left), encoded(right)))
        .collect();
    let Some(answers) = ask(questions) else {
        return;
    };
    let mut wrong = Vec::new();
    for ((left, right), answer) in pairs.iter().zip(answers) {
        let order = match left.term_order(right) {
            Ordering::Less => "lt",
            Ordering::Equal => "eq",
            Ordering::Greater => "gt",
        };
        let same = if left == right { "same" } else { "other" };
        if answer != format!("{order} {same}") {
            wrong.push(format!(
                "{left:?} and {right:?} are {order} {same} here, {answer} there"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        pairs.len(),
        wrong.join("\n")
    );
}
