//! Every door as every role, on things here, elsewhere and hidden: what is answered is what policy says, and a door
//! without a stated lock does not pass.

use crate::asking::over;
use crate::bench::{Answer, Bench, Client, PASSWORD};
use crate::requests::{Described, Operation, Over};
use crate::things::{self, Lies};
use anlan_model::accounts::Role;
use anlan_model::cases::Case;
use anlan_model::ids::AccountId;
use anlan_model::imports::ImportState;
use anlan_policy::{Action, Actor, Policy};
use anlan_web::doors::{DOORS, Door, Key, Thing};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use tower::ServiceExt;

/// Asks that a right-holder is told something else than the promised status, as the request is the least there can be:
/// door, status and the problem's code.
const TOLD: &[(&str, u16, &str)] = &[
    ("POST /api/alerts", 422, "alert.refused"),
    ("POST /api/cases/{id}/moves", 422, "move.unknown"),
    ("POST /api/cases/{id}/split", 422, "split.reports"),
    ("POST /api/passkeys", 422, "passkey.refused"),
    ("PUT /api/password", 422, "password.wrong"),
    ("POST /api/session/proof", 422, "password.wrong"),
    ("PUT /api/totp", 422, "code.wrong"),
];

/// What policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Allowed,
    NoRight,
    OutOfReach,
    Missing,
}

/// The thing a request is about.
struct On {
    id: String,
    version: u32,
    lies: Lies,
    /// Its case, where reach decides; `None` where there is none such.
    case: Option<Case>,
    is_there: bool,
}

fn verdict(bench: &Bench, actor: &Actor, door: &Door, on: &On) -> Verdict {
    let policy = &bench.app.policy;
    let Some(action) = door.action else {
        return Verdict::Allowed;
    };
    if !policy.may(actor, action).allowed {
        return Verdict::NoRight;
    }
    if !on.is_there {
        return Verdict::Missing;
    }
    match &on.case {
        None => Verdict::Allowed,
        Some(case) if policy.may_on(actor, action, case).allowed => Verdict::Allowed,
        // Who may read a case may know that they may do no more with it.
        Some(case) if policy.may_on(actor, Action::CaseRead, case).allowed => Verdict::OutOfReach,
        Some(_) => Verdict::Missing,
    }
}

fn case_things(bench: &Bench, thing: Thing) -> Vec<On> {
    let lies = [Lies::Here, Lies::Elsewhere, Lies::About];
    let there = lies.into_iter().map(|lies| {
        let mut case = things::case(bench, lies);
        let id = match thing {
            Thing::Photo => {
                let photo = things::photo(bench, case.id);
                case.version += 1;
                photo
            }
            _ => case.id.0,
        };
        On {
            id: id.to_string(),
            version: case.version,
            lies,
            case: Some(case),
            is_there: true,
        }
    });
    there.chain(std::iter::once(no_such())).collect()
}

fn no_such() -> On {
    On {
        id: "999999".into(),
        version: 1,
        lies: Lies::Here,
        case: None,
        is_there: false,
    }
}

