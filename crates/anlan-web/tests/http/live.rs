//! The server on a socket: live events reach those who may see them, resume, and end when the program stops.

use crate::bench::{Bench, Client};
use anlan_model::accounts::{Account, Role};
use anlan_web::WebConfig;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower::ServiceExt;

fn read(block: &str) -> Option<(String, i64, Value)> {
    let field = |name: &str| {
        block
            .lines()
            .find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()))
    };
    let data = serde_json::from_str(&field("data:")?).unwrap();
    Some((field("event:")?, field("id:")?.parse().unwrap(), data))
}

pub(crate) struct Stream {
    body: axum::body::BodyDataStream,
    text: String,
}

impl Stream {
    pub(crate) async fn open(client: &Client, after: Option<i64>) -> Self {
        let mut request = Request::get("/api/live").header("cookie", client.cookie.clone().unwrap());
        if let Some(after) = after {
            request = request.header("last-event-id", after.to_string());
        }
        let response = client
            .router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// The next event that has arrived whole; comments keep the line open and say nothing.
    fn heard(&mut self) -> Option<(String, i64, Value)> {
        while let Some((block, rest)) = self.text.split_once("\n\n") {
            let event = read(block);
            self.text = rest.to_owned();
            if event.is_some() {
                return event;
            }
        }
        None
    }

    /// The next event's name, id and data; `None` if nothing comes.
    pub(crate) async fn next(&mut self) -> Option<(String, i64, Value)> {
        loop {
            if let Some(event) = self.heard() {
                return Some(event);
            }
            let next = futures_util::StreamExt::next(&mut self.body);
            let piece = tokio::time::timeout(Duration::from_secs(3), next)
                .await
                .ok()??
                .unwrap();
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_arrive_at_those_who_may_see_them_and_resume() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let roads = bench.sign_in(Role::Officer, bench.roads).await;
    let mut watching = Stream::open(&desk, None).await;
    let mut elsewhere = Stream::open(&roads, None).await;
    let (name, start, hello) = watching.next().await.unwrap();
    assert_eq!((name.as_str(), &hello["is_fresh"]), ("hello", &json!(true)));
    elsewhere.next().await.unwrap();
    let (flood, _) = desk.report("m01001", "water").await;
    let (name, seq, case) = watching.next().await.unwrap();
    assert_eq!(
        (name.as_str(), &case["id"], &case["state"]),
        ("case", &json!(flood), &json!("accept"))
    );
    assert!(seq > start);
    let (cover, _) = desk.report("m01002", "cover").await;
    let (_, _, case) = elsewhere.next().await.unwrap();
    assert_eq!(case["id"], cover, "the other office hears of its own case only");
    drop(watching);
    let mut resumed = Stream::open(&desk, Some(start)).await;
    assert_eq!(resumed.next().await.unwrap().2["is_fresh"], false);
    let missed = [
        resumed.next().await.unwrap().2["id"].clone(),
        resumed.next().await.unwrap().2["id"].clone(),
    ];
    assert_eq!(missed, [json!(flood), json!(cover)]);
}

/// Changes an account in the store behind every door's back.
async fn change(bench: &Bench, name: &str, change: impl Fn(&mut Account) + Send + 'static) {
    let (store, name) = (bench.app.store.clone(), name.to_owned());
    let work = move || {
        store.write(move |tx| {
            let (mut account, _) = anlan_store::accounts::find_by_name(tx, &name)?.unwrap();
            change(&mut account);
            anlan_store::accounts::update(tx, &account)
        })
    };
    tokio::task::spawn_blocking(work).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_is_gone_at_the_next_request_and_in_open_streams() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let name = format!("duty{}", bench.centre);
    let mut watching = Stream::open(&desk, None).await;
    watching.next().await.unwrap();
    clerk.report("m01001", "water").await;
    let (kind, _, case) = watching.next().await.unwrap();
    assert_eq!(kind, "case");
    let path = format!("/api/cases/{}", case["id"]);
    desk.get(&path).await.ok();

    change(&bench, &name, |account| account.roles = vec![Role::Auditor]).await;
    desk.get("/api/cases").await.refused(403, "no_right");
    desk.get(&path).await.refused(403, "no_right");
    clerk.report("m01001", "water").await;
    assert!(
        watching.next().await.is_none(),
        "an open stream outlasted the right"
    );

    change(&bench, &name, |account| account.is_active = false).await;
    assert_eq!(desk.get("/api/session").await.status, 401);
    assert_eq!(desk.get("/api/live").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_does_not_outlive_its_session() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let mut watching = Stream::open(&desk, None).await;
    watching.next().await.unwrap();
    let ended = Request::delete("/api/session").body(Body::empty()).unwrap();
    desk.send(ended).await;
    let rest = futures_util::StreamExt::collect::<Vec<_>>(&mut watching.body);
    tokio::time::timeout(Duration::from_secs(15), rest)
        .await
        .expect("the stream ends soon after the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_and_the_server_stops_when_told() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(anlan_web::serve_on(
        listener,
        bench.app.clone(),
        WebConfig::default(),
        async {
            let _ = stopped.await;
        },
    ));
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let head = format!(
        "GET /api/live HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\n\r\n",
        desk.cookie.clone().unwrap()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    while !line.starts_with("event: hello") {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
    }
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), serving)
        .await
        .expect("stops in time")
        .unwrap()
        .unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream ends as HTTP wants it");
}
