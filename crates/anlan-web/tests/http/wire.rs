//! What a hostile client sends, against the server on a socket: sizes, paths, headers, JSON, pictures; and that none of it is kept where it should not be.

use crate::bench::{Bench, PASSWORD};
use crate::requests::{Described, Over};
use anlan_model::accounts::Role;
use anlan_web::WebConfig;
use anlan_web::doors::{Door, Key};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The server on a port of its own, until the test ends.
pub(crate) async fn serve(bench: &Bench, config: WebConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = bench.app.clone();
    tokio::spawn(anlan_web::serve_on(listener, app, config, std::future::pending()));
    address
}

/// Sends these very bytes; what comes back until the connection is quiet or closed.
async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has heard enough closes while we still send.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn header_tricks_are_refused_or_harmless() {
    let bench = Bench::new();
    let address = serve(&bench, WebConfig::default()).await;
    let long = "a".repeat(300_000);
    for (what, request, allowed) in [
        (
            "two hosts",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
            &[400][..],
        ),
        (
            "a bare CR",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\rX-C: d\r\n\r\n".into(),
            &[400],
        ),
        (
            "a NUL",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n".into(),
            &[400],
        ),
        (
            "a fold",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n".into(),
            &[400],
        ),
        (
            "blank before colon",
            "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n".into(),
            &[400],
        ),
        (
            "a huge header",
            format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: {long}\r\n\r\n"),
            &[400, 431],
        ),
        (
            "a huge address",
            format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
            &[400, 414, 431],
        ),
        (
            "two lengths",
            "POST /report HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde".into(),
            &[400],
        ),
        (
            "a signed length",
            "POST /report HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc".into(),
            &[400],
        ),
        (
            "an unknown coding",
            "POST /report HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".into(),
            &[400, 501],
        ),
        (
            "TRACE",
            "TRACE /healthz HTTP/1.1\r\nHost: a\r\n\r\n".into(),
            &[405],
        ),
        ("no HTTP", "\x16\x03\x01\x00\x05hello\r\n\r\n".into(), &[400]),
    ] {
        let answer = raw(address, request.as_bytes()).await;
        let told = status(&answer);
        assert!(
            told.is_some_and(|told| allowed.contains(&told)),
            "{what}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_hides_in_another_and_headers_are_counted() {
    let bench = Bench::new();
    let address = serve(&bench, WebConfig::default()).await;
    // Two answers to one request would be a smuggled second one.
    let both = "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /secret HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = raw(address, both.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    let many = "X-A: 1\r\n".repeat(2000);
    let answer = raw(
        address,
        format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes(),
    )
    .await;
    assert_eq!(status(&answer), Some(431), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers_end_the_connection() {
    let bench = Bench::new();
    let config = WebConfig {
        header_seconds: 1,
        ..WebConfig::default()
    };
    let address = serve(&bench, config).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    ended.expect("the connection is closed").unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_take_every_connection() {
    let bench = Bench::new();
    let config = WebConfig {
        connections_per_address_max: 3,
        ..WebConfig::default()
    };
    let address = serve(&bench, config).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(address).await.unwrap());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        raw(address, request.as_bytes()).await,
        "",
        "the fourth is closed at once"
    );
    held.clear();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if status(&raw(address, request.as_bytes()).await) == Some(200) {
            return;
        }
    }
    panic!("places are given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_percent_signs_and_paths_lead_nowhere() {
    let bench = Bench::new();
    let address = serve(&bench, WebConfig::default()).await;
    for path in [
        "/..%2f..%2f..%2fetc/passwd",
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e%252fetc/passwd",
        "/..\\..\\etc\\passwd",
        "//etc/passwd",
        "/log/..%2fanlan.db",
        "/log/tile/..%2f..%2fanlan.db",
        "/log//etc/passwd",
        "/assets/..%2f..%2fCargo.toml",
        "/%00",
        "/anlan.db%00.js",
        "/t/..%2f..%2fetc",
        "/api/cases/..%2f1",
        "/%ff%fe",
        "/%",
        "/%zz",
        "http://169.254.169.254/latest/meta-data",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = raw(address, request.as_bytes()).await;
        let told = status(&answer).unwrap_or_else(|| panic!("{path}: {answer}"));
        assert!(told < 500, "{path}: {answer}");
        for secret in ["root:", "SQLite format 3", "[package]"] {
            assert!(!answer.contains(secret), "{path}: {answer}");
        }
    }
}

#[tokio::test]
async fn deep_and_vast_json_is_refused() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Clerk, bench.centre).await;
    let send = |body: String| {
        let request = Request::post("/api/reports").header(header::CONTENT_TYPE, "application/json");
        client.send(request.body(Body::from(body)).unwrap())
    };
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{{\"channel\": {deep}}}");
    for body in [deep, nested] {
        let answer = send(body).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.text());
        answer.code();
    }
    for number in ["1e999", "-1e999", "99999999999999999999", "1.5", "-1"] {
        let answer = send(format!(
            "{{\"channel\":\"hotline\",\"description\":\"x\",\"about_office\":{number}}}"
        ))
        .await;
        assert!(answer.status.is_client_error(), "{number}: {}", answer.text());
    }
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Clerk, bench.centre).await;
    let vast = json!({"channel": "hotline", "description": "x".repeat(1024 * 1024)});
    client.post("/api/reports", &vast).await.refused(413, "too_large");
    let request = Request::post("/t/00000000000000000000/rate")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let vast = format!("stars=5&is_fixed=true&comment={}", "x".repeat(100_000));
    let answer = client.send(request.body(Body::from(vast)).unwrap()).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    // A packed body is not unpacked, so it cannot grow.
    let request = Request::post("/api/reports")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip");
    let answer = client
        .send(request.body(Body::from(vec![0x1f, 0x8b, 8, 0])).unwrap())
        .await;
    assert!(matches!(answer.status.as_u16(), 400 | 415), "{}", answer.text());
}

