//! Every recorded scenario is told, or it is said why not.

use otp_tests::sessions::{DELIVERED, excused, excused_in_part, told};
use otp_tests::transcript::Transcript;
use otp_tests::workspace::{crates, files};
use std::path::{Path, PathBuf};

#[test]
fn every_scenario_has_a_session_or_a_reason() {
    let (told, excused) = (told(), excused());
    let missing: Vec<u32> = DELIVERED
        .iter()
        .flat_map(|(_, scenarios)| scenarios.iter().copied())
        .filter(|scenario| !told.contains(scenario) && !excused.contains(scenario))
        .collect();
    assert!(missing.is_empty(), "neither told nor excused: {missing:?}");
}

#[test]
fn every_session_and_every_reason_is_about_a_scenario() {
    let known = |scenario: &u32| DELIVERED.iter().any(|(_, all)| all.contains(scenario));
    let unknown: Vec<u32> = [told(), excused()]
        .concat()
        .into_iter()
        .filter(|scenario| !known(scenario))
        .collect();
    assert!(unknown.is_empty(), "of no delivered chapter: {unknown:?}");
}

#[test]
fn what_is_left_out_in_part_is_told_in_part() {
    let told = told();
    let untold = excused_in_part()
        .into_iter()
        .filter(|it| !told.contains(it));
    assert_eq!(untold.collect::<Vec<_>>(), Vec::<u32>::new());
    assert!(
        !excused().iter().any(|it| told.contains(it)),
        "told and excused"
    );
}

/// The test of a crate plays the transcripts about its own programs: one about any other would be played by none.
#[test]
fn every_transcript_is_about_a_program_that_there_is() {
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
