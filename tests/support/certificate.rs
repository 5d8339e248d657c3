//! Certificates of one run: an authority that every stack trusts, what it signs, and what nobody signs. Made by the
//! openssl that Debian's list of authorities brings along.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A certificate and its key, as files.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub file: PathBuf,
    pub key: PathBuf,
}

/// Signs for everybody, and is trusted by all stacks of this run.
pub fn authority() -> &'static Certificate {
    static AUTHORITY: OnceLock<Certificate> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let made = Certificate::next();
        openssl(&[
            &made.request(&["-x509", "-days", "2", "-subj", "/CN=Authority of the tests"])[..],
            &["-addext", "basicConstraints=critical,CA:TRUE", "-out"].map(str::to_owned),
            &[made.file.display().to_string()],
        ]);
        made
    })
}

impl Certificate {
    /// For a name as openssl writes it (`IP:127.0.0.1`), signed by the authority.
    pub fn signed(name: &str) -> Self {
        let (made, authority) = (Self::next(), authority());
        let files = [&authority.file, &authority.key].map(|file| file.display().to_string());
        openssl(&[
            &made.request(&["-x509", "-days", "2", "-subj", "/CN=signed"])[..],
            &["-addext", "basicConstraints=critical,CA:FALSE"].map(str::to_owned),
            &["-addext".to_owned(), format!("subjectAltName={name}")],
            &[
                "-CA".to_owned(),
                files[0].clone(),
                "-CAkey".to_owned(),
                files[1].clone(),
            ],
            &["-out".to_owned(), made.file.display().to_string()],
        ]);
        made
    }

    /// For the same kind of name, signed by nobody but itself.
    pub fn unsigned(name: &str) -> Self {
        let made = Self::next();
        openssl(&[
            &made.request(&["-x509", "-days", "2", "-subj", "/CN=unsigned"])[..],
            &["-addext".to_owned(), format!("subjectAltName={name}")],
            &["-out".to_owned(), made.file.display().to_string()],
        ]);
        made
    }

    fn next() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("certificates-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder below target");
        Self {
            file: folder.join(format!("{count}.pem")),
            key: folder.join(format!("{count}.key")),
        }
    }

    /// The beginning of a request with a new key.
    fn request(&self, more: &[&str]) -> Vec<String> {
        let kind = [
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ];
        let key = self.key.display().to_string();
        let words = kind.iter().chain(more).chain(&["-keyout"]);
        words.map(|word| (*word).to_owned()).chain([key]).collect()
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::from_pem_file(&self.key).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions that ring knows")
            .with_no_client_auth()
            .with_single_cert(read(self), key)
            .expect("a certificate with its key");
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Trusts the authority of this run, and nobody else.
pub fn connector() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(read(authority()));
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions that ring knows")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

fn read(certificate: &Certificate) -> Vec<CertificateDer<'static>> {
    let found = CertificateDer::pem_file_iter(&certificate.file).expect("a file");
    found.map(|found| found.expect("a certificate")).collect()
}

fn openssl(arguments: &[&[String]]) {
    let output = Command::new("openssl").args(arguments.concat()).output();
    let output = output.expect("openssl is installed");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl: {complaint}");
}
