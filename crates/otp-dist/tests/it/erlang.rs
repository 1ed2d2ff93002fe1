//! A node of ours that is connected with one of a real BEAM.
//!
//! Without Erlang these tests say so and are skipped, unless `OTP_REQUIRE_BEAM` is 1. `OTP_BEAM_DIR` names a folder with another OTP.

use std::env;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use otp_core::prelude::*;
use otp_dist::{Config, Distribution};
use otp_etf::Atom;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{LONG, atom};

/// A node of ours and one of a BEAM, connected with each other.
pub(crate) struct Beam {
    pub(crate) node: Node,
    pub(crate) dist: Distribution,
    pub(crate) name: Atom,
    child: Child,
}

impl Beam {
    /// Nothing where there is no Erlang.
    pub(crate) async fn start(
        program: &str,
        change: impl FnOnce(Config) -> Config,
    ) -> Option<Self> {
        let node = Node::new();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let epmd = Distribution::serve_epmd(&node, any).await;
        let epmd = epmd.expect("a free port");
        let folder = env::var_os("OTP_BEAM_DIR").filter(|folder| !folder.is_empty());
        let erl = folder.map_or("erl".into(), |folder| PathBuf::from(folder).join("bin/erl"));
        let name = "beam@127.0.0.1";
        let child = Command::new(erl)
            .args(["-noinput", "-start_epmd", "false", "-setcookie", "secret"])
            .args(["-kernel", "inet_dist_use_interface", "{127,0,0,1}"])
            .args(["-name", name])
            .args(["-eval", &format!("{program}, io:format(\"ready~n\").")])
            .env("ERL_EPMD_PORT", epmd.port().to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut child) = child else {
            assert!(
                env::var_os("OTP_REQUIRE_BEAM").is_none_or(|value| value != "1"),
                "Erlang is required, and is not installed"
            );
            let message = "skipped: Erlang is not installed, nothing is tried with the BEAM";
            writeln!(io::stderr(), "{message}").expect("there is a standard error");
            return None;
        };
        let output = child.stdout.take().expect("it has a pipe");
        let mut ready = String::new();
        let reading = async { BufReader::new(output).read_line(&mut ready).await };
        let read = tokio::time::timeout(3 * LONG, reading).await;
        read.expect("it starts").expect("it writes");
        assert_eq!(ready, "ready\n");
        let config = Config::new("rust@127.0.0.1").cookie("secret").epmd(epmd);
        let dist = Distribution::start(&node, change(config)).await;
        Some(Self {
            node,
            dist: dist.expect("it starts"),
            name: atom(name),
            child,
        })
    }

    /// Calls a function there.
    pub(crate) async fn call<R: DeserializeOwned>(
        &self,
        module: &str,
        function: &str,
        arguments: impl Serialize,
    ) -> R {
        let called = (atom(module), atom(function));
        let result = self
            .dist
            .rpc(&self.name, called, arguments)
            .timeout(3 * LONG);
        result
            .await
            .unwrap_or_else(|error| panic!("{module}:{function}: {error}"))
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }
}
