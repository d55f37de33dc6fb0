//! What the program tells this door: where to listen and what to hold back. No environment is read here.

use anlan_app::witnesses::Witness;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

/// Settings of the HTTP door.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Serve the ui from this folder instead of the one built in.
    pub ui_dir: Option<PathBuf>,
    /// The address people know this node by, e.g. `https://anlan.example.gov`; tracking links begin with it.
    pub public_url: Option<String>,
    /// Mark the session cookie `Secure`. On behind TLS, off for a plain-HTTP demo.
    pub secure_cookies: bool,
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
    /// Whom this node cosigns logs for; `None`: it is no witness.
    pub witness: Option<Arc<Witness>>,
    /// Connections open at once; more wait.
    pub connections_max: usize,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            ui_dir: None,
            public_url: None,
            secure_cookies: false,
            is_behind_proxy: false,
            upload_bytes_max: 20 * 1024 * 1024 * 1024,
            photo_bytes_max: 20 * 1024 * 1024,
            photos_max: 12,
            public_photos_max: 20,
            witness: None,
            connections_max: 4096,
        }
    }
}
