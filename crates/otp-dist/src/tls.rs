//! Connections within TLS: both sides show a certificate of the cluster's authority.

mod files;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::{InvalidDnsNameError, ServerName, pem};
use tokio_rustls::rustls::server::VerifierBuilderError;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, rustls, server};

use self::files::{Contents, Files};

/// A certificate with its key, and the authority whose certificates others have to show.
///
/// TLS 1.2 and 1.3. The side that dials also checks that the other one's certificate is for its host. The side that is dialled accepts
/// every certificate of the authority.
///
/// The files are [read again](Self::reload) from time to time, by default every minute, so that certificates can be
/// short-lived. A change applies to new connections; existing ones stay.
///
/// Clones share the loaded certificates.
///
/// # OTP
///
/// `-proto_dist inet_tls`, with `verify_peer` on both sides and `fail_if_no_peer_cert`.
///
/// # Differences from OTP
///
/// A file that cannot be used changes nothing; a warning is logged.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    loaded: Arc<Mutex<Loaded>>,
    every: Option<Duration>,
}

/// Reading files does not keep a node busy.
const SHORTEST: Duration = Duration::from_millis(10);

/// The certificates that were read last.
struct Loaded {
    contents: Contents,
    ends: Ends,
}

/// The configuration of each side of a connection.
#[derive(Clone)]
struct Ends {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

/// The fault of a certificate or a key.
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
    /// Reads three PEM files: this node's certificates, their key, and the certificates of the authority. While the authority of a
    /// cluster is changed that file has both, the old one and the new one.
    ///
    /// # Errors
    ///
    /// [`TlsError`].
    pub fn from_files(certificates: &Path, key: &Path, authority: &Path) -> Result<Self, TlsError> {
        let files = Files::new(certificates, key, authority);
        let contents = files.read()?;
        let ends = files.ends(&contents)?;
        Ok(Self {
            files: Arc::new(files),
            loaded: Arc::new(Mutex::new(Loaded { contents, ends })),
            every: Some(Duration::from_secs(60)),
        })
    }

    /// How often a node reads the files again; `None` for never.
    #[must_use]
    pub fn reload_every(self, every: impl Into<Option<Duration>>) -> Self {
        let every = every.into();
        Self { every, ..self }
    }

    /// Reads the files again. Returns whether they have changed.
    ///
    /// # Errors
    ///
    /// [`TlsError`]: the former certificates remain in use. That is also the case while only one of a certificate and
    /// its key has been replaced.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let contents = self.files.read()?;
        if self.loaded.lock().contents == contents {
            return Ok(false);
        }
        let ends = self.files.ends(&contents)?;
        let former = std::mem::replace(&mut *self.loaded.lock(), Loaded { contents, ends });
        drop(former);
        Ok(true)
    }

    /// Reads the files again at intervals, for as long as the node runs.
    pub(crate) async fn keep(self) {
        let Some(every) = self.every else {
            return;
        };
        loop {
            tokio::time::sleep(every.max(SHORTEST)).await;
            let reading = self.clone();
            match tokio::task::spawn_blocking(move || reading.reload()).await {
                Ok(Ok(true)) => tracing::info!("certificates have been read again"),
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "certificates cannot be read again: the former ones count");
                }
                // The runtime ends.
                Err(_) => return,
            }
        }
    }

    fn ends(&self) -> Ends {
        self.loaded.lock().ends.clone()
    }

    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<server::TlsStream<TcpStream>> {
        self.ends().acceptor.accept(stream).await
    }

    pub(crate) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        let wrong = |error: InvalidDnsNameError| io::Error::new(io::ErrorKind::InvalidInput, error);
        let host = ServerName::try_from(host.to_owned()).map_err(wrong)?;
        self.ends().connector.connect(host, stream).await
    }
}

/// Without the key.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.files)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}
