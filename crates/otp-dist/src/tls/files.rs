//! Certificates in files, and their decoded form.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::{Ends, TlsError};

#[derive(Debug)]
pub(super) struct Files {
    certificates: PathBuf,
    key: PathBuf,
    authority: PathBuf,
}

/// The content of the files as bytes, to detect changes.
#[derive(PartialEq)]
pub(super) struct Contents {
    certificates: Vec<u8>,
    key: Vec<u8>,
    authority: Vec<u8>,
}

impl Files {
    pub(super) fn new(certificates: &Path, key: &Path, authority: &Path) -> Self {
        Self {
            certificates: certificates.to_owned(),
            key: key.to_owned(),
            authority: authority.to_owned(),
        }
    }

    pub(super) fn read(&self) -> Result<Contents, TlsError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| wrong(path, pem::Error::Io(error)))
        };
        Ok(Contents {
            certificates: read(&self.certificates)?,
            key: read(&self.key)?,
            authority: read(&self.authority)?,
        })
    }

    pub(super) fn ends(&self, contents: &Contents) -> Result<Ends, TlsError> {
        let own = certificates(&self.certificates, &contents.certificates)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key)
            .map_err(|error| wrong(&self.key, error))?;
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&self.authority, &contents.authority)? {
            roots.add(certificate)?;
        }
        let roots = Arc::new(roots);
        let provider = Arc::new(default_provider());
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
        Ok(Ends {
            acceptor: Arc::new(server).into(),
            connector: Arc::new(client).into(),
        })
    }
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<_, _> = CertificateDer::pem_slice_iter(pem).collect();
    certificates.map_err(|error| wrong(path, error))
}

fn wrong(path: &Path, error: pem::Error) -> TlsError {
    TlsError::Pem(path.display().to_string(), error)
}
