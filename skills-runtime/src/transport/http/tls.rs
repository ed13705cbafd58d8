//! HTTPS in the process: the certificate and its key are files that an operator names, and are read again when they change
//! or a SIGHUP comes. Connections that are open keep what they began with.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use clap::Args;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::files::{self, Content};
use crate::logging::HTTP;
use crate::transport::signal::Hangups;

/// How often is looked whether the files have changed.
const LOOK: Duration = Duration::from_secs(30);

/// Where the certificate is.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "HTTPS")]
pub(super) struct Certificate {
    /// Serve HTTPS with this certificate: a PEM file with the certificate and what it needs up to, not including, the root
    #[arg(
        long,
        env = "SKILLS_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key",
        hide_env_values = true
    )]
    pub(super) tls_cert: Option<PathBuf>,
    /// The private key of the certificate: a PEM file (PKCS #8, SEC 1 or PKCS #1)
    #[arg(
        long,
        env = "SKILLS_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert",
        hide_env_values = true
    )]
    pub(super) tls_key: Option<PathBuf>,
}

/// What turns a connection into an encrypted one.
pub(super) struct Tls {
    files: Files,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
}

#[derive(Clone, Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// When each of the two was changed, as far as that can be seen.
type Changed = [Option<SystemTime>; 2];

/// The certificate that new connections get.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Reads the certificate, if there is to be one.
    pub(super) fn new(settings: &Certificate) -> Result<Option<Self>, Error> {
        let (Some(certificate), Some(key)) = (&settings.tls_cert, &settings.tls_key) else {
            return Ok(None);
        };
        let files = Files {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        let current = Arc::new(Current(ArcSwap::from_pointee(files.read()?)));
        let provider = Arc::new(ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|source| Error::Tls {
            path: certificate.clone(),
            problem: source.to_string(),
        })?;
        let mut config = builder
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as _);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Some(Self {
            files,
            current,
            acceptor,
        }))
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    /// Follows the files until the server stops; a SIGHUP asks to read them at once.
    pub(super) async fn follow(&'static self, stopping: &CancellationToken) {
        let mut hangups = Hangups::listen();
        let mut last = None;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let asked = tokio::select! {
                () = stopping.cancelled() => return,
                () = hangups.next() => true,
                _ = looks.tick() => false,
            };
            // The files may be on a disk that does not answer, for which nobody else waits.
            let looked = spawn_blocking(move || self.look(last, asked));
            match stopping.run_until_cancelled(looked).await {
                Some(Ok(changed)) => last = Some(changed),
                Some(Err(_)) => {}
                None => return,
            }
        }
    }

    /// Reads the files again if that is asked for, or if they were changed since this time; when they were changed.
    fn look(&self, last: Option<Changed>, asked: bool) -> Changed {
        let now = self.files.changed();
        if asked || last.is_some_and(|last| last != now) {
            self.reload();
        }
        now
    }

    /// Reads the files again. What cannot be used is said and changes nothing.
    fn reload(&self) {
        match self.files.read_again() {
            Ok(key) => {
                self.current.0.store(Arc::new(key));
                tracing::info!(target: HTTP, "New connections get the certificate that is now in {}", self.files.certificate.display());
            }
            Err(error) => {
                tracing::error!(target: HTTP, "{error}. Connections still get the one from before");
            }
        }
    }
}

impl Files {
    fn read(&self) -> Result<CertifiedKey, Error> {
        let wrong = |path: &PathBuf, problem: String| Error::Tls {
            path: path.clone(),
            problem,
        };
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(&self.certificate, error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong(
                &self.certificate,
                "there is no certificate in it".into(),
            ));
        }
        let pem = files::bytes(&self.key, Content::Secrets)
            .map_err(|error| wrong(&self.key, error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|error| wrong(&self.key, error.to_string()))?;
        let provider = ring::default_provider();
        CertifiedKey::from_der(certificates, key, &provider)
            .map_err(|error| wrong(&self.key, error.to_string()))
    }

    /// The same while the server runs: opening a pipe would wait for whoever writes to it.
    fn read_again(&self) -> Result<CertifiedKey, Error> {
        for path in [&self.certificate, &self.key] {
            if path.metadata().is_ok_and(|found| !found.is_file()) {
                return Err(Error::Tls {
                    path: path.clone(),
                    problem: "it is no regular file".into(),
                });
            }
        }
        self.read()
    }

    /// When either was last changed.
    fn changed(&self) -> Changed {
        [&self.certificate, &self.key]
            .map(|path| path.metadata().and_then(|found| found.modified()).ok())
    }
}
