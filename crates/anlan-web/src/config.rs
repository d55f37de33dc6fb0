//! What the program tells this door: where to listen and what to hold back. No environment is read here.

use crate::limits::Rates;
use anlan_app::witnesses::Witness;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

/// Certificate and key, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and those between it and its root, the node's own first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Settings of the HTTP door.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Serve the ui from this folder instead of the one built in.
    pub ui_dir: Option<PathBuf>,
    /// The address people know this node by, e.g. `https://anlan.example.gov`; tracking links begin with it.
    pub public_url: Option<String>,
    /// Mark the session cookie `Secure` although nothing here tells of TLS; see `is_secure`.
    pub secure_cookies: bool,
    /// Speak TLS, with these files.
    pub tls: Option<TlsFiles>,
    /// Take the client's address from the last `X-Forwarded-For`. On only behind a proxy that sets it.
    pub is_behind_proxy: bool,
    /// Largest file for an import, bytes.
    pub upload_bytes_max: u64,
    /// Largest photo, bytes.
    pub photo_bytes_max: usize,
    /// Photos in one request of the API.
    pub photos_max: usize,
    /// Photos with one public report.
    pub public_photos_max: usize,
    /// What this node calls its jurisdiction over Open311; `None`: it does not look at what a question calls it.
    pub open311_jurisdiction: Option<String>,
    /// Certificates, DER, whose holders' signatures on alerts are trusted.
    pub cap_trusted: Arc<Vec<Vec<u8>>>,
    /// Whom this node cosigns logs for; `None`: it is no witness.
    pub witness: Option<Arc<Witness>>,
    /// Connections open at once; more wait.
    pub connections_max: usize,
    /// Connections of one address open at once; a further one is closed. Behind a proxy this is the proxy's to hold.
    pub connections_per_address_max: usize,
    /// Time for a request's headers to arrive, and for an idle connection to send its next request.
    pub header_seconds: u64,
    /// How much of the costly things one address or account may ask for.
    pub rates: Rates,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            ui_dir: None,
            public_url: None,
            secure_cookies: false,
            tls: None,
            is_behind_proxy: false,
            upload_bytes_max: 20 * 1024 * 1024 * 1024,
            photo_bytes_max: 20 * 1024 * 1024,
            photos_max: 12,
            public_photos_max: 20,
            open311_jurisdiction: None,
            cap_trusted: Arc::default(),
            witness: None,
            connections_max: 4096,
            connections_per_address_max: 1024,
            header_seconds: 30,
            rates: Rates::default(),
        }
    }
}

impl WebConfig {
    /// Whether browsers come over TLS: then cookies are `Secure`, bound to the host, and plain HTTP is forbidden to them.
    pub(crate) fn is_secure(&self) -> bool {
        let is_public_https = self
            .public_url
            .as_deref()
            .is_some_and(|url| url.starts_with("https://"));
        self.secure_cookies || self.tls.is_some() || is_public_https
    }
}
