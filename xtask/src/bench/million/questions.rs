//! What is asked of a million cases: as addresses, with the words they are told by. How answers are timed is not here.

use super::super::http::{Client, escaped};
use anyhow::{Context, Result};
use serde_json::Value;

/// What kind of answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Queue,
    Map,
    Search,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Map => "map",
            Self::Search => "search",
        }
    }

    pub(super) fn bar_ms(self) -> f64 {
        match self {
            Self::Queue => 20.0,
            Self::Map | Self::Search => 50.0,
        }
    }
}

/// One request.
pub(super) struct Question {
    pub(super) words: String,
    pub(super) path: String,
}

/// Ids that questions name.
pub(super) struct Known {
    office: i64,
    cell: i64,
    cursor: String,
}

/// Filters and orders of the queue, in words of the address.
const QUEUE: &[&str] = &[
    "phase=open&sort=due",
    "phase=open&sort=-updated",
    "phase=open&sort=priority&limit=200",
    "phase=open&overdue=true&sort=due",
    "phase=open&office={office}&sort=due",
    "phase=open&office={office}&class=m01001&priority=P1&sort=-opened",
    "phase=open&cell={cell}&sort=due",
    "phase=open&bbox=113.19,27.89,113.20,27.90&sort=priority",
    "phase=open&mine=true&sort=due",
    "phase=open&sort=due&cursor={cursor}",
    "phase=closed&sort=-updated",
    "phase=closed&sort=due",
    "phase=closed&class=m06010&sort=-due",
    "phase=closed&office={office}&cell={cell}&sort=priority",
    "phase=closed&overdue=true&sort=-opened",
    "phase=closed&opened_from=2025-01-01T00:00:00Z&opened_to=2025-02-01T00:00:00Z&sort=-updated",
    "sort=-opened",
    "class=m01001&sort=-priority",
    "cell={cell}&sort=-due",
    "division=990101001&channel=import&sort=opened",
];

/// Windows of the map: the whole county, a town, a street, filtered and not.
const MAP: &[&str] = &[
    "map?zoom=9&bbox=112.9,27.6,113.5,28.2&phase=open",
    "map?zoom=9&bbox=112.9,27.6,113.5,28.2",
    "map?zoom=11&bbox=113.05,27.78,113.35,28.02",
    "map?zoom=12&bbox=113.1,27.83,113.3,27.97&phase=open&overdue=true",
    "map?zoom=14&bbox=113.17,27.88,113.22,27.92&phase=open",
    "map?zoom=15&bbox=113.185,27.885,113.21,27.91",
    "map?zoom=17&bbox=113.195,27.895,113.2,27.9",
    "map?zoom=12&bbox=113.1,27.83,113.3,27.97&class=m01001&phase=closed",
    "map/heat?phase=open",
    "map/heat?",
    "counts?phase=open",
    "counts?",
];

/// Words people look for: with the filter they stand under.
const SEARCH: &[(&str, &str)] = &[
    ("井盖", ""),
    ("井盖 破损", ""),
    ("路灯不亮", "phase=open"),
    ("水", ""),
    ("路", ""),
    ("路", "phase=open"),
    ("人", "phase=closed&sort=-updated"),
    ("门", "phase=open&sort=-opened"),
    ("蜂窝", ""),
    ("蜂", ""),
    ("白蚁 小区", ""),
    ("井盖 蜂窝", ""),
    ("澜江大道井盖缺失", ""),
    ("人民医院门口 积水 请尽快处理", "phase=open"),
    ("street light", ""),
    ("street light out", "phase=open"),
    ("seen", ""),
    ("see", ""),
    ("stree", "phase=open"),
    ("people", "phase=closed&sort=due"),
    ("sinkhole", ""),
    ("sinkh", ""),
    ("asbestos school", ""),
    ("broken pavement near the school", ""),
    ("水 light", ""),
    ("井盖", "phase=open&office={office}"),
    ("满溢", "phase=closed&cell={cell}"),
    ("没有这种东西", ""),
];

impl Known {
    /// Takes ids from the node's own answers.
    pub(super) fn ask(client: &mut Client) -> Result<Self> {
        let page = client.get("/api/cases?phase=open&sort=due&limit=200")?.json()?;
        let items = page
            .get("items")
            .and_then(Value::as_array)
            .context("a queue without items")?;
        let first = |key: &str| {
            let found = items
                .iter()
                .find_map(|item| item.get(key).and_then(Value::as_i64));
            found.with_context(|| format!("no case on the first page has `{key}`"))
        };
        let cursor = page
            .get("next")
            .and_then(Value::as_str)
            .context("a queue of one page")?;
        Ok(Self {
            office: first("office")?,
            cell: first("cell")?,
            cursor: cursor.to_owned(),
        })
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{office}", &self.office.to_string())
            .replace("{cell}", &self.cell.to_string())
            .replace("{cursor}", &self.cursor)
    }

    /// Every question of a kind.
    pub(super) fn questions(&self, kind: Kind) -> Vec<Question> {
        let plain = |list: &[&str], before: &str| {
            let one = |words: &&str| Question {
                words: self.fill(words),
                path: self.fill(&format!("{before}{words}")),
            };
            list.iter().map(one).collect()
        };
        match kind {
            Kind::Queue => plain(QUEUE, "/api/cases?"),
            Kind::Map => plain(MAP, "/api/"),
            Kind::Search => SEARCH
                .iter()
                .map(|(words, filter)| self.search(words, filter))
                .collect(),
        }
    }

    fn search(&self, words: &str, filter: &str) -> Question {
        let and = if filter.is_empty() { "" } else { "&" };
        let filter = self.fill(filter);
        Question {
            words: format!("{words}  {filter}"),
            path: format!("/api/cases?q={}{and}{filter}", escaped(words)),
        }
    }
}
