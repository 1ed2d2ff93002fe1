//! The console blocks of the guide, run.

#[test]
fn the_guide_shows_what_the_program_does() {
    trycmd::TestCases::new().case("../../chapters/2-egg-timer.md");
}
