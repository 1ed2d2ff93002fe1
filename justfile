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

# The course's exercises: what is done, and the next task (`just exercises 2`: a chapter's)
exercises *ARGS:
    @cargo run --quiet --package exercises --locked -- "$@"

# Check one exercise, or show its task, a hint or its solution: `just exercise 2.3`, `just exercise 2.3 hint`
exercise NUMBER *ACTION:
    @cargo run --quiet --package exercises --locked -- "$@"

# Run the next exercise again at each save
watch:
    @cargo run --quiet --package exercises --locked -- watch

# Count the OTP rules of each group that tests prove
conformance:
    cargo run --quiet --package otp-tests --bin conformance --locked

# Count what the house of otp-core is judged by, names used twice for example; `just house list` says where each is
house *args:
    cargo run --quiet --package otp-tests --bin house --locked -- {{args}}

# Record the public interface of the libraries in tests/public-api.txt
api:
    cargo run --quiet --package otp-tests --bin house --locked -- api > tests/public-api.txt

# Play scenarios and random histories here and on a real BEAM: `just beam --seed 7 --histories 50 --otp /opt/otp29`
beam *ARGS:
    @cargo run --quiet --package otp-beam-tests --bin beam --locked -- "$@"

# Let the BEAM test the example node of otp-dist, two minutes: `just interop`, or `just interop 29 DIR` with an OTP that tests/interop/otp.sh laid
interop *ARGS:
    @tests/interop/run "$@"

# Send a node frames that are changed in places, four minutes: `just mutants 1000000 7` for so many, from that seed
mutants frames="1000000" seed="1":
    OTP_FRAMES={{frames}} OTP_SEED={{seed}} cargo test --quiet --release --package otp-dist --test mutants --locked -- --nocapture

# Play histories of three nodes over a simulated network, half a minute: `just simulate 1 7` plays that of seed 7 again
simulate histories="10000" seed="1":
    OTP_HISTORIES={{histories}} OTP_SEED={{seed}} cargo test --quiet --release --package otp-dist --test simulation --locked -- --nocapture no_history

# Break otp-dist in one way after the other and have the simulation find each, half an hour: `just breaks loss_is_told_twice` for one
breaks *ARGS:
    @crates/otp-dist/tests/simulation/breaks/run "$@"

# Have two nodes lose each other on two hosts, which are network namespaces; as root, 15 seconds
partitions:
    @OTP_REQUIRE_NETNS=1 cargo test --quiet --package otp-dist --test partitions --locked

# Let all happen to three nodes of ours and two BEAMs that happens to clusters, for ten minutes, and look for differences after each; as root
soak-cluster minutes="10" seed="1":
    @OTP_REQUIRE_NETNS=1 OTP_REQUIRE_BEAM=1 OTP_MINUTES={{minutes}} OTP_SEED={{seed}} cargo test --quiet --package otp-dist --test mixed --locked -- --nocapture mixed_cluster

# Measure what many nodes cost: a mesh, 1,000 simulated, a million monitors that fire at once: `just scale --nodes 0 --simulated 2000`
scale *ARGS:
    @ulimit -n 20000; cargo run --quiet --release --package otp-dist --example scale --locked -- "$@"

# Measure calls and casts between a BEAM and a BEAM, a BEAM and ours, and so on, in turns, half a minute: `just bench-dist 15 --json` for 15 rounds, as JSON
bench-dist *ROUNDS:
    @cargo run --quiet --release --package otp-dist --example bench --locked -- "$@"

# Play small systems of processes in many orders, each drawn from a seed: `just explore --seeds 10000`
explore *ARGS:
    @cargo run --quiet --package otp-explore-tests --bin explore --locked -- "$@"

# Everything at once, for ten minutes, and a count of what is left over: `just soak --for 30s --seed 7`
soak *ARGS:
    @cargo run --quiet --release --package otp-soak --locked -- "$@"

# Search for input that breaks a program: `just fuzz script -max_total_time=600` (needs cargo-fuzz and a C++ compiler)
fuzz TARGET *ARGS:
    cargo run --quiet --package otp-fuzz-tests --bin seeds --locked -- fuzz/corpus
    target="$1"; shift; cargo fuzz run --sanitizer none "$target" -- -timeout=60 -max_len=2000 "$@"

