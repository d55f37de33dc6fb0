//! The program's HTTP client, the only one there is: bounded in size and time, no redirect followed, no proxy taken from
//! the environment, certificates checked. What is asked and what an answer means is the caller's.

use anyhow::Context as _;
use std::time::Duration;
use ureq::Agent;

const CONNECT: Duration = Duration::from_secs(5);
/// A whole exchange, the answer's last byte included.
const WHOLE: Duration = Duration::from_secs(10);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Media type; empty if none was told.
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Asks others over HTTP. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Client(Agent);

impl Client {
    pub(crate) fn new() -> Self {
        Self::with_time(WHOLE)
    }

    /// One whose exchanges take no longer than this.
    pub(crate) fn with_time(whole: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(whole))
            .timeout_connect(Some(CONNECT.min(whole)))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("anlan/", env!("CARGO_PKG_VERSION")))
            .build();
        Self(config.into())
    }

    /// Sends a text; an answer of more than `most` bytes is an error, whatever its status.
    pub(crate) fn post(&self, url: &str, text: &str, most: u64) -> anyhow::Result<Answer> {
        let asked = self.0.post(url).content_type("text/plain; charset=utf-8");
        let mut answer = asked
            .send(text)
            .with_context(|| format!("no answer from {url}"))?;
        let kind = answer.headers().get("content-type");
        let content_type = kind
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = answer.body_mut().with_config().limit(most).read_to_vec();
        Ok(Answer {
            status: answer.status().as_u16(),
            content_type,
            body: body.with_context(|| {
                format!("the answer of {url} is cut off, slow or larger than {most} bytes")
            })?,
        })
    }
}
