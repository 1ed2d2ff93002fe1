//! Makes an authority for a cluster, and a certificate for each of its hosts.
//!
//! `cargo run -p otp-dist --example certificates -- certs alpha.example.net beta.example.net`
//!
//! `certs/` has `ca.pem` and `ca.key` then, and for each host a folder with what a node there needs: `cert.pem`, `key.pem` and `ca.pem` for
//! `Tls::from_files`, and `ssl_dist.conf` for a BEAM's `-ssl_dist_optfile`. An authority that is there already signs for more hosts. Keep
//! `ca.key` elsewhere: whoever has it can make certificates.

mod authority;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;

use self::authority::{Authority, secret};

/// The authority's name.
const NAME: &str = "cluster";

/// Makes certificates for the nodes of a cluster.
#[derive(Parser)]
struct Options {
    /// Where to put them
    folder: PathBuf,
    /// The hosts, as the names of their nodes have them after the @
    #[arg(required = true)]
    hosts: Vec<String>,
    /// The first day that they are valid is that of this year
    #[arg(long, default_value_t = 2026)]
    from: i32,
    /// The last is the one before the first day of this year
    #[arg(long, default_value_t = 2036)]
    to: i32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let years = (options.from, options.to);
    std::fs::create_dir_all(&options.folder)?;
    let authority = authority(&options.folder, years)?;
    for host in &options.hosts {
        let folder = options.folder.join(host);
        authority.equip(&folder, host, years)?;
        std::fs::write(
            folder.join("ssl_dist.conf"),
            erlang(&folder.canonicalize()?),
        )?;
    }
    Ok(())
}

/// The authority of the folder, which is made if there is none.
fn authority(folder: &Path, years: authority::Years) -> Result<Authority, Box<dyn Error>> {
    let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
    if certificate.exists() {
        return Ok(Authority {
            name: NAME.to_owned(),
            certificate: std::fs::read_to_string(certificate)?,
            key: std::fs::read_to_string(key)?,
        });
    }
    let authority = Authority::new(NAME, years)?;
    secret(&key, &authority.key)?;
    std::fs::write(certificate, &authority.certificate)?;
    Ok(authority)
}

/// What a BEAM is told by `-ssl_dist_optfile`.
fn erlang(folder: &Path) -> String {
    let file = |name: &str| format!("{:?}", folder.join(name).display().to_string());
    let both = format!(
        "{{certfile, {}}}, {{keyfile, {}}}, {{cacertfile, {}}}, {{verify, verify_peer}}",
        file("cert.pem"),
        file("key.pem"),
        file("ca.pem")
    );
    format!("[{{server, [{both}, {{fail_if_no_peer_cert, true}}]}},\n {{client, [{both}]}}].\n")
}
