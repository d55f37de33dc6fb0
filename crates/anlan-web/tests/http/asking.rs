//! What the description of the API cannot say about a request that is to be allowed, door by door.

use crate::bench::Bench;
use crate::requests::Over;
use crate::things::{self, Lies};
use serde_json::{Value, json};

/// What the description cannot say about a request.
pub(crate) fn over(bench: &Bench, at: &str, id: &str, lies: Lies) -> Over {
    let rules = bench.app.node().router.rules().version;
    let of_body = |body: Value| Over {
        body,
        ..Over::default()
    };
    let of_query = |query: &str| Over {
        query: query.into(),
        ..Over::default()
    };
    match at {
        "GET /api/cases/{id}/contact" => of_query("purpose=case"),
        "GET /api/warning-budget/trial" => of_query("false_alarms_per_month=2"),
        "POST /api/accounts" => {
            of_body(json!({"name": format!("new-{}", things::number()), "display_name": "Wang"}))
        }
        // The report that opened a case bears its number.
        "POST /api/cases/{id}/erasure" => {
            of_body(json!({"report": id.parse::<i64>().unwrap(), "wish": "contact"}))
        }
        "POST /api/machines" => {
            of_body(json!({"name": format!("new-{}", things::number()), "display_name": "Feed"}))
        }
        "POST /api/accounts/{id}/keys" => {
            of_body(json!({"scopes": ["case.list"], "expires_at": "2027-01-01T00:00:00Z"}))
        }
        "PUT /api/accounts/{id}/identity" => {
            of_body(json!({"provider": "city", "login": format!("login-{}", things::number())}))
        }
        "POST /api/cases/{id}/opening" => of_body(json!({"reason": "the road gives way"})),
        "POST /api/grants" => of_body(
            json!({"account": things::account(bench).0, "roles": ["auditor"], "reason": "the auditor has left"}),
        ),
        "POST /api/posts" => of_body(
            json!({"name": format!("post {}", things::number()), "office": bench.water.0, "roles": ["officer"], "roster": "none"}),
        ),
        "PATCH /api/posts/{id}" => of_body(json!({"roles": ["officer", "clerk"]})),
        "POST /api/posts/{id}/rows" => {
            of_body(json!({"rows": [{"kind": "member", "account": things::account(bench).0}]}))
        }
        "PUT /api/session/post" => of_body(json!({"post": null})),
        "POST /api/grants/backups" => of_body(json!({"reason": "the machine is replaced"})),
        "POST /api/grants/{id}/answer" => of_body(json!({"verdict": "approved"})),
        "POST /api/cases/{id}/merge" => of_body(json!({"into": things::case(bench, lies).id.0})),
        "POST /api/reviews/{id}/moves" => of_body(json!({"move": "ask", "note": "why these cases?"})),
        "POST /api/imports" => of_body(json!({"upload": things::upload(bench), "mapping": "plain"})),
        "POST /api/reports" => of_body(json!({"channel": "hotline", "description": "a pump has failed"})),
        "PUT /api/rules" | "POST /api/rules/try" => {
            of_body(json!({"version": rules, "fallback_office": "centre"}))
        }
        _ => Over::default(),
    }
}
