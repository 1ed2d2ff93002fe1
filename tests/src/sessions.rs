//! The scenarios that were recorded from Erlang and Elixir, by number, and their counterparts in this project.
//!
//! A scenario has a transcript in `tests/sessions`, named by number (`s07-gen-server-session.txt`), with the same events in the same
//! order, or a row in the table of `tests/sessions/README.md` with the reason why it has no counterpart. It has both if only a part of it
//! has no counterpart.

use crate::transcript::Transcript;
use crate::workspace;

/// The scenarios of each chapter.
pub const DELIVERED: &[(&str, &[u32])] = &[
    (
        "1",
        &[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
        ],
    ),
    (
        "2",
        &[
            19, 20, 21, 22, 23, 25, 26, 27, 28, 29, 30, 32, 33, 34, 37, 38, 39, 40, 41,
        ],
    ),
    (
        "3",
        &[
            43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 58, 61, 62, 64, 65, 66, 69,
        ],
    ),
    (
        "4",
        &[
            70, 71, 72, 73, 75, 76, 77, 80, 81, 82, 83, 84, 86, 87, 88, 89, 90, 91,
        ],
    ),
];

/// The numbers of the scenarios that have a transcript: `[1, 2]` for `s01-….txt` and `s02-….txt`.
///
/// # Panics
///
/// The name of a transcript does not begin with its number, such as `s07-`.
pub fn with_transcript() -> Vec<u32> {
    let transcripts = Transcript::all("sessions");
    transcripts
        .iter()
        .map(|transcript| {
            let number = transcript.number();
            let number = number.strip_prefix('s').and_then(|it| it.parse().ok());
            number.unwrap_or_else(|| {
                let path = transcript.path.display();
                panic!("{path}: expected a name such as s07-session.txt")
            })
        })
        .collect()
}

/// The numbers of the scenarios that have a row in the table: `| S5 | … |`. A row that begins with `| S2, in part |` does not count,
/// because the rest of that scenario must have a transcript.
pub fn without_counterpart() -> Vec<u32> {
    rows("")
}

/// The numbers of the scenarios of which a part is in the table: `| S2, in part | … |`.
pub fn without_counterpart_in_part() -> Vec<u32> {
    rows(", in part")
}

fn rows(remark: &str) -> Vec<u32> {
    workspace::read("tests/sessions/README.md")
        .lines()
        .filter_map(|line| {
            let (first, _) = line.strip_prefix("| S")?.split_once(" |")?;
            first.strip_suffix(remark)?.parse().ok()
        })
        .collect()
}
