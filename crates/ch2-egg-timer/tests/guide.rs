//! Runs the console blocks of the guide and compares their output.

#[test]
fn the_guide_shows_what_the_program_does() {
    trycmd::TestCases::new().case("../../chapters/2-egg-timer.md");
}
