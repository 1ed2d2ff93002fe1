//! The choice of the Erlang and the Elixir to run.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::BeamError;

/// No start and no history takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// The installation of Erlang and Elixir to compare with: the first one of the path, or another one in a folder of its
/// own.
#[derive(Debug, Clone)]
pub struct Otp {
    folder: Option<PathBuf>,
    start: Duration,
    history: Duration,
}

impl Default for Otp {
    /// The first one of the path.
    fn default() -> Self {
        Self {
            folder: None,
            start: PATIENCE,
            history: PATIENCE,
        }
    }
}

impl Otp {
    /// The one that the environment variable `OTP_BEAM_DIR` names, as [`in_folder`](Self::in_folder) takes it, or else the
    /// first one of the path.
    #[must_use]
    pub fn from_env() -> Self {
        match env::var_os("OTP_BEAM_DIR") {
            Some(folder) if !folder.is_empty() => Self::in_folder(folder),
            _ => Self::default(),
        }
    }

    /// The one whose `erl` is in this folder's `bin`. So may be its `elixir`; if not, it is the first one of the path.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            ..Self::default()
        }
    }

    /// How long it may take to start, and how long for a history.
    #[must_use]
    pub fn patience(self, start: Duration, history: Duration) -> Self {
        Self {
            start,
            history,
            ..self
        }
    }

    pub(super) fn start_limit(&self) -> Duration {
        self.start
    }

    pub(super) fn history_limit(&self) -> Duration {
        self.history
    }

    /// The path for the programs, and the `elixir` that is the first there.
    pub(super) fn find(&self) -> Result<(OsString, PathBuf), BeamError> {
        let bin = self.folder.as_ref().map(|folder| folder.join("bin"));
        let path: Vec<PathBuf> = env::var_os("PATH")
            .map(|path| env::split_paths(&path).collect())
            .unwrap_or_default();
        let missing = |program| BeamError::NotInstalled {
            program,
            folder: self.folder.clone(),
        };
        let first = |folders: &[PathBuf], program: &'static str| {
            let mut files = folders.iter().map(|folder| folder.join(program));
            files.find(|file| file.is_file()).ok_or(missing(program))
        };
        first(bin.as_ref().map_or(&path[..], std::slice::from_ref), "erl")?;
        let folders: Vec<PathBuf> = bin.into_iter().chain(path).collect();
        let elixir = first(&folders, "elixir")?;
        let joined = env::join_paths(&folders).map_err(|error| BeamError::Broken {
            elixir: elixir.clone(),
            why: error.to_string(),
            errors: super::Words(String::new()),
        })?;
        Ok((joined, elixir))
    }
}
