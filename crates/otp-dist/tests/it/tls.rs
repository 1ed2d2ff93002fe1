//! Nodes that speak TLS: who is let in, and certificates that change.

#[path = "../../examples/certificates/authority.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod authority;

use std::path::{Path, PathBuf};
use std::time::Duration;

use otp_core::prelude::*;
use otp_dist::{Config, Distribution, Tls, TlsError};
use otp_etf::Atom;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use self::authority::{Authority, Years};

const VALID: Years = (2020, 2100);
const A: &str = "a@localhost";
const B: &str = "b@localhost";

fn authority(name: &str) -> Authority {
    Authority::new(name, VALID).expect("an authority")
}

/// A folder of this test's own, with what a node needs.
fn folder(test: &str, node: &str) -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.join("tls").join(test).join(node)
}

fn equip(folder: &Path, authority: &Authority, host: &str, years: Years) {
    authority.equip(folder, host, years).expect("it is written");
}

fn read(folder: &Path) -> Result<Tls, TlsError> {
    let file = |name| folder.join(name);
    Tls::from_files(&file("cert.pem"), &file("key.pem"), &file("ca.pem"))
}

fn config(name: &str, tls: Option<Tls>) -> Config {
    let config = Config::new(name).cookie("secret").without_epmd();
    match tls {
        Some(tls) => config.tls(tls.reload_every(None)),
        None => config,
    }
}

/// Node a knows where node b is.
async fn start(tls_a: Option<Tls>, tls_b: Option<Tls>) -> (Distribution, Distribution) {
    let b = Distribution::start(&Node::new(), config(B, tls_b)).await;
    let b = b.expect("b starts");
    let config = config(A, tls_a).peer(B, b.address());
    let a = Distribution::start(&Node::new(), config).await;
    (a.expect("a starts"), b)
}

async fn connects(a: &Distribution) -> bool {
    let b = Atom::constant("b@localhost");
    a.disconnect(&b);
    a.connect(&b).await.is_ok()
}

/// Two nodes with certificates of these authorities, for this host, valid for these years.
async fn pair(
    test: &str,
    of_a: (&Authority, &str, Years),
    of_b: (&Authority, &str, Years),
) -> (Distribution, Distribution) {
    let tls = |node, (authority, host, years)| {
        let folder = folder(test, node);
        equip(&folder, authority, host, years);
        Some(read(&folder).expect("they are certificates"))
    };
    start(tls("a", of_a), tls("b", of_b)).await
}

// DST-022
#[tokio::test]
async fn nodes_of_one_authority_talk() {
    let ours = authority("ours");
    let good = (&ours, "localhost", VALID);
    let (a, b) = pair("one_authority", good, good).await;
    b.function("test", "twice", |(text,): (String,)| text.repeat(2));
    let called = (Atom::constant("test"), Atom::constant("twice"));
    // More than fits into one of TLS's records.
    let text = "x".repeat(100_000);
    let twice: String = a
        .rpc(b.name(), called, (text.clone(),))
        .await
        .expect("it returns");
    assert_eq!(twice, text.repeat(2));
}

// DST-022, THR-001
#[tokio::test]
async fn who_has_no_certificate_for_its_host_of_the_authority_is_refused() {
    let (ours, theirs) = (authority("ours"), authority("theirs"));
    let good = (&ours, "localhost", VALID);
    let past = (2020, 2021);
    for (test, of_a, of_b) in [
        ("other_authority_dials", (&theirs, "localhost", VALID), good),
        (
            "other_authority_is_dialled",
            good,
            (&theirs, "localhost", VALID),
        ),
        ("expired_dials", (&ours, "localhost", past), good),
        ("expired_is_dialled", good, (&ours, "localhost", past)),
        ("wrong_name_is_dialled", good, (&ours, "elsewhere", VALID)),
    ] {
        let (a, b) = pair(test, of_a, of_b).await;
        assert!(!connects(&a).await, "{test}");
        assert_eq!((a.nodes(), b.nodes()), (vec![], vec![]), "{test}");
    }
    // The same authority's own name proves nothing.
    let forged = authority("ours");
    let (a, _b) = pair("forged", (&forged, "localhost", VALID), good).await;
    assert!(!connects(&a).await);
}

// A BEAM compares an address with names alone: the certificate has it as one, too.
// DST-022
#[tokio::test]
async fn a_host_may_be_an_address() {
    let ours = authority("ours");
    let folder = folder("address", "a");
    equip(&folder, &ours, "127.0.0.1", VALID);
    let pem = std::fs::read(folder.join("cert.pem")).expect("it is there");
    let der = CertificateDer::from_pem_slice(&pem).expect("a certificate");
    let text = der.windows(9).filter(|it| it == b"127.0.0.1").count();
    assert_eq!(text, 2, "its name, and one among its hosts");

    let tls = || Some(read(&folder).expect("they are certificates"));
    let b = Distribution::start(&Node::new(), config("b@127.0.0.1", tls())).await;
    let b = b.expect("b starts");
    let config = config("a@127.0.0.1", tls()).peer("b@127.0.0.1", b.address());
    let a = Distribution::start(&Node::new(), config).await;
    let a = a.expect("a starts");
    assert_eq!(a.connect(b.name()).await, Ok(()));
}

