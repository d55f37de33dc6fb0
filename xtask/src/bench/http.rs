//! A small HTTP/1.1 client that keeps its connection: enough to load the program with requests and time them. It
//! follows no redirects and reads no compressed body.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A dead server must not hold a bench up for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// One connection to the program, with the session it signed in with.
pub(crate) struct Client {
    address: String,
    connection: BufReader<TcpStream>,
    cookie: Option<String>,
    line: Vec<u8>,
    /// As browsers do; the body of an answer may then be unreadable here.
    pub(crate) takes_packed: bool,
}

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    cookie: Option<String>,
}

impl Answer {
    /// The body as JSON; fails with what the server said if the status is not one of success.
    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        if !(200..300).contains(&self.status) {
            bail!(
                "the server answered {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }
}

/// A body and its type.
pub(crate) type Body<'a> = (&'a str, &'a [u8]);

impl Client {
    /// Connects.
    pub(crate) fn new(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            address: address.to_owned(),
            connection: BufReader::new(stream),
            cookie: None,
            line: Vec::new(),
            takes_packed: false,
        })
    }

    /// Connects and signs in.
    pub(crate) fn signed_in(address: &str, name: &str, password: &str) -> Result<Self> {
        let mut client = Self::new(address)?;
        let body = serde_json::json!({ "name": name, "password": password }).to_string();
        let answer = client.send(
            "POST",
            "/api/session",
            Some(("application/json", body.as_bytes())),
        )?;
        answer.json().context("signing in")?;
        client.cookie = answer.cookie;
        Ok(client)
    }

    /// Goes on with another client's session.
    pub(crate) fn sign(&mut self, cookie: &str) {
        self.cookie = Some(cookie.to_owned());
    }

    /// The cookie it signed in with.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// Asks for a page.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, None)
    }

    /// Sends a request and reads the whole answer.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: Option<Body<'_>>) -> Result<Answer> {
        let mut head = vec![
            format!("{method} {path} HTTP/1.1"),
            format!("Host: {}", self.address),
            format!("Origin: http://{}", self.address),
        ];
        head.extend(self.takes_packed.then(|| "Accept-Encoding: gzip, br".to_owned()));
        head.extend(self.cookie.as_ref().map(|cookie| format!("Cookie: {cookie}")));
        if let Some((kind, body)) = body {
            head.push(format!("Content-Type: {kind}\r\nContent-Length: {}", body.len()));
        }
        let mut bytes = format!("{}\r\n\r\n", head.join("\r\n")).into_bytes();
        bytes.extend_from_slice(body.map_or(&[], |(_, body)| body));
        self.connection.get_mut().write_all(&bytes)?;
        self.answer().with_context(|| format!("{method} {path}"))
    }

    fn line(&mut self) -> Result<&str> {
        self.line.clear();
        if self.connection.read_until(b'\n', &mut self.line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(std::str::from_utf8(&self.line)?.trim_end())
    }

    fn answer(&mut self) -> Result<Answer> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer = Answer {
            status: status.with_context(|| format!("no status line: {first}"))?,
            ..Answer::default()
        };
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse()?;
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                is_chunked = value.eq_ignore_ascii_case("chunked");
            } else if name.eq_ignore_ascii_case("set-cookie") && answer.cookie.is_none() {
                // The session's comes first.
                answer.cookie = value.split(';').next().map(str::to_owned);
            }
        }
        if !is_chunked {
            self.take(length, &mut answer.body)?;
            return Ok(answer);
        }
        loop {
            let size = usize::from_str_radix(self.line()?, 16).context("the size of a chunk")?;
            self.take(size, &mut answer.body)?;
            self.line()?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }

    fn take(&mut self, length: usize, body: &mut Vec<u8>) -> Result<()> {
        let from = body.len();
        body.resize(from + length, 0);
        self.connection
            .read_exact(body.get_mut(from..).unwrap_or_default())?;
        Ok(())
    }
}

/// A text as it stands in an address.
pub(crate) fn escaped(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// A server that answers each request with the next of `answers`; what it was sent first.
    fn serve(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let served = std::thread::Builder::new().spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = String::new();
            for answer in answers {
                let mut buffer = [0; 4096];
                let count = stream.read(&mut buffer).unwrap();
                heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
                stream.write_all(answer.as_bytes()).unwrap();
            }
            heard
        });
        (address, served.unwrap())
    }

    #[test]
    fn bodies_of_both_kinds_are_read_on_one_connection() {
        let (address, served) = serve(&[
            "HTTP/1.1 200 OK\r\nSet-Cookie: s=1; Path=/\r\nSet-Cookie: half=; Max-Age=0\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n",
            "HTTP/1.1 422 No\r\nContent-Length: 3\r\n\r\nbad",
        ]);
        let mut client = Client::signed_in(&address, "a", "b").unwrap();
        assert_eq!(client.cookie(), Some("s=1"));
        assert_eq!(
            client.get("/x").unwrap().json().unwrap(),
            serde_json::json!([1, 2])
        );
        let error = client.get("/y").unwrap().json().unwrap_err().to_string();
        assert!(error.contains("422") && error.contains("bad"), "{error}");
        let heard = served.join().unwrap();
        assert!(
            heard.contains("Cookie: s=1") && heard.contains("GET /y"),
            "{heard}"
        );
    }

    #[test]
    fn words_are_escaped() {
        assert_eq!(escaped("井盖 a&b"), "%E4%BA%95%E7%9B%96%20a%26b");
    }
}
