//! The access review as JSON: reviews with their reasons in words, the looks behind them, and decisions.

use super::accounts::AccountName;
use super::words::{ClearReason, LookKind, PartKind, ReviewState, Role, Sentence};
use anlan_app::reviews as app;
use anlan_model::accounts::Account;
use anlan_model::ids::AccountId;
use anlan_model::reviews as model;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One reason why a day stands out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewPart {
    pub(crate) kind: PartKind,
    /// Points it adds to the score.
    pub(crate) points: f64,
    /// The reason in words, with its figures.
    pub(crate) words: Sentence,
    /// The other account, for shared cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) other: Option<AccountName>,
}

/// Whose accesses a review is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reviewed {
    pub(crate) id: i64,
    pub(crate) display_name: String,
    pub(crate) roles: Vec<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<i64>,
}

/// One line of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewSummary {
    pub(crate) id: i64,
    /// Units of work so far; send it back in `If-Match`.
    pub(crate) version: u32,
    pub(crate) state: ReviewState,
    pub(crate) account: Reviewed,
    /// The day, by the node's calendar.
    #[schema(value_type = String, format = Date)]
    pub(crate) day: Date,
    /// The sum of the parts' points: what the queue is ranked by.
    pub(crate) score: f64,
    pub(crate) parts: Vec<ReviewPart>,
    /// Cases looked at that day.
    pub(crate) cases: u32,
    /// Of those, cases with a look that nothing explains.
    pub(crate) unexplained: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<ClearReason>,
    /// Words of whoever decided or asked last.
    pub(crate) note: String,
}

type Accounts = BTreeMap<AccountId, Account>;

fn name(accounts: &Accounts, id: AccountId) -> AccountName {
    AccountName {
        id: id.0,
        display_name: accounts
            .get(&id)
            .map_or_else(|| id.to_string(), |one| one.display_name.clone()),
    }
}

impl ReviewSummary {
    /// The review of an account of these.
    pub(crate) fn of(review: &model::Review, accounts: &Accounts) -> Self {
        let finding = &review.finding;
        let account = accounts.get(&finding.account);
        let part = |part: &model::Part| ReviewPart {
            kind: part.kind.into(),
            points: part.points,
            words: part.words().into(),
            other: part.other.map(|other| name(accounts, other)),
        };
        Self {
            id: review.id.0,
            version: review.version,
            state: review.state.into(),
            account: Reviewed {
                id: finding.account.0,
                display_name: name(accounts, finding.account).display_name,
                roles: account.map_or_else(Vec::new, |one| {
                    one.roles.iter().copied().map(Role::from).collect()
                }),
                office: account.and_then(|one| one.office).map(|office| office.0),
            },
            day: finding.day,
            score: finding.score,
            parts: finding.parts.iter().map(part).collect(),
            cases: finding.cases,
            unexplained: finding.unexplained,
            reason: review.reason.map(ClearReason::from),
            note: review.note.clone(),
        }
    }
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewPage {
    pub(crate) items: Vec<ReviewSummary>,
    /// Cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// Reviews nobody has decided on.
    pub(crate) waiting: u32,
    /// The last day that was examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) examined_to: Option<Date>,
}

impl From<app::ReviewPage> for ReviewPage {
    fn from(page: app::ReviewPage) -> Self {
        Self {
            items: page
                .items
                .iter()
                .map(|one| ReviewSummary::of(one, &page.accounts))
                .collect(),
            next: page.next,
            waiting: page.waiting,
            examined_to: page.examined_to,
        }
    }
}

/// What explains a look, and how much of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookReason {
    pub(crate) words: Sentence,
    pub(crate) percent: u8,
}

/// One look of the day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewLook {
    pub(crate) at: Timestamp,
    /// The case's number as people read it out.
    pub(crate) number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<String>,
    pub(crate) kind: LookKind,
    pub(crate) is_explained: bool,
    /// Whether it was the person's time to work.
    pub(crate) is_on_duty: bool,
    /// What explains it, the strongest first.
    pub(crate) reasons: Vec<LookReason>,
}

impl From<app::LookedAt> for ReviewLook {
    fn from(look: app::LookedAt) -> Self {
        let reason = |one: &model::Explanation| {
            let (zh, en) = one.kind.words();
            LookReason {
                words: (zh.to_owned(), en.to_owned()).into(),
                percent: one.percent,
            }
        };
        Self {
            at: look.at,
            number: look.number,
            class: look.class.map(|class| class.0),
            kind: look.kind.into(),
            is_explained: look.is_explained,
            is_on_duty: look.is_on_duty,
            reasons: look.explanations.iter().map(reason).collect(),
        }
    }
}

/// A day of the account beside the mean of its peers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewDay {
    #[schema(value_type = String, format = Date)]
    pub(crate) day: Date,
    /// Cases with explained looks only.
    pub(crate) explained: u32,
    /// Cases with a look that nothing explains.
    pub(crate) unexplained: u32,
    /// Mean of the peers' cases.
    pub(crate) peers: f64,
    /// Mean of the peers' unexplained cases.
    pub(crate) peers_unexplained: f64,
}

/// Something that happened to the review.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewStep {
    pub(crate) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<AccountName>,
    /// `raised`, `asked`, `cleared`, `passed_on`.
    pub(crate) kind: String,
    pub(crate) note: String,
}

/// A review, opened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewDetail {
    #[serde(flatten)]
    pub(crate) summary: ReviewSummary,
    /// The looks of the day, in order of time.
    pub(crate) looks: Vec<ReviewLook>,
    /// The days before and the day itself, oldest first.
    pub(crate) chart: Vec<ReviewDay>,
    pub(crate) steps: Vec<ReviewStep>,
}

impl From<app::Opened> for ReviewDetail {
    fn from(opened: app::Opened) -> Self {
        let accounts = opened.accounts;
        let step = |step: app::Step| ReviewStep {
            at: step.stamp.at,
            by: step.stamp.by.map(|by| name(&accounts, by)),
            kind: step.event.kind().to_owned(),
            note: match step.event {
                model::ReviewEvent::Raised { .. } => String::new(),
                model::ReviewEvent::Asked { note }
                | model::ReviewEvent::Cleared { note, .. }
                | model::ReviewEvent::PassedOn { note } => note,
            },
        };
        let day = |day: app::ChartDay| ReviewDay {
            day: day.day,
            explained: day.explained,
            unexplained: day.unexplained,
            peers: day.peers,
            peers_unexplained: day.peers_unexplained,
        };
        Self {
            summary: ReviewSummary::of(&opened.review, &accounts),
            looks: opened.looks.into_iter().map(ReviewLook::from).collect(),
            chart: opened.chart.into_iter().map(day).collect(),
            steps: opened.steps.into_iter().map(step).collect(),
        }
    }
}

/// Ask the office, clear with a reason, or pass on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReviewMove {
    Ask,
    Clear,
    PassOn,
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewDecision {
    #[serde(rename = "move")]
    pub(crate) code: ReviewMove,
    /// Why it is cleared.
    pub(crate) reason: Option<ClearReason>,
    /// In words; always needed.
    pub(crate) note: String,
    /// With reason `ordered`: the last day that the order covers; accesses until then are explained by it.
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) order_until: Option<Date>,
    /// With an order: cases of classes whose code begins so; all if not said.
    pub(crate) order_class: Option<String>,
}
