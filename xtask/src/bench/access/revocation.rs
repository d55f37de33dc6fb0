//! How soon a session that was ended is good for nothing: a request that comes after, and a stream that is open.

use crate::bench::http::Client;
use crate::bench::node::{Node, PASSWORD};
use crate::bench::{Bar, Figures, quantile};
use crate::outside;
use anyhow::{Context, Result, bail};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const ROUNDS: usize = 20;
const BAR_MS: f64 = 1000.0;
const PATIENCE: Duration = Duration::from_secs(30);
/// How a chunked answer ends.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// Runs the figures.
pub(super) fn measure(node: &Node, figures: &mut Figures) -> Result<()> {
    let (mut requests, mut streams) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut victim = Client::signed_in(&node.address, "duty", PASSWORD)?;
        let mut stream = open(&node.address, victim.cookie().context("no session")?)?;
        let mut other = Client::signed_in(&node.address, "duty", PASSWORD)?;
        let asked = outside::stopwatch();
        other.send("DELETE", "/api/sessions", None)?.json()?;
        while victim.get("/api/session")?.status != 401 {
            if asked.elapsed() > PATIENCE {
                bail!("a session that was ended still opens the API");
            }
        }
        requests.push(asked.elapsed().as_secs_f64() * 1000.0);
        end(&mut stream)?;
        streams.push(asked.elapsed().as_secs_f64() * 1000.0);
    }
    for (door, times) in [("a request", &mut requests), ("an open stream", &mut streams)] {
        let most = quantile(times, 1.0);
        let beside = format!(
            "the longest of {ROUNDS}; median {:.0} ms; from asking to end the session",
            quantile(times, 0.5)
        );
        let name = format!("until a session that was ended is refused: {door}");
        figures.add(name, (most, "ms"), Bar::AtMost(BAR_MS), beside);
    }
    Ok(())
}

/// Opens the stream of what happens, and waits for its first bytes.
fn open(address: &str, cookie: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /api/live HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: text/event-stream\r\n\r\n"
    )?;
    let mut first = [0; 4096];
    let count = stream.read(&mut first)?;
    let head = String::from_utf8_lossy(first.get(..count).unwrap_or_default()).into_owned();
    if !head.starts_with("HTTP/1.1 200") {
        bail!("the stream did not open: {head}");
    }
    Ok(stream)
}

/// Reads until the stream ends.
fn end(stream: &mut TcpStream) -> Result<()> {
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count)
                if piece
                    .get(..count)
                    .is_some_and(|piece| piece.ends_with(LAST_CHUNK)) =>
            {
                return Ok(());
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(()),
            Err(error) => return Err(error).context("a stream of a session that was ended stays open"),
        }
    }
}