// DST-022, THR-001
#[tokio::test]
async fn there_is_no_plain_way_to_a_node_with_tls_and_none_back() {
    let ours = authority("ours");
    let folder = folder("plain", "b");
    equip(&folder, &ours, "localhost", VALID);
    let tls = || Some(read(&folder).expect("they are certificates"));
    let (a, b) = start(None, tls()).await;
    let plain = a.connect(&Atom::constant("b@localhost")).await;
    let reason = plain.expect_err("plain to TLS").reason;
    assert!(reason.ends_with("the peer may speak TLS"), "{reason}");
    let mut stream = tokio::net::TcpStream::connect(b.address())
        .await
        .expect("it listens");
    let hello = b"\0\x15N\0\0\0\x0d\x07\xdf\x7f\xbd\0\0\0\x01\0\x0ba@localhost";
    stream.write_all(hello).await.expect("it reads");
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer).await;
    // An alert of TLS at most, and nothing of the handshake of nodes.
    assert!(
        !answer.windows(2).any(|it| it == b"so" || it == b"sn"),
        "{answer:?}"
    );
    let (a, _b) = start(tls(), None).await;
    assert!(!connects(&a).await, "TLS to plain");
}

// DST-023
#[tokio::test]
async fn certificates_are_read_again_and_connections_stay() {
    let (old, new) = (authority("old"), authority("new"));
    let folders = [folder("reload", "a"), folder("reload", "b")];
    for folder in &folders {
        equip(folder, &old, "localhost", VALID);
    }
    let [tls_a, tls_b] = folders.each_ref().map(|it| read(it).expect("certificates"));
    let (a, b) = start(Some(tls_a.clone()), Some(tls_b.clone())).await;
    assert!(connects(&a).await);
    assert!(matches!(tls_b.reload(), Ok(false)), "nothing has changed");

    equip(&folders[1], &new, "localhost", VALID);
    assert!(matches!(tls_b.reload(), Ok(true)));
    assert_eq!(
        b.nodes(),
        [Atom::constant("a@localhost")],
        "what is up stays"
    );
    assert!(!connects(&a).await, "a has the former authority's");
    equip(&folders[0], &new, "localhost", VALID);
    assert!(!connects(&a).await, "a has not read it yet");
    assert!(matches!(tls_a.reload(), Ok(true)));
    assert!(connects(&a).await);
}

// DST-023
#[tokio::test]
async fn files_that_do_not_fit_change_nothing() {
    let ours = authority("ours");
    let folders = [folder("unfit", "a"), folder("unfit", "b")];
    for folder in &folders {
        equip(folder, &ours, "localhost", VALID);
    }
    let [tls_a, tls_b] = folders.each_ref().map(|it| read(it).expect("certificates"));
    let (a, _b) = start(Some(tls_a), Some(tls_b.clone())).await;
    let write = |name: &str, text: &str| {
        std::fs::write(folders[1].join(name), text).expect("it is written");
    };
    let (certificate, key) = ours.sign("localhost", VALID).expect("a certificate");
    // Half of a change, then a file that is being written.
    write("cert.pem", &certificate);
    assert!(matches!(tls_b.reload(), Err(TlsError::Tls(_))));
    assert!(connects(&a).await);
    write("key.pem", "-----BEGIN PRIVATE KEY-----");
    assert!(matches!(tls_b.reload(), Err(TlsError::Pem(..))));
    assert!(connects(&a).await);
    std::fs::remove_file(folders[1].join("ca.pem")).expect("it is there");
    assert!(matches!(tls_b.reload(), Err(TlsError::Pem(..))));
    assert!(connects(&a).await);
    write("key.pem", &key);
    write("ca.pem", &ours.certificate);
    assert!(matches!(tls_b.reload(), Ok(true)));
    assert!(connects(&a).await);
}

// DST-023
#[tokio::test]
async fn a_node_reads_its_files_from_time_to_time() {
    let (old, new) = (authority("old"), authority("new"));
    let folder = folder("from_time_to_time", "b");
    equip(&folder, &old, "localhost", VALID);
    let tls = read(&folder).expect("certificates");
    let every = tls.clone().reload_every(Duration::from_millis(10));
    let config = Config::new(B).cookie("secret").without_epmd().tls(every);
    let b = Distribution::start(&Node::new(), config).await;
    let b = b.expect("b starts");
    let of_a = self::folder("from_time_to_time", "a");
    equip(&of_a, &new, "localhost", VALID);
    let of_a = read(&of_a).expect("certificates");
    let config = self::config(A, Some(of_a)).peer(B, b.address());
    let a = Distribution::start(&Node::new(), config).await;
    let a = a.expect("a starts");
    assert!(!connects(&a).await);
    equip(&folder, &new, "localhost", VALID);
    let connected = async { while !connects(&a).await {} };
    let limit = Duration::from_secs(20);
    assert!(tokio::time::timeout(limit, connected).await.is_ok());
    assert!(
        matches!(tls.reload(), Ok(false)),
        "clones share what they have read"
    );
}
