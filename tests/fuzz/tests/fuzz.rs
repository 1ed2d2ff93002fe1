//! Random things to type and to send, the same ones each time. `OTP_FUZZ_SEED` and `OTP_FUZZ_ROUNDS` choose others, and more of them.

use otp_fuzz_tests::corpus::Corpus;
use otp_fuzz_tests::random::Random;
use otp_fuzz_tests::{Program, complete, line, run, term, value, wire};
use std::env;
use std::ffi::OsString;

/// Calls a check with random numbers, as often as is asked for.
fn repeat(times: usize, mut check: impl FnMut(&mut Random)) {
    let rounds = usize::try_from(number("OTP_FUZZ_ROUNDS", 1)).expect("not so many rounds");
    let mut random = Random::new(number("OTP_FUZZ_SEED", 1));
    for _ in 0..times * rounds {
        check(&mut random);
    }
}

/// Calls a check with each program and what people type at it.
fn each_program(mut check: impl FnMut(Program, &Corpus)) {
    for program in Program::ALL {
        check(program, &Corpus::of(program));
    }
}

fn number(variable: &str, default: u64) -> u64 {
    match env::var(variable) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is {text:?}: expected a number")),
        Err(_) => default,
    }
}

#[test]
fn a_line_is_a_command_or_is_refused_with_its_words() {
    each_program(|program, corpus| {
        let mut rig = program.rig();
        for text in &corpus.lines {
            line::check(program, &mut rig, text);
        }
        repeat(300, |random| {
            line::check(program, &mut rig, &random.line(corpus));
            let bytes = random.bytes(40);
            line::check(program, &mut rig, &String::from_utf8_lossy(&bytes));
        });
    });
}

#[test]
fn a_command_of_a_script_is_the_same_on_the_command_line() {
    each_program(|program, corpus| {
        let mut rig = program.rig();
        for text in &corpus.lines {
            line::check_both(program, &mut rig, text);
        }
        repeat(150, |random| {
            line::check_both(program, &mut rig, &random.line(corpus));
        });
    });
}

#[test]
fn what_cannot_be_seen_is_named_wherever_it_is() {
    each_program(|program, corpus| {
        let mut rig = program.rig();
        for text in &corpus.lines {
            line::check_unseen(program, &mut rig, text);
        }
    });
}

#[test]
fn arguments_are_understood_or_refused() {
    each_program(|program, corpus| {
        let rig = program.rig();
        repeat(150, |random| {
            let args = random.arguments(corpus);
            let args: Vec<OsString> = args.into_iter().map(OsString::from).collect();
            line::check_args(program, &rig, &args);
        });
    });
}

#[test]
#[cfg(unix)]
fn arguments_may_be_no_text() {
    use std::os::unix::ffi::OsStringExt;

    each_program(|program, corpus| {
        let rig = program.rig();
        repeat(50, |random| {
            let mut args: Vec<OsString> = random
                .arguments(corpus)
                .into_iter()
                .map(OsString::from)
                .collect();
            let at = random.below(args.len() + 1);
            args.insert(at, OsString::from_vec(random.bytes(4)));
            line::check_args(program, &rig, &args);
        });
    });
}

#[test]
fn what_a_word_is_completed_with_is_accepted() {
    each_program(|program, corpus| {
        let mut rig = program.rig();
        complete::check(program, &mut rig, "");
        complete::check(program, &mut rig, "kill \u{a0} s");
        repeat(150, |random| {
            complete::check(program, &mut rig, &random.beginning(corpus));
        });
    });
}

#[test]
fn a_value_is_shown_as_it_can_be_typed() {
    repeat(20_000, |random| value::check(&random.value()));
    repeat(2000, |random| {
        value::check(&String::from_utf8_lossy(&random.bytes(20)));
    });
}

/// Checks the seeds, and then what comes of them by a few changes.
fn mutate(times: usize, seeds: &[Vec<u8>], check: fn(&[u8])) {
    for seed in seeds {
        check(seed);
    }
    repeat(times, |random| {
        let mut bytes = random.one(seeds).clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len() + 1);
            let new = random.bytes(4);
            let end = (at + random.below(3)).min(bytes.len());
            bytes.splice(at..end, new);
        }
        check(&bytes);
        bytes.truncate(random.below(bytes.len() + 1));
        check(&bytes);
    });
}

#[test]
fn bytes_are_a_term_or_are_refused() {
    mutate(10_000, &term::seeds(), term::check);
}

#[test]
fn what_a_peer_sends_is_understood_or_refused_in_whatever_pieces_it_comes() {
    mutate(20_000, &wire::seeds(), wire::check);
}

#[test]
fn a_script_comes_to_its_last_line() {
    each_program(|program, corpus| {
        repeat(60, |random| {
            let options = random.one(&corpus.options).clone();
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            run::check(program, &options, &random.script(corpus));
        });
    });
}

#[test]
fn a_line_that_makes_no_sense_ends_a_script_and_does_nothing() {
    each_program(|program, corpus| {
        repeat(100, |random| {
            let options = random.one(&corpus.options).clone();
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            let (script, bad) = (random.script(corpus), random.line(corpus));
            run::check_bad_line(program, &options, &script, &bad);
        });
    });
}

#[test]
fn one_command_ends_with_an_exit_code_that_is_known() {
    each_program(|program, corpus| {
        repeat(60, |random| {
            run::check_command(program, &random.arguments(corpus));
        });
    });
}
