//! What people type: the commands of the sessions, the exercises and the guides.

use crate::Program;
use otp_tests::transcript::{Run, Transcript};
use otp_tests::workspace;

/// Everything that is typed at a program.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// Lines of scripts, each once.
    pub lines: Vec<String>,
    /// The options before a script, each list once; the first is empty.
    pub options: Vec<Vec<String>>,
    /// Command lines with one command.
    pub commands: Vec<Vec<String>>,
    /// Whole scripts, with their options.
    pub scripts: Vec<(Vec<String>, Vec<String>)>,
}

impl Corpus {
    /// Reads the transcripts.
    ///
    /// # Panics
    ///
    /// When there is nothing about the program.
    #[must_use]
    pub fn of(program: Program) -> Self {
        let runs: Vec<Run> = transcripts()
            .into_iter()
            .flat_map(|transcript| transcript.runs)
            .filter(|run| run.program == program.name())
            .collect();
        let (scripts, commands): (Vec<_>, Vec<_>) =
            runs.into_iter().partition(|run| !run.script.is_empty());
        let scripts: Vec<_> = scripts
            .into_iter()
            .map(|run| (own_options(run.arguments), run.script))
            .collect();
        let mut lines: Vec<_> = scripts
            .iter()
            .flat_map(|(_, lines)| lines.clone())
            .collect();
        lines.sort();
        lines.dedup();
        let mut options: Vec<_> = scripts.iter().map(|(options, _)| options.clone()).collect();
        options.push(Vec::new());
        options.sort();
        options.dedup();
        assert!(lines.len() > 20, "{program:?} has its sessions: {lines:?}");
        let mut commands: Vec<_> = commands.into_iter().map(|run| run.arguments).collect();
        if commands.is_empty() {
            // The transcripts have no call with one command: what scripts say can be one, too.
            let words = |line: &String| line.split_whitespace().map(str::to_owned).collect();
            commands.extend(lines.iter().map(words));
        }
        Self {
            lines,
            options,
            commands,
            scripts,
        }
    }
}

/// Without those that say how a script is run, which is for the tests to say.
fn own_options(mut arguments: Vec<String>) -> Vec<String> {
    arguments.retain(|argument| argument != "--keep-going" && argument != "--echo");
    arguments
}

fn transcripts() -> Vec<Transcript> {
    let guides = workspace::files("chapters", &["md"]);
    let guides = guides.iter().map(|path| Transcript::of_guide(path));
    let written = ["sessions", "exercises"].map(Transcript::all);
    written.into_iter().flatten().chain(guides).collect()
}
