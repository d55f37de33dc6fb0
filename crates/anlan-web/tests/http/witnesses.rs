//! A witness from outside: what it cosigns, what it refuses and with which status, and that it keeps its word over restarts
//! and under many requests at once.

use crate::bench::{Answer, Bench, Client};
use anlan_app::witnesses::Witness;
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::cosignatures::Cosigner;
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Note, Signer};
use anlan_tlog::proofs::Plan;
use anlan_tlog::tiles::Tile;
use anlan_tlog::trees::Tree;
use anlan_tlog::witnesses::{Next, REQUEST_BYTES_MAX, Reply, Request};
use anlan_web::WebConfig;
use axum::body::Body;
use axum::http::{Request as Http, StatusCode, header};
use std::collections::HashMap;
use std::sync::Arc;

const ORIGIN: &str = "county.example/log";
const LATE: u64 = 4_000_000_000;

fn log_key(seed: u8) -> Signer {
    Signer::new(ORIGIN.parse().unwrap(), &[seed; 32])
}

fn cosigner() -> Cosigner {
    Cosigner::new("city.example/witness".parse().unwrap(), &[9; 32])
}

fn bench() -> Bench {
    let witness = Witness::new(cosigner(), vec![log_key(1).key().clone()]);
    Bench::with(WebConfig {
        witness: Some(Arc::new(witness)),
        ..WebConfig::default()
    })
}

/// A log of so many entries; another salt is another history.
struct Log {
    tree: Tree,
    tiles: HashMap<Tile, Vec<u8>>,
}

impl Log {
    fn new(size: u64, salt: u8) -> Self {
        let (mut tree, mut tiles) = (Tree::new(), HashMap::new());
        for number in 0..size {
            let leaf = Hash::of_leaf(&[number.to_be_bytes().as_slice(), &[salt]].concat());
            let new = tree.grow([leaf]).unwrap();
            tiles.extend(new.into_iter().map(|new| (new.tile, new.bytes)));
        }
        Self { tree, tiles }
    }

    fn request(&self, old: u64, signer: &Signer) -> Request {
        let checkpoint = Checkpoint::new(ORIGIN, self.tree.head()).unwrap();
        let plan = Plan::consistency(old, self.tree.size()).ok();
        let proof = plan.map_or(Vec::new(), |plan| plan.prove(&self.tiles).unwrap());
        Request::new(old, proof, checkpoint.sign(signer).unwrap()).unwrap()
    }
}

async fn post(client: &Client, body: impl Into<Body>) -> Answer {
    let request = Http::post("/witness/add-checkpoint").body(body.into()).unwrap();
    client.send(request).await
}

async fn ask(client: &Client, request: &Request) -> Answer {
    post(client, request.to_string()).await
}

fn meant(request: &Request, answer: &Answer) -> Next {
    let kind = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
    let reply = Reply {
        status: answer.status.as_u16(),
        content_type: kind,
        body: &answer.body,
    };
    request.next(reply, &[cosigner().key().clone()], LATE).unwrap()
}

#[tokio::test]
async fn what_continues_is_cosigned_and_everything_else_refused() {
    let bench = bench();
    let client = bench.client();
    let (three, five, fork) = (Log::new(3, 0), Log::new(5, 0), Log::new(5, 7));
    let log = log_key(1);

    let first = three.request(0, &log);
    let answer = ask(&client, &first).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(matches!(meant(&first, &answer), Next::Add(signatures) if signatures.len() == 1));
    let grown = five.request(3, &log);
    assert!(matches!(meant(&grown, &ask(&client, &grown).await), Next::Add(_)));

    // Replayed: the size it has is told, as its own media type.
    let answer = ask(&client, &first).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/x.tlog.size");
    assert_eq!(answer.body, b"5\n");
    // Another view of the same size; a larger one without proof; forged; by another key; of another log.
    let split = Request::new(5, Vec::new(), fork.request(0, &log).note().clone()).unwrap();
    assert_eq!(
        ask(&client, &split).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let larger = Log::new(8, 7).request(5, &log);
    assert_eq!(
        ask(&client, &larger).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let forged = Log::new(8, 0).request(5, &log_key(2));
    assert_eq!(ask(&client, &forged).await.status, StatusCode::FORBIDDEN);
    let text = larger.to_string().replace(ORIGIN, "other.example/log");
    assert!(matches!(
        post(&client, text).await.status,
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST
    ));
    // Cut off anywhere, too large, nothing at all.
    let whole = Log::new(8, 0).request(5, &log).to_string();
    for cut in (0..whole.len()).filter(|cut| whole.is_char_boundary(*cut)) {
        let answer = post(&client, whole.as_bytes()[..cut].to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{cut}: {}", answer.text());
    }
    let huge = post(&client, vec![b'a'; REQUEST_BYTES_MAX + 1]).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);

    // After all that it still is where it was, and says so to whoever watches.
    let unknown = format!("/witness/{}/checkpoint", "0".repeat(64));
    assert_eq!(client.get(&unknown).await.status, StatusCode::NOT_FOUND);
    let answer = client
        .get(&format!("/witness/{}/checkpoint", origin_hash()))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let note = Note::parse(&answer.body).unwrap();
    let keys = [log.key().clone(), cosigner().key().clone()];
    assert_eq!(note.verify(&keys).unwrap().len(), 2);
    assert_eq!(Checkpoint::of_note(&note).unwrap().head(), five.tree.head());
}

fn origin_hash() -> String {
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(ORIGIN.as_bytes());
    hash.iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_histories_asked_for_at_once_one_is_cosigned() {
    let bench = bench();
    let log = log_key(1);
    let mut asking = tokio::task::JoinSet::new();
    for salt in 0..12 {
        let (client, request) = (bench.client(), Log::new(4, salt).request(0, &log));
        asking.spawn(async move { ask(&client, &request).await.status.as_u16() });
    }
    let mut statuses = asking.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
}

#[tokio::test]
async fn a_node_that_is_no_witness_has_no_such_door() {
    let bench = Bench::new();
    let client = bench.client();
    let request = Log::new(3, 0).request(0, &log_key(1));
    assert_eq!(ask(&client, &request).await.status, StatusCode::NOT_FOUND);
    let path = format!("/witness/{}/checkpoint", origin_hash());
    assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND);
}
