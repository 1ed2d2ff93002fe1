//! The comparison.

use std::fmt;
use std::io::Write;

use crate::beam::{Beam, BeamError, Otp};
use crate::history::History;
use crate::subject::Subject;
use crate::trace::{Step, Trace};

/// How often the BEAM is asked again when it has done something else: what OTP leaves open may go one way or the other.
const AGAIN: usize = 5;

/// Plays histories on both sides.
#[derive(Debug)]
pub struct Comparison {
    beam: Beam,
    ours: fn(&History) -> Vec<String>,
}

/// A history that goes one way here and another on the BEAM.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The history.
    pub history: History,
    /// How it goes on otp-core.
    pub ours: Trace,
    /// How it goes on the BEAM.
    pub beams: Trace,
}

impl Comparison {
    /// Of otp-core with a BEAM, if there is one; see [`Beam::if_installed`].
    ///
    /// # Errors
    ///
    /// As for [`Beam::start`].
    pub fn of(
        subject: &Subject,
        otp: &Otp,
        out: &mut impl Write,
    ) -> Result<Option<Self>, BeamError> {
        let ours = subject.ours;
        let beam = Beam::if_installed(otp, subject, out)?;
        Ok(beam.map(|beam| Self { beam, ours }))
    }

    /// Which OTP and which Elixir this is.
    #[must_use]
    pub fn version(&self) -> &str {
        self.beam.version()
    }

    /// Replaces our side of the comparison.
    #[must_use]
    pub fn with(self, ours: fn(&History) -> Vec<String>) -> Self {
        Self { ours, ..self }
    }

    /// Plays a history on both sides.
    ///
    /// # Errors
    ///
    /// When the BEAM does not answer.
    pub fn check(&mut self, history: &History) -> Result<Option<Difference>, BeamError> {
        let ours = Trace::of(&(self.ours)(history));
        let mut beams = Trace::of(&self.beam.play(history)?);
        for _ in 0..AGAIN {
            if ours == beams {
                return Ok(None);
            }
            beams = Trace::of(&self.beam.play(history)?);
        }
        Ok((ours != beams).then(|| Difference {
            history: history.clone(),
            ours,
            beams,
        }))
    }

    /// Plays histories on both sides, and makes those shorter that differ.
    ///
    /// # Errors
    ///
    /// When the BEAM does not answer.
    pub fn differences(&mut self, histories: &[History]) -> Result<Vec<Difference>, BeamError> {
        let mut differences = Vec::new();
        for history in histories {
            if let Some(difference) = self.check(history)? {
                differences.push(self.shorten(difference)?);
            }
        }
        Ok(differences)
    }

    /// Leaves out as many steps as possible: halves, quarters, and so on down to single steps.
    fn shorten(&mut self, mut difference: Difference) -> Result<Difference, BeamError> {
        let mut size = difference.history.steps.len();
        while size > 0 {
            let mut from = 0;
            let mut is_shorter = false;
            while from < difference.history.steps.len() {
                match self.check(&difference.history.without(from, size))? {
                    Some(shorter) => {
                        difference = shorter;
                        is_shorter = true;
                    }
                    None => from += size,
                }
            }
            if size > 1 || !is_shorter {
                size /= 2;
            }
        }
        Ok(difference)
    }
}

/// The history, and how it goes up to where the traces part; there, `*` marks what only one side says.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.history)?;
        for (ours, beams) in self.ours.steps.iter().zip(&self.beams.steps) {
            writeln!(f, "> {}", ours.command)?;
            if ours != beams {
                show(f, "beam", beams, ours)?;
                return show(f, "ours", ours, beams);
            }
            for line in &ours.lines {
                writeln!(f, "      {line}")?;
            }
        }
        writeln!(f, "one side has more steps than the other")
    }
}

fn show(f: &mut fmt::Formatter<'_>, whose: &str, step: &Step, other: &Step) -> fmt::Result {
    for line in &step.lines {
        let mark = if other.lines.contains(line) { ' ' } else { '*' };
        writeln!(f, "{whose}{mark} {line}")?;
    }
    Ok(())
}
