//! Checks that each recorded scenario has a transcript, or a reason why it has none.

use otp_tests::sessions::{
    DELIVERED, with_transcript, without_counterpart, without_counterpart_in_part,
};
use otp_tests::transcript::Transcript;
use otp_tests::workspace::{crates, files};
use std::path::{Path, PathBuf};

#[test]
fn every_scenario_has_a_session_or_a_reason() {
    let (transcripts, reasons) = (with_transcript(), without_counterpart());
    let missing: Vec<u32> = DELIVERED
        .iter()
        .flat_map(|(_, scenarios)| scenarios.iter().copied())
        .filter(|scenario| !transcripts.contains(scenario) && !reasons.contains(scenario))
        .collect();
    assert!(
        missing.is_empty(),
        "neither a transcript nor a reason: {missing:?}"
    );
}

#[test]
fn every_session_and_every_reason_is_about_a_scenario() {
    let known = |scenario: &u32| DELIVERED.iter().any(|(_, all)| all.contains(scenario));
    let unknown: Vec<u32> = [with_transcript(), without_counterpart()]
        .concat()
        .into_iter()
        .filter(|scenario| !known(scenario))
        .collect();
    assert!(unknown.is_empty(), "of no delivered chapter: {unknown:?}");
}

#[test]
fn a_scenario_without_counterpart_in_part_has_a_transcript() {
    let transcripts = with_transcript();
    let missing = without_counterpart_in_part()
        .into_iter()
        .filter(|it| !transcripts.contains(it));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<u32>::new());
    assert!(
        !without_counterpart()
            .iter()
            .any(|it| transcripts.contains(it)),
        "a transcript and a reason"
    );
}

/// The test of a crate runs the transcripts of its own programs, so no test would run a transcript of an unknown program.
#[test]
fn every_transcript_is_about_a_program_of_a_crate() {
    // An example is a file, or a folder.
    let example = |path: PathBuf| {
        let name = path.iter().skip_while(|it| *it != "examples").nth(1)?;
        Some(Path::new(name).file_stem()?.to_str()?.to_owned())
    };
    let files_of_crates = files("crates", &["rs"]).into_iter();
    let mut programs: Vec<String> = files_of_crates.filter_map(example).collect();
    programs.extend(crates());
    let guides = files("chapters", &["md"]).into_iter();
    let guides = guides.map(|path| Transcript::of_guide(&path));
    for transcript in guides
        .chain(Transcript::all("sessions"))
        .chain(Transcript::all("exercises"))
    {
        for run in &transcript.runs {
            let place = format!("{}:{}", transcript.path.display(), run.line);
            assert!(programs.contains(&run.program), "{place}: {}", run.program);
        }
    }
}