/// Fresh things for one request each of the holder of `own`.
fn things_of(bench: &Bench, door: &Door, own: AccountId) -> Vec<On> {
    let there = |id: String| On {
        id,
        version: 1,
        lies: Lies::Here,
        case: None,
        is_there: true,
    };
    // What is another's is as if it were not there.
    let foreign = |id: i64| On {
        id: id.to_string(),
        ..no_such()
    };
    let run = |state| things::import(bench, state);
    match door.thing {
        Thing::Whole => vec![there(String::new())],
        Thing::Case | Thing::Photo => case_things(bench, door.thing),
        Thing::Warning => vec![there(crate::warnings::raise(bench).to_string()), no_such()],
        Thing::Alert => vec![there(crate::alerts::raise(bench).to_string()), no_such()],
        Thing::Review => vec![there(things::review(bench).to_string()), no_such()],
        Thing::Account => vec![there(things::account(bench).to_string()), no_such()],
        Thing::Machine => {
            let person = foreign(things::account(bench).0);
            let machine = things::machine_key(bench, Role::Duty, &["case.list"]).0;
            vec![there(machine.to_string()), person, no_such()]
        }
        Thing::Key => {
            let key = things::machine_key(bench, Role::Duty, &["case.list"]).2;
            vec![there(key.to_string()), no_such()]
        }
        Thing::Group => vec![there(things::directory(bench).2.to_string()), no_such()],
        // Directories come in by keys, with tests of their own.
        Thing::Provision => vec![],
        Thing::Identity => {
            let account = things::account(bench);
            things::identity(bench, account, &format!("login-{}", things::number()));
            let unnamed = foreign(things::account(bench).0);
            vec![there(account.to_string()), unnamed, no_such()]
        }
        Thing::Grant => vec![there(things::grant(bench).to_string())],
        Thing::Lock => vec![there(things::lock(bench).to_string()), no_such()],
        Thing::Session => {
            let other = things::session(bench, things::account(bench)).0;
            let own = things::session(bench, own).0;
            vec![there(own.to_string()), foreign(other), no_such()]
        }
        Thing::Passkey => {
            let other = things::passkey(bench, things::account(bench));
            let own = things::passkey(bench, own);
            vec![there(own.to_string()), foreign(other), no_such()]
        }
        Thing::Post => vec![there(things::post(bench).to_string()), no_such()],
        Thing::PostRow => vec![there(things::deputy(bench, own).to_string()), no_such()],
        Thing::Upload => vec![there(things::upload(bench)), no_such()],
        Thing::Row => vec![there(run(ImportState::Stopped).1.to_string()), no_such()],
        Thing::Import if door.at.ends_with("/stop") => {
            vec![there(run(ImportState::Running).0.to_string()), no_such()]
        }
        Thing::Import => vec![there(run(ImportState::Stopped).0.to_string()), no_such()],
    }
}

