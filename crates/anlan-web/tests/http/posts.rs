//! Acting for a post over HTTP: what it opens, that it ends by itself on every door, and what is refused.

use crate::bench::{Bench, Client};
use crate::live::Stream;
use crate::things;
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_model::ids::{AccountId, PostId};
use anlan_model::posts::{Roster, RowKind};
use serde_json::{Value, json};

fn own(bench: &Bench, client: &Client) -> AccountId {
    bench.actor(client).account.unwrap()
}

async fn act_for(client: &Client, post: Option<PostId>) -> crate::bench::Answer {
    let body = json!({"post": post.map(|post| post.0)});
    client.json("PUT", "/api/session/post", None, &body).await
}

fn may(session: &Value, action: &str) -> bool {
    session["may"]
        .as_array()
        .unwrap()
        .iter()
        .any(|code| code == action)
}

#[tokio::test]
async fn a_post_counts_instead_of_what_the_person_is() {
    let bench = Bench::new();
    let worker = bench.sign_in(Role::Worker, bench.centre).await;
    let post = things::post(&bench);
    act_for(&worker, Some(post)).await.refused(403, "post.not_held");
    act_for(&worker, Some(PostId(999))).await.refused(404, "missing");
    things::row(&bench, post, RowKind::Member, own(&bench, &worker));
    let listed = worker.get("/api/session/posts").await.ok();
    assert_eq!(listed[0]["is_held"], true, "{listed}");

    let session = act_for(&worker, Some(post)).await.ok();
    assert_eq!(session["post"]["id"], post.0);
    assert_eq!(session["office"]["id"], bench.water.0, "the post's office counts");
    assert_eq!(
        session["account"]["roles"][0], "worker",
        "the person stays who they are"
    );
    let actor = bench.actor(&worker);
    assert_eq!(
        (actor.roles, actor.office),
        (vec![Role::Officer], Some(bench.water))
    );
    assert!(
        may(&session, "case.contact") && !may(&session, "post.write"),
        "{session}"
    );

    let session = act_for(&worker, None).await.ok();
    assert!(
        session.get("post").is_none() && !may(&session, "case.contact"),
        "{session}"
    );
    assert_eq!(bench.actor(&worker).roles, vec![Role::Worker]);
}

#[tokio::test]
async fn a_shift_ends_by_itself_and_another_begins() {
    let bench = Bench::new();
    let person = bench.sign_in(Role::Worker, bench.centre).await;
    let post = things::post_with(&bench, Roster::Binding);
    things::row(&bench, post, RowKind::Member, own(&bench, &person));
    act_for(&person, Some(post)).await.refused(403, "post.not_held");
    things::row(&bench, post, RowKind::Shift, own(&bench, &person));
    let session = act_for(&person, Some(post)).await.ok();
    assert_eq!(session["post"]["on_shift"], true);
    person.get("/api/cases").await.ok();

    for _ in 0..16 {
        bench.later(31);
        person.get("/api/session").await.ok();
    }
    person.get("/api/cases").await.refused(403, "post.ended");
    person.get("/api/live").await.refused(403, "no_right");
    let session = person.get("/api/session").await.ok();
    assert_eq!(
        session["post"]["is_held"], false,
        "the session itself goes on: {session}"
    );
    assert_eq!(session["may"], json!([]), "{session}");
    act_for(&person, None).await.ok();
    person.get("/api/cases").await.ok();
}

#[tokio::test]
async fn whoever_has_no_roles_begins_at_a_post_they_hold() {
    let bench = Bench::new();
    let name = bench.account(Role::Worker, bench.water);
    let (account, _) = bench
        .app
        .store
        .read(|tx| anlan_store::accounts::find_by_name(tx, &name))
        .unwrap()
        .unwrap();
    let bare = anlan_model::accounts::Account {
        roles: vec![],
        ..account.clone()
    };
    bench
        .app
        .store
        .write(move |tx| anlan_store::accounts::update(tx, &bare))
        .unwrap();
    let mut client = bench.client();
    client
        .enter(&name, crate::bench::PASSWORD)
        .await
        .refused(403, "post.none");
    let post = things::post(&bench);
    things::row(&bench, post, RowKind::Member, account.id);
    let session = client.enter(&name, crate::bench::PASSWORD).await.ok();
    assert_eq!(session["post"]["id"], post.0);
    assert!(may(&session, "case.list"), "{session}");
    act_for(&client, None).await.refused(403, "no_right");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_hears_that_the_post_has_ended_and_nothing_after() {
    let bench = Bench::new();
    let person = bench.sign_in(Role::Worker, bench.water).await;
    let post = things::post(&bench);
    let row = things::row(&bench, post, RowKind::Member, own(&bench, &person));
    act_for(&person, Some(post)).await.ok();
    let mut stream = Stream::open(&person, None).await;
    assert_eq!(stream.next().await.unwrap().0, "hello");
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let ended = security.delete(&format!("/api/post-rows/{row}")).await;
    assert_eq!(ended.status, 204);
    assert_eq!(stream.next().await.unwrap().0, "post_ended");
    assert!(stream.next().await.is_none());
    person.get("/api/session").await.ok();
}

#[tokio::test]
async fn the_log_and_the_case_name_person_and_post() {
    let bench = Bench::new();
    let person = bench.sign_in(Role::Worker, bench.centre).await;
    let post = things::post(&bench);
    things::row(&bench, post, RowKind::Member, own(&bench, &person));
    act_for(&person, Some(post)).await.ok();
    let case = things::case(&bench, things::Lies::Here).id;
    person.get(&format!("/api/cases/{case}")).await.ok();
    let filter = anlan_store::accesses::AccessFilter {
        resource_id: Some(case.to_string()),
        ..Default::default()
    };
    let page = bench
        .app
        .store
        .read(|tx| anlan_store::accesses::list(tx, &filter, None, 10));
    let found = page.unwrap().items;
    let look = found.iter().find(|one| one.action == "case.read").unwrap();
    assert_eq!(look.actor, Some(own(&bench, &person)));
    assert_eq!((look.post, look.office), (Some(post), Some(bench.water)));
    let body = json!({"note": "pump looked at"});
    person.post(&format!("/api/cases/{case}/notes"), &body).await.ok();
    let shown = person.get(&format!("/api/cases/{case}")).await.ok();
    assert!(
        shown.to_string().contains("（post "),
        "the timeline names the post: {shown}"
    );
}

#[tokio::test]
async fn rows_are_written_whole_or_not_at_all_and_say_which_is_wrong() {
    let bench = Bench::new();
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let post = things::post(&bench);
    let account = things::account(&bench).0;
    let until = bench.clock.now() + jiff::SignedDuration::from_hours(30);
    let path = format!("/api/posts/{post}/rows");
    let rows = json!({"rows": [
        {"kind": "member", "account": account},
        {"kind": "shift", "account": account, "until": until},
    ]});
    let told = security.post(&path, &rows).await.refused(422, "post.long");
    assert_eq!(told["fields"][0]["field"], "rows[1].until", "{told}");
    let kept = security.get(&format!("/api/posts/{post}")).await.ok();
    assert_eq!(kept["rows"], json!([]), "nothing was kept");
    let twice = json!({"rows": [
        {"kind": "member", "account": account},
        {"kind": "member", "account": account},
    ]});
    let told = security.post(&path, &twice).await.refused(422, "post.overlap");
    assert_eq!(told["fields"][0]["field"], "rows[1].from", "{told}");
    let own = json!({"rows": [{"kind": "member", "account": own(&bench, &security).0}]});
    security.post(&path, &own).await.refused(403, "forbidden");
}
