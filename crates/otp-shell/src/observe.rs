//! The observer's page beside a program: `--observe`, and the command `observe`.

use crate::failure::Failure;
use crate::shell::{Mode, Shell};
use clap::Args;
use otp_core::Node;
use otp_observer::{Observer, Options, Reports};
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

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

/// The page of a program, which lives as long as the program does.
#[derive(Debug, Clone)]
pub(crate) struct Observing {
    title: &'static str,
    reports: Reports,
    served: Arc<Mutex<Option<Observer>>>,
}

impl Observing {
    pub(crate) fn new(title: &'static str, reports: Reports) -> Self {
        Self {
            title,
            reports,
            served: Arc::default(),
        }
    }

    /// Serves the page, in the place of one that was served before; returns its link.
    pub(crate) async fn serve(
        &self,
        node: &Node,
        at: SocketAddr,
        acts: bool,
    ) -> Result<String, Failure> {
        // It may have had the same port.
        drop(self.replace(None));
        let mut options = Options::new().title(self.title).reports(&self.reports);
        if acts {
            options = options.with_actions();
        }
        if !at.ip().is_loopback() {
            // Nobody types such an address by accident.
            options = options.from_anywhere();
        }
        let observer = options.serve(node, at).await.map_err(|error| {
            let why = error
                .source()
                .map_or_else(String::new, |why| format!(": {why}"));
            Failure::new(format_args!("{error}{why}"))
        })?;
        let link = observer.link().to_owned();
        self.replace(Some(observer));
        Ok(link)
    }

    fn replace(&self, observer: Option<Observer>) -> Option<Observer> {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *served, observer)
    }

    /// The link of the page that is served.
    fn link(&self) -> Option<String> {
        let served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.as_ref().map(|observer| observer.link().to_owned())
    }
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
