//! Runs the console blocks of the guide and compares their output.

#[test]
fn the_console_blocks_of_the_guide_are_true() {
    trycmd::TestCases::new()
        .register_bin(
            "ch1-calculator",
            trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_ch1-calculator").into()),
        )
        .env("RUST_BACKTRACE", "0")
        .case("../../chapters/1-calculator.md");
}
