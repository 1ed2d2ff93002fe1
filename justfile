# `just` lists the recipes. None of them is needed: each is one line that can be typed by hand.

# Arguments reach the programs as they were quoted: `just ch2 schedule eggs "1h 30m"`.
set positional-arguments

_default:
    @just --list --unsorted

# Everything that CI runs, in the same order
ci:
    .ci/run

# The README's test command: unit, integration and doc tests of every crate
test *ARGS:
    cargo test --workspace --locked "$@"

# Clippy on everything, warnings as errors
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Format every file
fmt:
    cargo fmt --all

# Build the documentation, warnings as errors
doc *ARGS:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked "$@"

# Licences, bans and advisories of the dependencies (needs cargo-deny)
deny:
    cargo deny check

# Run the course's exercises, a line each with ok or failed: all, or a chapter's (`just exercises 2`)
exercises *CHAPTER:
    @cargo run --quiet --package otp-tests --bin exercises --locked -- "$@"

# Count the OTP rules of each group that tests prove
conformance:
    cargo run --quiet --package otp-tests --bin conformance --locked

# Play scenarios and random histories here and on a real BEAM: `just beam --seed 7 --histories 50`
beam *ARGS:
    @cargo run --quiet --package otp-beam-tests --bin beam --locked -- "$@"

# Play small systems of processes in many orders, each drawn from a seed: `just explore --seeds 10000`
explore *ARGS:
    @cargo run --quiet --package otp-explore-tests --bin explore --locked -- "$@"

# Our runtime beside bare tokio, in release mode: `just bench --help`
bench *ARGS:
    cargo run --release --package otp-bench --locked -- "$@"

# Chapter 1, the calculator: `just ch1 --initial 10 subtract 4`
ch1 *ARGS:
    @cargo run --quiet --package ch1-calculator --locked -- "$@"

# Chapter 2, the egg timer: `just ch2 schedule eggs 5m`
ch2 *ARGS:
    @cargo run --quiet --package ch2-egg-timer --locked -- "$@"

# Chapter 3, SuperDuper: `just ch3 --strategy one-for-all die superdave`
ch3 *ARGS:
    @cargo run --quiet --package ch3-super-duper --locked -- "$@"

# Chapter 4, characters who come and go: `just ch4 rps duel rock`
ch4 *ARGS:
    @cargo run --quiet --package ch4-dynamic --locked -- "$@"
