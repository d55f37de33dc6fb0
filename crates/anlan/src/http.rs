//! The program's HTTP client, the only one there is: bounded in size and time, no redirect followed, no proxy taken from
//! the environment, certificates checked. What is asked and what an answer means is the caller's.

use anlan_app::ports::{Answered, Asked, Elsewhere};
use anyhow::Context as _;
use base64ct::{Base64, Encoding as _};
use std::time::Duration;
use ureq::Agent;
use ureq::http::Response;

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
        answered(asked.send(text), url, most)
    }

    /// Asks for what is there; an answer of more than `most` bytes is an error, whatever its status.
    pub(crate) fn get(&self, url: &str, most: u64) -> anyhow::Result<Answer> {
        answered(self.0.get(url).call(), url, most)
    }

    /// Sends a form without fields.
    pub(crate) fn post_form(&self, url: &str, most: u64) -> anyhow::Result<Answer> {
        let none: [(&str, &str); 0] = [];
        answered(self.0.post(url).send_form(none), url, most)
    }

    fn asked(&self, asked: &Asked<'_>, most: u64) -> anyhow::Result<Answered> {
        let basic = asked.basic.map(|(name, secret)| {
            format!(
                "Basic {}",
                Base64::encode_string(format!("{name}:{secret}").as_bytes())
            )
        });
        let bearer = asked.bearer.map(|token| format!("Bearer {token}"));
        let shown = basic.or(bearer);
        let answer = if let Some(form) = asked.form {
            let mut request = self.0.post(asked.url).header("accept", "application/json");
            if let Some(shown) = &shown {
                request = request.header("authorization", shown);
            }
            request.send_form(form.iter().copied())
        } else {
            let mut request = self.0.get(asked.url).header("accept", "application/json");
            if let Some(shown) = &shown {
                request = request.header("authorization", shown);
            }
            request.call()
        };
        let mut answer = answer.with_context(|| format!("no answer from {}", asked.url))?;
        Ok(Answered {
            status: answer.status().as_u16(),
            body: body(&mut answer, asked.url, most)?,
        })
    }
}

fn answered(
    answer: Result<Response<ureq::Body>, ureq::Error>,
    url: &str,
    most: u64,
) -> anyhow::Result<Answer> {
    let mut answer = answer.with_context(|| format!("no answer from {url}"))?;
    let kind = answer.headers().get("content-type");
    let content_type = kind
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    Ok(Answer {
        status: answer.status().as_u16(),
        content_type,
        body: body(&mut answer, url, most)?,
    })
}

fn body(answer: &mut Response<ureq::Body>, url: &str, most: u64) -> anyhow::Result<Vec<u8>> {
    let body = answer.body_mut().with_config().limit(most).read_to_vec();
    body.with_context(|| format!("the answer of {url} is cut off, slow or larger than {most} bytes"))
}

impl Elsewhere for Client {
    fn ask(&self, asked: &Asked<'_>, bytes_max: u64) -> Result<Answered, String> {
        self.asked(asked, bytes_max).map_err(|why| format!("{why:#}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc;
    use std::time::Instant;

    /// A server that answers every request with these bytes and then holds the line; what it is asked.
    fn server(answer: Vec<u8>) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::channel();
        let serve = move || {
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut bytes = [0; 4096];
                let count = stream.read(&mut bytes).unwrap();
                let _ = tell.send(String::from_utf8_lossy(&bytes[..count]).into_owned());
                let _ = stream.write_all(&answer);
                held.push(stream);
            }
        };
        std::thread::Builder::new().spawn(serve).unwrap();
        (url, asked)
    }

    fn answer(head: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    }

    fn ask(url: &str, most: u64) -> Result<Answered, String> {
        let asked = Asked {
            url,
            ..Asked::default()
        };
        Client::with_time(Duration::from_secs(1)).ask(&asked, most)
    }

    #[test]
    fn answers_are_bounded_in_size_and_time_and_nobody_is_sent_on() {
        let small = answer("200 OK", "{}");
        assert_eq!(ask(&server(small).0, 2).unwrap().body, b"{}");
        let large = answer("200 OK", &"x".repeat(1000));
        assert!(
            ask(&server(large).0, 999)
                .unwrap_err()
                .contains("larger than 999")
        );
        #[expect(clippy::disallowed_methods, reason = "a test of time-outs watches the clock")]
        let begun = Instant::now();
        ask(
            &server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbut".to_vec()).0,
            99,
        )
        .unwrap_err();
        ask(&server(Vec::new()).0, 99).unwrap_err();
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "a silent one holds nobody"
        );
        let moved = answer("302 Found\r\nLocation: http://127.0.0.1:1/", "");
        assert_eq!(ask(&server(moved).0, 99).unwrap().status, 302);
    }

    #[test]
    fn secrets_go_in_headers_and_forms_as_they_must() {
        let (url, told) = server(answer("200 OK", ""));
        let asked = Asked {
            url: &url,
            form: Some(&[("code", "a b&c")]),
            basic: Some(("anlan", "s%20t")),
            ..Asked::default()
        };
        Client::with_time(Duration::from_secs(1)).ask(&asked, 99).unwrap();
        let told = told.recv().unwrap();
        assert!(told.starts_with("POST / HTTP/1.1"), "{told}");
        assert!(told.contains("Basic YW5sYW46cyUyMHQ="), "{told}");
        assert!(told.contains("application/x-www-form-urlencoded"), "{told}");
    }
}
