//! The console blocks of the guide, typed in and compared.

#[test]
fn the_console_blocks_of_the_guide_are_true() {
    trycmd::TestCases::new()
        .register_bin(
            "ch4-dynamic",
            trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_ch4-dynamic").into()),
        )
        .env("RUST_BACKTRACE", "0")
        .case("../../chapters/4-dynamic.md");
}
