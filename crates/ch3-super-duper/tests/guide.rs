//! Runs the console blocks of the guide and compares their output.

#[test]
fn the_console_blocks_of_the_guide_are_true() {
    trycmd::TestCases::new()
        .register_bin(
            "ch3-super-duper",
            trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_ch3-super-duper").into()),
        )
        .env("RUST_BACKTRACE", "0")
        .case("../../chapters/3-super-duper.md");
}
