//! TLS 1.2 and 1.3 for the listening socket: certificate and key from files, read again when they change, so that a renewed
//! certificate needs no restart.

use crate::config::TlsFiles;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Time for a handshake.
const HANDSHAKE_SECONDS: u64 = 10;

/// What connections are opened with now.
#[derive(Clone)]
pub(crate) struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// Reads the files; what is wrong with them is told before anything listens.
    pub(crate) fn read(files: &TlsFiles) -> io::Result<Self> {
        Ok(Self(Arc::new(RwLock::new(load(files)?))))
    }

    /// Looks at the files again and again. Bad ones are told of, and those before stay in use.
    pub(crate) async fn follow(self, files: TlsFiles) {
        let mut known = changed_at(&files);
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = changed_at(&files);
            if now == known {
                continue;
            }
            known = now;
            match load(&files) {
                Ok(fresh) => {
                    *self.0.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                    tracing::info!("the certificate changed and is in use");
                }
                Err(error) => {
                    tracing::error!(%error, "the changed certificate cannot be used; the one before stays");
                }
            }
        }
    }

    /// The client's side of the connection, once both agree on a key.
    pub(crate) async fn shake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let shake = TlsAcceptor::from(config).accept(stream);
        let wait = Duration::from_secs(HANDSHAKE_SECONDS);
        tokio::time::timeout(wait, shake)
            .await
            .map_err(|_why| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

fn changed_at(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
}

fn bad(path: &Path, why: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {why}", path.display()))
}

fn load(files: &TlsFiles) -> io::Result<Arc<ServerConfig>> {
    let certificate = files.certificate.as_path();
    let chain = CertificateDer::pem_file_iter(certificate).map_err(|why| bad(certificate, why))?;
    let chain: Vec<_> = chain
        .collect::<Result<_, _>>()
        .map_err(|why| bad(certificate, why))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|why| bad(&files.key, why))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|why| bad(certificate, why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
