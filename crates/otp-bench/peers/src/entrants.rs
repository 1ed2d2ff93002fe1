//! Everybody who takes part.

use std::io;

use otp_bench::{Contender, FLOOR, OURS, Past, idle_floor, idle_ours};

use crate::peer::beam::{self, BEAM};
use crate::peer::hydra::HYDRA;
use crate::peer::joerl::JOERL;
use crate::peer::kameo::KAMEO;
use crate::peer::ractor::RACTOR;
use crate::peer::spawned::SPAWNED;
use crate::peer::tokio_actors::TOKIO_ACTORS;

/// One who takes part, with what the contenders of otp-bench do not have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entrant {
    pub(crate) contender: Contender,
    /// Starts so many idle servers in this process, and measures the resident bytes of one of them.
    pub(crate) idle: fn(Past, u64) -> io::Result<f64>,
    /// Its package in the lock file, if it has one.
    pub(crate) package: Option<&'static str>,
}

/// In the order of the tables: first the floor.
pub(crate) const ENTRANTS: [Entrant; 9] = [
    Entrant {
        contender: FLOOR,
        idle: |past, servers| Ok(idle_floor(past, servers)?.resident),
        package: Some("tokio"),
    },
    Entrant {
        contender: OURS,
        idle: |past, servers| Ok(idle_ours(past, servers)?.resident),
        package: Some("otp-core"),
    },
    RACTOR,
    KAMEO,
    HYDRA,
    JOERL,
    TOKIO_ACTORS,
    SPAWNED,
    BEAM,
];

/// Finds somebody by name.
///
/// # Errors
///
/// Fails when nobody has the name.
pub(crate) fn find(name: &str) -> io::Result<&'static Entrant> {
    let found = ENTRANTS
        .iter()
        .find(|entrant| entrant.contender.name == name);
    found.ok_or_else(|| {
        let message = format!("unknown contender {name:?}: expected one of the tables");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })
}

impl Entrant {
    pub(crate) fn name(&self) -> &'static str {
        self.contender.name
    }

    /// Who it is exactly, such as `ractor 0.16.5`; nothing where the BEAM is not installed.
    pub(crate) fn version(&self) -> Option<String> {
        let Some(package) = self.package else {
            return beam::version();
        };
        let version = locked(package, include_str!("../Cargo.lock"))
            .expect("the lock file has every dependency");
        Some(format!("{package} {version}"))
    }
}

/// The version of a package in a lock file.
fn locked<'a>(package: &str, lock: &'a str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&name)?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use otp_bench::WORKLOADS;

    use super::{ENTRANTS, find, locked};

    #[test]
    fn every_side_is_that_of_a_workload() {
        for entrant in ENTRANTS {
            for (side, _) in entrant.contender.sides {
                let known = WORKLOADS.iter().any(|workload| workload.name == *side);
                assert!(known, "{}: {side}", entrant.name());
            }
        }
    }

    #[test]
    fn versions_are_those_of_the_lock_file() {
        let lock =
            "name = \"a\"\nversion = \"1.2\"\n\n[[package]]\nname = \"b\"\nversion = \"0.3.0\"\n";
        assert_eq!(locked("b", lock), Some("0.3.0"));
        assert_eq!(locked("c", lock), None);
        assert!(
            find("ractor")
                .unwrap()
                .version()
                .unwrap()
                .starts_with("ractor 0.")
        );
    }
}
