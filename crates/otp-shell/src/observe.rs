//! The observer's page beside a program: `--observe`, and the command `observe`.
//!
//! A page needs a web server, which takes as long to build as all the rest of a program. So it is built in with the feature
//! `observe` only, and without it the answer is how to get it.

#[cfg(any(not(feature = "observe"), test))]
#[cfg_attr(
    feature = "observe",
    expect(dead_code, reason = "a test looks at its answer only")
)]
mod absent;
#[cfg(feature = "observe")]
mod served;

#[cfg(not(feature = "observe"))]
pub(crate) use self::absent::Observing;
#[cfg(feature = "observe")]
pub(crate) use self::served::Observing;
use crate::failure::Failure;
use crate::shell::{Mode, Shell};
use clap::Args;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// How the page is served.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Page {
    /// Serve a page in the browser that shows what happens inside, at ADDR (a port, or an address and a port), or else at
    /// any free port; the link is printed on standard error
    #[arg(
        id = "observe",
        long = "observe",
        value_name = "ADDR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "0",
        value_parser = address
    )]
    pub(crate) at: Option<SocketAddr>,
    /// Let that page act, too: kill, stop and suspend processes
    #[arg(long, requires = "observe")]
    pub(crate) observe_acts: bool,
}

/// What the command `observe` is told.
#[derive(Debug, Clone, Args)]
pub(crate) struct Observe {
    /// A port, or an address and a port; any free port unless given
    #[arg(value_name = "ADDR", value_parser = address)]
    at: Option<SocketAddr>,
    /// Let the page act, too: kill, stop and suspend processes
    #[arg(long)]
    acts: bool,
}

/// Serves the page and prints its link; if it is served already and nothing else was asked for, only that.
pub(crate) async fn run(observe: Observe, shell: &mut Shell) -> Result<(), Failure> {
    let known = match observe {
        Observe {
            at: None,
            acts: false,
        } => shell.observing.link(),
        _ => None,
    };
    let link = match known {
        Some(link) => link,
        None => {
            let at = observe.at.unwrap_or(ANYWHERE);
            shell.observing.serve(&shell.node, at, observe.acts).await?
        }
    };
    shell.print(link)?;
    if shell.mode() == Mode::OneShot {
        // The program ends with its command, and the page with it.
        shell.interrupted().await;
    }
    Ok(())
}

/// Any free port that only this machine can reach.
const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The arguments with `--observe ADDR` as the one word `--observe=ADDR`, if they were refused because ADDR is no command.
///
/// clap would take the next word for the address in any case, also where it is a command. So it knows the form of one word
/// only, and arguments that it understands as they are stay so.
pub(crate) fn joined(args: &[OsString], refusal: &clap::Error) -> Option<Vec<OsString>> {
    let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(address))) =
        (refusal.kind(), refusal.get(ContextKind::InvalidSubcommand))
    else {
        return None;
    };
    let looks_like_one =
        address.starts_with(|first: char| first.is_ascii_digit()) || address.contains([':', '.']);
    let at = args
        .windows(2)
        .position(|pair| pair[0] == "--observe" && pair[1] == address.as_str())
        .filter(|_| looks_like_one)?;
    let mut joined = args.to_vec();
    joined.splice(at..at + 2, [format!("--observe={address}").into()]);
    Some(joined)
}

/// Parses a port, which stands for one of this machine alone, or an address and a port.
fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let port = text
        .parse()
        .map(|port| SocketAddr::new(ANYWHERE.ip(), port));
    let address = port.or_else(|_| text.parse());
    address.map_err(
        |_| "expected a port, such as 4000, or an address and a port, such as 127.0.0.1:4000",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_one_of_this_machine() {
        let check = |text, shown: Option<&str>| {
            let address = address(text).ok().map(|address| address.to_string());
            assert_eq!(address.as_deref(), shown, "{text}");
        };
        check("4000", Some("127.0.0.1:4000"));
        check("0.0.0.0:80", Some("0.0.0.0:80"));
        check("[::1]:4000", Some("[::1]:4000"));
        for text in ["", "localhost", "127.0.0.1", "70000", ":4000"] {
            check(text, None);
        }
    }
}
