//! The file with what was counted when somebody last looked and found it good.

use std::path::Path;
use std::{fs, io};

use serde_json::{Map, Value, json};

use super::row::{Count, Counted};

/// What was recorded, by the workload's name and by what was counted.
#[derive(Debug, Default)]
pub(super) struct Recorded(Map<String, Value>);

impl Recorded {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be read, or is no JSON object.
    pub(super) fn read(file: &Path) -> io::Result<Self> {
        let told = |error| {
            let file = file.display();
            io::Error::other(format!("cannot read {file}: {error}; --record writes it"))
        };
        let text = fs::read_to_string(file).map_err(|error| told(error.to_string()))?;
        Self::parse(&text).map_err(told)
    }

    fn parse(text: &str) -> Result<Self, String> {
        match serde_json::from_str(text) {
            Ok(Value::Object(workloads)) => Ok(Self(workloads)),
            Ok(_) => Err("expected an object".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be written.
    pub(super) fn write(&self, file: &Path) -> io::Result<()> {
        fs::write(file, self.text()).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot write {}: {error}", file.display()),
            )
        })
    }

    fn text(&self) -> String {
        format!("{:#}\n", Value::Object(self.0.clone()))
    }

    /// Ours over the floor, as it was.
    ///
    /// # Errors
    ///
    /// Fails when there is no such ratio.
    pub(super) fn ratio(&self, name: &str, counted: Counted) -> io::Result<f64> {
        let counted = counted.name();
        let entry = self.0.get(name);
        let ratio = entry.and_then(|entry| entry[counted]["ratio"].as_f64());
        ratio.ok_or_else(|| {
            io::Error::other(format!(
                "no ratio is recorded for the {counted} of {name:?}: --record writes it"
            ))
        })
    }

    pub(super) fn enter(&mut self, name: &str, counted: Counted, count: Count) {
        let entry = self.0.entry(name).or_insert_with(|| json!({}));
        let tenths = |number: f64| (number * 10.0).round() / 10.0;
        entry[counted.name()] = json!({
            "floor": tenths(count.floor),
            "ours": tenths(count.ours),
            // A thousandth is already less than what two counts differ by.
            "ratio": (count.ratio() * 1000.0).round() / 1000.0,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Recorded;
    use crate::command::check::child::Guarded;
    use crate::command::check::row::{Count, Counted};

    #[test]
    fn what_is_written_is_read_again() {
        let mut recorded = Recorded::default();
        let count = Count {
            floor: 800.4,
            ours: 1000.5,
        };
        recorded.enter("call", Counted::Operands, count);
        let again = Recorded::parse(&recorded.text()).unwrap();
        assert_eq!(again.ratio("call", Counted::Operands).unwrap(), 1.25);
        for (name, counted) in [("cast", Counted::Operands), ("call", Counted::Locked)] {
            let missing = again.ratio(name, counted).unwrap_err().to_string();
            assert!(missing.contains(counted.name()), "{missing}");
            assert!(missing.ends_with("--record writes it"), "{missing}");
        }
    }

    #[test]
    fn a_file_that_is_none_is_named_with_what_to_do() {
        let missing = Recorded::read(Path::new("no-such.json")).unwrap_err();
        let text = missing.to_string();
        assert!(text.starts_with("cannot read no-such.json: "), "{text}");
        assert!(text.ends_with("; --record writes it"), "{text}");
        assert_eq!(Recorded::parse("[]").unwrap_err(), "expected an object");
    }

    #[test]
    fn the_sources_have_a_record_of_all_that_is_guarded() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json");
        let recorded = Recorded::read(Path::new(file)).unwrap();
        for guarded in Guarded::ALL {
            for counted in Counted::ALL {
                assert!(recorded.ratio(guarded.name(), counted).unwrap() > 0.0);
            }
        }
    }
}
