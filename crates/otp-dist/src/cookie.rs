//! The file in which Erlang keeps its cookie.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file from which no cookie can be taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CookieError {
    /// There is no home directory, in whose `.erlang.cookie` it would be.
    #[error("no cookie is given, and there is no home directory with an .erlang.cookie")]
    NoHome,
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// Others than its owner may read or write the file.
    #[error("{0} must be accessible by its owner only, as with `chmod 400`")]
    Shared(PathBuf),
    /// The file is no text of printable characters, or has none.
    #[error("{0} has no cookie: expected a line of printable ASCII characters")]
    Text(PathBuf),
}

/// The cookie in the file at this path, or else in `.erlang.cookie` of the home directory.
///
/// # OTP
///
/// `auth`: the same file, refused for the same permissions.
///
/// # Differences from OTP
///
/// A BEAM makes the file with a random cookie if there is none. Here that is an error.
///
/// # Errors
///
/// [`CookieError`].
pub fn read_cookie(path: Option<&Path>) -> Result<String, CookieError> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => {
            let home = std::env::home_dir().ok_or(CookieError::NoHome)?;
            home.join(".erlang.cookie")
        }
    };
    let failed = |error| CookieError::Io(path.clone(), error);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        let mode = fs::metadata(&path).map_err(failed)?.mode();
        if mode & 0o077 != 0 {
            return Err(CookieError::Shared(path));
        }
    }
    let text = fs::read(&path).map_err(failed)?;
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    let length = text.iter().take_while(|byte| is_printable(byte)).count();
    let (cookie, rest) = text.split_at(length);
    let ends = rest.iter().all(|byte| b"\r\n ".contains(byte));
    match String::from_utf8(cookie.to_vec()) {
        Ok(cookie) if ends && !cookie.is_empty() => Ok(cookie),
        _ => Err(CookieError::Text(path)),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{CookieError, read_cookie};

    fn read(text: &[u8], mode: u32) -> Result<String, CookieError> {
        let name = format!("otp-dist-cookie-{}-{mode:o}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).expect("it can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
        let cookie = read_cookie(Some(&path));
        fs::remove_file(&path).expect("it is ours");
        cookie
    }

    #[test]
    fn a_cookie_is_read_as_a_beam_does() {
        for (text, cookie) in [
            (&b"secret"[..], "secret"),
            (b"secret\n", "secret"),
            (b"two words \r\n\n", "two words "),
        ] {
            assert_eq!(read(text, 0o400).expect("a cookie"), cookie);
        }
        for text in [&b""[..], b"\n", b"a\nb", b"caf\xc3\xa9", b"a\tb"] {
            assert!(matches!(read(text, 0o600), Err(CookieError::Text(_))));
        }
        for mode in [0o440, 0o404, 0o620, 0o601] {
            assert!(matches!(read(b"secret", mode), Err(CookieError::Shared(_))));
        }
        let nowhere = read_cookie(Some(Path::new("/there/is/no/cookie")));
        assert!(matches!(nowhere, Err(CookieError::Io(..))));
    }
}