/// CRC-32 as PNG has it (ISO 3309), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

#[tokio::test]
async fn a_picture_that_unpacks_to_gigabytes_is_refused() {
    let bench = Bench::new();
    let client = bench.sign_in(Role::Clerk, bench.centre).await;
    let (case, _) = client.report("m01001", "water").await;
    let mut bomb = crate::bench::PIXEL.to_vec();
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let sum = crc(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&sum.to_be_bytes());
    let path = format!("/api/cases/{case}/photos?shows=before");
    let answer = client.form(&path, &[("photo", Some("a.png"), &bomb)]).await;
    answer.refused(422, "photo.broken");
}

#[tokio::test]
async fn unknown_fields_are_refused_everywhere() {
    let bench = Bench::new();
    let mut asked = 0;
    for operation in Described::new().operations() {
        let door = Door::of(&operation.method, &operation.path).unwrap();
        let may = |role: &Role| {
            let actor = anlan_policy::Actor {
                roles: vec![*role],
                ..Default::default()
            };
            let policy = &bench.app.policy;
            policy.may(&actor, anlan_policy::Action::SessionUse).allowed
                && door
                    .action
                    .is_none_or(|action| policy.may(&actor, action).allowed)
        };
        let Some(role) = Role::ALL.into_iter().find(|role| may(role)) else {
            panic!("{}: nobody may", door.at)
        };
        if !operation.takes_json() {
            continue;
        }
        let mut client = bench.sign_in(role, bench.centre).await;
        match door.key {
            Key::Half => client.cookie = Some("anlan_half=x".into()),
            Key::Away => client.cookie = Some("anlan_away=x".into()),
            _ => {}
        }
        let over = Over {
            body: json!({"is_admin": true}),
            ..Over::default()
        };
        let answer = client.send(operation.request("1", 1, &over)).await;
        let told = answer.refused(422, "field.unknown");
        assert!(
            told["fields"][0]["field"].as_str().unwrap().ends_with("is_admin"),
            "{}: {told}",
            door.at
        );
        asked += 1;
    }
    assert!(asked > 10, "{asked}");
}

/// Everything that is said at the finest level, kept.
#[derive(Clone, Default)]
struct Kept(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_written_into_the_log() {
    let kept = Kept::default();
    let writer = kept.clone();
    let said = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .try_init();
    said.unwrap();
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let wrong = json!({"name": "duty1", "password": "a-wrong-secret-2026"});
    bench.client().post("/api/session", &wrong).await;
    let body = json!({"channel": "hotline", "class": "m01001", "description": "a-confidential-description",
        "contact": {"name": "Li Xiaohong", "phone": "13800138000", "email": "li@example.org"}});
    let taken = duty.post("/api/reports", &body).await.ok();
    let (case, code) = (
        &taken["case"],
        taken["tracking_code"].as_str().unwrap().to_owned(),
    );
    duty.get(&format!("/api/cases/{case}/contact?purpose=case"))
        .await
        .ok();
    duty.get("/api/cases?q=a-confidential-description").await.ok();
    let address = serve(&bench, WebConfig::default()).await;
    for path in [
        format!("/t/{code}"),
        format!("/t/{code}/photos/77"),
        format!("/track?code={code}"),
    ] {
        let cookie = duty.cookie.clone().unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        assert!(status(&raw(address, request.as_bytes()).await).is_some());
    }
    bench.client().get(&format!("/t/{code}")).await;
    let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("/t/{code}"),
        "the story is told by its templates: {text}"
    );
    let token = duty.token();
    let cookie = duty.cookie.clone().unwrap();
    let mark = cookie.split("anlan_device=").nth(1).unwrap();
    for secret in [
        PASSWORD,
        "a-wrong-secret-2026",
        &token,
        mark,
        &code,
        "13800138000",
        "li@example.org",
        "Xiaohong",
        "a-confidential-description",
    ] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
}
