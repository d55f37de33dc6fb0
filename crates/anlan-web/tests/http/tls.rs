//! The server over TLS, with a certificate made here and a real client: versions, cookie, HSTS, a renewed certificate.

use crate::bench::{Bench, PASSWORD};
use crate::wire::serve;
use anlan_model::accounts::Role;
use anlan_web::{TlsFiles, WebConfig};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

/// A certificate for `county.test` that vouches for itself, written into the folder.
fn certify(folder: &Path) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed(vec!["county.test".to_owned()]).unwrap();
    let files = TlsFiles {
        certificate: folder.join("cert.pem"),
        key: folder.join("key.pem"),
    };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

/// Asks as a client that trusts only the certificate in the folder now; the version spoken and the answer.
async fn ask(
    address: SocketAddr,
    files: &TlsFiles,
    versions: &[&'static SupportedProtocolVersion],
    request: &str,
) -> std::io::Result<(String, String)> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&files.certificate).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("county.test").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let spoken = format!("{:?}", stream.get_ref().1.protocol_version().unwrap());
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    // A server may close without saying so; what came is what counts.
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    Ok((spoken, String::from_utf8_lossy(&answer).into_owned()))
}

fn config(files: &TlsFiles) -> WebConfig {
    WebConfig {
        tls: Some(files.clone()),
        ..WebConfig::default()
    }
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: county.test\r\nConnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_and_nothing_older_than_1_2() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let files = certify(folder.path());
    let address = serve(&bench, config(&files)).await;
    let both = [&version::TLS13, &version::TLS12];
    let (spoken, answer) = ask(address, &files, &both, HEALTH).await.unwrap();
    assert_eq!(spoken, "TLSv1_3");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (spoken, answer) = ask(address, &files, &[&version::TLS12], HEALTH).await.unwrap();
    assert_eq!(spoken, "TLSv1_2");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    // A greeting in TLS 1.0 (version 3.1, no later one offered) is answered with an alert and nothing else.
    let mut body = vec![3, 1];
    body.extend([7; 32]);
    body.extend([0, 0, 4, 0xc0, 0x13, 0x00, 0x2f, 1, 0]);
    let mut greeting = vec![22, 3, 1, 0, u8::try_from(body.len() + 4).unwrap()];
    greeting.extend([1, 0, 0, u8::try_from(body.len()).unwrap()]);
    greeting.extend(&body);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&greeting).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(answer.first(), Some(&21), "an alert: {answer:?}");
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(HEALTH.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "no plain HTTP on this port");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_cookie_is_host_bound_and_strict() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let files = certify(folder.path());
    let address = serve(&bench, config(&files)).await;
    let name = bench.account(Role::Duty, bench.centre);
    let body = format!("{{\"name\":\"{name}\",\"password\":\"{PASSWORD}\"}}");
    let length = body.len();
    let request = format!(
        "POST /api/session HTTP/1.1\r\nHost: county.test\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let (_, answer) = ask(address, &files, &[&version::TLS13], &request).await.unwrap();
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap()
        .to_owned();
    assert!(cookie.starts_with("__Host-anlan_session="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let all: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .collect();
    assert_eq!(
        all.len(),
        4,
        "session, browser, and the sign-ins under way that are over: {all:?}"
    );
    for cookie in all {
        assert!(cookie.starts_with("__Host-anlan_"), "{cookie}");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/;"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
    let hsts = "strict-transport-security: max-age=31536000; includeSubDomains";
    assert!(answer.contains(hsts), "{answer}");
    let pair = cookie.split(';').next().unwrap();
    let session = |cookie: &str| {
        format!(
            "GET /api/session HTTP/1.1\r\nHost: county.test\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        )
    };
    let (_, answer) = ask(address, &files, &[&version::TLS13], &session(pair))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // A cookie that another host of the domain could set is not looked at.
    let loose = pair.replace("__Host-", "");
    let (_, answer) = ask(address, &files, &[&version::TLS13], &session(&loose))
        .await
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let files = certify(folder.path());
    let address = serve(&bench, config(&files)).await;
    let versions = [&version::TLS13];
    ask(address, &files, &versions, HEALTH).await.unwrap();
    let first = tempfile::tempdir().unwrap();
    let kept = TlsFiles {
        certificate: first.path().join("cert.pem"),
        key: first.path().join("key.pem"),
    };
    std::fs::copy(&files.certificate, &kept.certificate).unwrap();
    std::fs::write(&files.certificate, "no certificate").unwrap();
    tokio::time::sleep(Duration::from_secs(12)).await;
    ask(address, &kept, &versions, HEALTH).await.unwrap();
    certify(folder.path());
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if ask(address, &files, &versions, HEALTH).await.is_ok() {
            assert!(
                ask(address, &kept, &versions, HEALTH).await.is_err(),
                "the old one is out of use"
            );
            return;
        }
    }
    panic!("the renewed certificate is not used");
}

#[tokio::test]
async fn files_that_are_no_certificate_are_told_at_the_start() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let files = certify(folder.path());
    std::fs::write(&files.key, "no key").unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let told = anlan_web::serve_on(
        listener,
        bench.app.clone(),
        config(&files),
        std::future::pending(),
    )
    .await;
    assert!(told.unwrap_err().to_string().contains("key.pem"));
}