/// Sends, and reads what there is to read of a problem; streams have no end.
async fn send(client: &Client, request: Request<Body>) -> Answer {
    let request = client.dressed(request);
    let response = client.router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = if parts.status.is_success() {
        Vec::new()
    } else {
        axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()
    };
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// What is wrong with an answer, if anything.
fn fault(operation: &Operation, on: &On, verdict: Verdict, answer: &Answer) -> Option<String> {
    let at = operation.at();
    let told = TOLD.iter().find(|told| told.0 == at);
    let promised = told.map_or((operation.success, ""), |told| (told.1, told.2));
    let expected = match verdict {
        // What one reaches anyway needs no opening.
        Verdict::Allowed if at.ends_with("/opening") && on.lies == Lies::Here => (409, "grant.not_needed"),
        Verdict::Allowed => promised,
        Verdict::NoRight => (403, "no_right"),
        Verdict::OutOfReach => (403, "out_of_reach"),
        Verdict::Missing => (404, "missing"),
    };
    let code = if answer.status.is_success() {
        String::new()
    } else {
        answer.code()
    };
    let given = (answer.status.as_u16(), code.as_str());
    (given != expected).then(|| {
        let (id, lies) = (&on.id, on.lies);
        format!("{at} on {id} ({lies:?}), {verdict:?} by policy: {given:?} instead of {expected:?}")
    })
}

/// Through one door, on each of its things; how many, and what is wrong.
async fn walk(bench: &Bench, client: &Client, operation: &Operation) -> (usize, Vec<String>) {
    let actor = bench.actor(client);
    let door = Door::of(&operation.method, &operation.path).unwrap();
    let own = actor.account.unwrap();
    match door.at {
        "POST /api/totp" | "PUT /api/totp" => things::totp(bench, own, false),
        "DELETE /api/totp" | "POST /api/totp/codes" => things::totp(bench, own, true),
        "POST /api/restoration" => things::restoration(bench),
        _ => {}
    }
    let (mut asked, mut faults) = (0, Vec::new());
    for on in things_of(bench, door, own) {
        let request = operation.request(&on.id, on.version, &over(bench, door.at, &on.id, on.lies));
        let answer = send(client, request).await;
        faults.extend(fault(operation, &on, verdict(bench, &actor, door, &on), &answer));
        asked += 1;
    }
    if door.at == "POST /api/restoration" {
        // One word alone would hold the node for everybody after.
        things::confirmed_restoration(bench);
    }
    (asked, faults)
}

/// Signing in and out is what it is for everybody; it has tests of its own.
fn is_of_signing_in(operation: &Operation) -> bool {
    let door = Door::of(&operation.method, &operation.path).unwrap();
    operation.path == "/api/session"
        || !matches!(door.key, Key::Session | Key::Holder) && operation.path.starts_with("/api/session")
}

#[tokio::test]
async fn every_door_answers_each_role_as_policy_says() {
    let bench = Bench::named();
    let operations = Described::new().operations();
    let (mut asked, mut faults) = (0, Vec::new());
    for role in Role::ALL {
        if !bench.may_sign_in(role) {
            bench.is_kept_out(role).await;
            continue;
        }
        let client = bench.sign_in(role, bench.water).await;
        for operation in operations.iter().filter(|one| !is_of_signing_in(one)) {
            let (count, found) = walk(&bench, &client, operation).await;
            asked += count;
            faults.extend(found.into_iter().map(|fault| format!("{role:?}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(asked > 700, "{asked}");
}

#[tokio::test]
async fn many_moved_at_once_are_each_asked_about() {
    let bench = Bench::new();
    for role in Role::ALL {
        if !bench.may_sign_in(role) {
            continue;
        }
        let client = bench.sign_in(role, bench.water).await;
        let actor = bench.actor(&client);
        if !bench.app.policy.may(&actor, Action::CaseMove).allowed {
            continue;
        }
        for on in case_things(&bench, Thing::Case) {
            let id: i64 = on.id.parse().unwrap();
            let body = json!({"move": "no-such-move", "cases": [{"id": id, "version": on.version}]});
            let told = client.post("/api/moves", &body).await.ok();
            let door = Door::of("POST", "/api/cases/{id}/moves").unwrap();
            let code = match verdict(&bench, &actor, door, &on) {
                Verdict::Allowed => "move.unknown",
                Verdict::NoRight => "no_right",
                Verdict::OutOfReach => "out_of_reach",
                Verdict::Missing => "missing",
            };
            assert_eq!(told["refused"][0]["code"], code, "{role:?} {:?}: {told}", on.lies);
        }
    }
}

/// Whoever shows nothing that is right is kept out, or was let in as anybody is.
fn keeps_out(door: &Door, who: &str, answer: &Answer) {
    if !matches!(door.key, Key::Nothing | Key::Code) {
        answer.refused(401, "session.none");
        return;
    }
    let kept_out = ["session.wrong", "passkey.refused", "missing"];
    assert!(
        answer.status.is_success() || kept_out.contains(&answer.code().as_str()),
        "{who}: {}: {}",
        door.at,
        answer.text()
    );
}

#[tokio::test]
async fn nobody_gets_in_without_a_session_or_with_a_closed_account() {
    let bench = Bench::named();
    let closed = bench.sign_in(Role::Steward, bench.water).await;
    let id = bench.actor(&closed).account.unwrap();
    things::close(&bench, id);
    let wrong = json!({"name": format!("steward{}", bench.water), "password": PASSWORD});
    bench
        .client()
        .post("/api/session", &wrong)
        .await
        .refused(401, "session.wrong");
    let mut forged = bench.client();
    forged.cookie = Some(format!("{}={}", crate::bench::COOKIE, "0".repeat(64)));
    for operation in Described::new().operations() {
        let door = Door::of(&operation.method, &operation.path).unwrap();
        for (who, client) in [
            ("nobody", bench.client()),
            ("closed", closed.clone()),
            ("forged", forged.clone()),
        ] {
            let answer = send(&client, operation.request("1", 1, &Over::default())).await;
            keeps_out(door, who, &answer);
        }
    }
}

#[tokio::test]
async fn a_tracking_code_opens_its_own_report_and_a_session_none() {
    let bench = Bench::new();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let (_, code) = duty.report("m01001", "water on the road").await;
    let other = things::case(&bench, Lies::Here);
    let photo = things::photo(&bench, other.id);
    let wrong = "0".repeat(code.len());
    for door in DOORS.iter().filter(|door| door.key == Key::Code) {
        let (method, path) = door.at.split_once(' ').unwrap();
        for client in [&bench.client(), &duty] {
            let path = path
                .replace("{code}", &wrong)
                .replace("{photo}", &photo.to_string());
            // A portal shows the code in a header and in the question.
            let request = Request::builder()
                .method(method)
                .uri(format!("{path}?userCode={wrong}"))
                .header("x-road-userid", &wrong);
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = send(client, request.body(Body::from("stars=5&is_fixed=true")).unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::NOT_FOUND,
                "{}: {}",
                door.at,
                answer.text()
            );
        }
    }
    let foreign = bench.client().get(&format!("/t/{code}/photos/{photo}")).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "another report's photo");
}

#[tokio::test]
async fn a_key_sent_again_by_somebody_else_is_another_report() {
    let bench = Bench::new();
    let body = json!({"channel": "hotline", "description": "a pump has failed", "idempotency_key": "k"});
    let mut seen = Vec::new();
    for role in [Role::Clerk, Role::Duty, Role::Clerk] {
        let client = bench.sign_in(role, bench.centre).await;
        seen.push(client.post("/api/reports", &body).await.ok()["case"].clone());
    }
    assert_eq!(seen[0], seen[2]);
    assert_ne!(seen[0], seen[1]);
}

/// The routes that a source makes by hand.
fn routes(source: &str) -> Vec<String> {
    let dense: String = source.split_whitespace().collect();
    // Functions whose methods several routes share.
    let shared = dense.split("fn").filter_map(|function| {
        let (head, body) = function.split_once("->MethodRouter<Web>{")?;
        Some((head.split_once('(')?.0, body))
    });
    let shared: Vec<(&str, &str)> = shared.collect();
    let mut found = Vec::new();
    for route in dense.split(".route(\"").skip(1) {
        let (path, rest) = route.split_once('"').unwrap();
        let own = rest
            .split(".route(")
            .next()
            .and_then(|rest| rest.split('}').next());
        let mut handlers = own.unwrap().to_owned();
        for (name, body) in &shared {
            if handlers.contains(&format!(",{name}(")) {
                handlers.push_str(body);
            }
        }
        let methods = ["get", "post", "put", "patch", "delete"].into_iter();
        let used = methods.filter(|method| handlers.contains(&format!("{method}(")));
        found.extend(used.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    found
}

#[test]
fn every_endpoint_has_its_line_and_every_line_its_endpoint() {
    let mut known: Vec<String> = Described::new().operations().iter().map(Operation::at).collect();
    // The pages are not described: their routes are read from where they are made.
    for source in [
        include_str!("../../src/data_tracker.rs"),
        include_str!("../../src/lib.rs"),
        include_str!("../../src/logs.rs"),
        include_str!("../../src/open311.rs"),
        include_str!("../../src/public.rs"),
        include_str!("../../src/scim.rs"),
        include_str!("../../src/witnesses.rs"),
    ] {
        known.extend(routes(source));
    }
    // `anlan log serve` is a server of its own, with this one route.
    known.retain(|at| at != "GET /{*path}");
    known.sort();
    let mut stated: Vec<String> = DOORS.iter().map(|door| door.at.to_owned()).collect();
    stated.sort();
    assert_eq!(
        known, stated,
        "crates/anlan-web/src/doors/table.rs states the lock of every endpoint"
    );
}

#[test]
fn the_page_names_who_has_a_right_within_their_office_only() {
    let page = anlan_web::doors::page(&Policy::shipped().unwrap());
    let line = |at: &str| {
        let start = format!("| `{at}` |");
        page.lines().find(|line| line.starts_with(&start)).unwrap()
    };
    assert!(line("GET /api/cases/{id}").contains(" officer,"));
    assert!(!line("PATCH /api/cases/{id}").contains("officer"));
}

#[test]
fn what_is_protected_is_asked_about_and_noted() {
    for door in DOORS {
        let at = door.at;
        assert_eq!(door.is_protected, !door.traces.is_empty(), "{at}");
        assert!(!door.is_protected || door.action.is_some(), "{at}");
    }
}

impl Bench {
    fn may_sign_in(&self, role: Role) -> bool {
        let actor = Actor {
            roles: vec![role],
            ..Actor::default()
        };
        self.app.policy.may(&actor, Action::SessionUse).allowed
    }

    /// A role without a right to a session gets none.
    async fn is_kept_out(&self, role: Role) {
        let (_, name) = things::with_role(self, role, Some(PASSWORD));
        let body = json!({"name": name, "password": PASSWORD});
        self.client()
            .post("/api/session", &body)
            .await
            .refused(403, "no_right");
    }

    /// Whom policy is asked about for a client.
    pub(crate) fn actor(&self, client: &Client) -> Actor {
        anlan_app::sessions::caller(&self.app, &client.token(), false)
            .unwrap()
            .caller
            .actor
    }
}
