//! Connections within TLS: both sides show a certificate of the cluster's authority.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{
    CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName,
};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

/// A certificate with its key, and the authority whose certificates others have to show.
///
/// TLS 1.2 and 1.3. The side that dials also checks that the other one's certificate is for its host. The side that is dialled accepts
/// every certificate of the authority.
///
/// # OTP
///
/// `-proto_dist inet_tls`, with `verify_peer` on both sides and `fail_if_no_peer_cert`.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

/// What is wrong with a certificate or a key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is no PEM file.
    #[error("{0}: {1}")]
    Pem(String, pem::Error),
    /// The certificate and the key do not fit, or are of a kind that is not understood.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// The authority is none.
    #[error(transparent)]
    Authority(#[from] VerifierBuilderError),
}

impl Tls {
    /// Reads three PEM files: this node's certificates, their key, and the certificates of the authority.
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn from_files(certificates: &Path, key: &Path, authority: &Path) -> Result<Self, TlsError> {
        let own = read(certificates)?;
        let key = PrivateKeyDer::from_pem_file(key)
            .map_err(|error| TlsError::Pem(key.display().to_string(), error))?;
        let mut roots = RootCertStore::empty();
        for certificate in read(authority)? {
            roots.add(certificate)?;
        }
        let roots = Arc::new(roots);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone()).build()?;
        let server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(own.clone(), key.clone_key())?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_client_auth_cert(own, key)?;
        Ok(Self {
            acceptor: Arc::new(server).into(),
            connector: Arc::new(client).into(),
        })
    }

    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<server::TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    pub(crate) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        let wrong = |error: InvalidDnsNameError| io::Error::new(io::ErrorKind::InvalidInput, error);
        let host = ServerName::try_from(host.to_owned()).map_err(wrong)?;
        self.connector.connect(host, stream).await
    }
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    certificates.map_err(|error| TlsError::Pem(path.display().to_string(), error))
}

/// Without the key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
