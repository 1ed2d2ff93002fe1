//! An authority that a cluster trusts, and the certificates that it signs.

use std::io;
use std::net::IpAddr;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, Error, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

/// The authority's name, and its certificate and its key as PEM.
pub(crate) struct Authority {
    pub(crate) name: String,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// For how long a certificate is valid: from the first day of a year to the first day of another.
pub(crate) type Years = (i32, i32);

impl Authority {
    pub(crate) fn new(name: &str, (from, to): Years) -> Result<Self, Error> {
        let mut params = params(name, Vec::new(), (from, to))?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        Ok(Self {
            name: name.to_owned(),
            certificate: params.self_signed(&key)?.pem(),
            key: key.serialize_pem(),
        })
    }

    /// Makes a key and a certificate for a host: for the side that is dialled, and for the side that dials.
    pub(crate) fn sign(&self, host: &str, years: Years) -> Result<(String, String), Error> {
        // Of the signer, a certificate has no more than its name and its key's.
        let signer = params(&self.name, Vec::new(), years)?;
        let issuer = Issuer::new(signer, KeyPair::from_pem(&self.key)?);
        let mut params = params(host, vec![host.to_owned()], years)?;
        if host.parse::<IpAddr>().is_ok() {
            // A BEAM compares the host of a node's name with names alone, also if it is an address.
            let name = SanType::DnsName(host.try_into()?);
            params.subject_alt_names.push(name);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, &issuer)?.pem(), key.serialize_pem()))
    }

    /// Writes what a node of the host needs into its folder: `cert.pem`, `key.pem`, `ca.pem`.
    pub(crate) fn equip(&self, folder: &Path, host: &str, years: Years) -> io::Result<()> {
        let (certificate, key) = self.sign(host, years).map_err(io::Error::other)?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("cert.pem"), certificate)?;
        secret(&folder.join("key.pem"), &key)?;
        std::fs::write(folder.join("ca.pem"), &self.certificate)
    }
}

fn params(name: &str, hosts: Vec<String>, (from, to): Years) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(hosts)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    Ok(params)
}

/// Writes a file that nobody else can read.
pub(crate) fn secret(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)?.write_all(text.as_bytes())
}