# Which lines of otp-core the tests reach, as a table and as pages (needs cargo-llvm-cov and rustup's llvm-tools)
coverage *ARGS:
    cargo llvm-cov --html --locked --package otp-core --package otp-beam-tests --lib --tests "$@"
    cargo llvm-cov report --package otp-core

# Our runtime beside bare tokio, five minutes once it is built: `just bench`, or `just bench call --runtime ct`
bench WORKLOAD="all" *ARGS:
    cargo run --release --package otp-bench --locked -- "$@"

# Instructions per operation beside what was recorded (needs valgrind): `just bench-check --record`
bench-check *ARGS:
    cargo run --release --package otp-bench --locked -- check "$@"

# The same beside other libraries and the BEAM, about ten minutes: `just bench-all --json docs/bench.json`
bench-all *ARGS:
    cargo run --release --manifest-path crates/otp-bench/peers/Cargo.toml --locked -- all "$@"

# Terms read and written beside the crates eetf and erltf, half a minute once it is built: `just bench-etf read`
bench-etf *ARGS:
    cargo bench --package otp-etf --bench peers --locked -- "$@"

# Draw a report's ratios: `just bench-chart docs/bench.json > docs/bench.svg`
bench-chart *ARGS:
    @cargo run --quiet --release --package otp-bench --locked -- chart "$@"

# The table of docs/speed.md: `just bench-table docs/bench.json`
bench-table *ARGS:
    @cargo run --quiet --release --package otp-bench --locked -- markdown "$@"

# What telemetry costs a call and a cast: three builds, without and with somebody who looks (needs valgrind), five minutes once they are built
bench-telemetry *ARGS:
    OTP_BENCH_LOOKS=nobody cargo run --quiet --release --package otp-bench --locked -- telemetry "$@"
    OTP_BENCH_LOOKS=page cargo run --quiet --release --package otp-bench --locked -- telemetry "$@"
    OTP_BENCH_LOOKS=nobody cargo run --quiet --release --package otp-bench --features spans --locked -- telemetry "$@"
    OTP_BENCH_LOOKS=listener cargo run --quiet --release --package otp-bench --features spans --locked -- telemetry "$@"
    OTP_BENCH_LOOKS=nobody cargo run --quiet --release --package otp-bench --features metrics --locked -- telemetry "$@"
    OTP_BENCH_LOOKS=listener cargo run --quiet --release --package otp-bench --features metrics --locked -- telemetry "$@"

# What looking costs, with 10,000 servers and 100,000 messages a second (Linux only)
observer-cost:
    cargo run --release --package otp-observer --example crowd --locked -- 10000 100000 20

# Take the pictures of the observer's page anew (needs chromium): they go to docs/observer
pictures:
    OTP_SCREENSHOTS=1 cargo test --package ch3-super-duper --test browser --locked -- pictures

# Chapter 1, the calculator: `just ch1 --initial 10 subtract 4`
ch1 *ARGS:
    @cargo run --quiet --package ch1-calculator --locked -- "$@"

# Chapter 2, the egg timer: `just ch2 schedule eggs 5m`
ch2 *ARGS:
    @cargo run --quiet --package ch2-egg-timer --locked -- "$@"

# Chapter 3, SuperDuper: `just ch3 --strategy one-for-all die superdave`
ch3 *ARGS:
    @cargo run --quiet --package ch3-super-duper --locked -- "$@"

# Chapter 4, characters that come and go: `just ch4 say superman`
ch4 *ARGS:
    @cargo run --quiet --package ch4-dynamic --locked -- "$@"

# Characters on several nodes, the solution of exercise 4.4: `just nodes`
nodes *ARGS:
    @cargo run --quiet --package ch4-nodes --locked -- "$@"

# Rock-paper-scissors, the solution of exercise 4.5: `just rps duel rock`
rps *ARGS:
    @cargo run --quiet --package rock-paper-scissors --locked -- "$@"
