//! What every handler has at hand, and the one way it calls the application.

use crate::config::WebConfig;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::problems::Failure;
use anlan_app::App;
use std::sync::Arc;
use tokio::sync::watch;

/// Context of the handlers. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    pub(crate) app: App,
    pub(crate) config: Arc<WebConfig>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) hub: Hub,
    /// Turns true when the program stops: endless answers end then.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Web {
    /// The address a tracking code is followed at: absolute where the node's public address is known.
    pub(crate) fn track_url(&self, code: &str) -> String {
        let base = self.config.public_url.as_deref().unwrap_or_default();
        format!("{}/t/{code}", base.trim_end_matches('/'))
    }
}

/// Runs blocking work (every action is) away from the threads that serve connections.
pub(crate) async fn run<T, E, F>(work: F) -> Result<T, Failure>
where
    T: Send + 'static,
    E: Into<Failure> + Send + 'static,
    F: FnOnce() -> Result<T, E> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Into::into),
        Err(error) => {
            tracing::error!(%error, "an action did not come back");
            Err(Failure::internal())
        }
    }
}
