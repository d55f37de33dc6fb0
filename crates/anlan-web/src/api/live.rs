//! `/api/live`: changes as they happen, as server-sent events, each caller seeing only what they may. A listener
//! that is slow catches up from the store and never holds the others back.

use crate::hub::{BATCH, Holding, News};
use crate::languages::Lang;
use crate::problems::Failure;
use crate::sessions::{self, Holder};
use crate::shapes::alerts::AlertSummary;
use crate::shapes::imports::Import;
use crate::shapes::warnings::WarningSummary;
use crate::shapes::words::{Phase, Priority, Timeliness};
use crate::state::{Web, run};
use anlan_app::live::{self, Live};
use anlan_app::{App, Caller};
use anlan_model::cases::Case;
use anlan_model::ids::SessionId;
use anlan_policy::Action;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Sse};
use futures_util::stream;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;
use utoipa::ToSchema;

/// How often a quiet line is said to be open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A listener further behind than this starts afresh: its screens reload instead of replaying a day.
const BEHIND_MAX: i64 = 5_000;

/// A case as it moved.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseMoved {
    id: i64,
    version: u32,
    state: String,
    phase: Phase,
    #[serde(skip_serializing_if = "Option::is_none")]
    office: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 2, max_items = 2)]
    point: Option<[f64; 2]>,
    priority: Priority,
    overdue: bool,
}

impl CaseMoved {
    fn of(case: &Case, now: Timestamp) -> Self {
        Self {
            id: case.id.0,
            version: case.version,
            state: case.state.0.clone(),
            phase: case.phase.into(),
            office: case.office.map(|office| office.0),
            cell: case.place.cell.map(|cell| cell.0),
            point: case.place.point.map(|point| [point.lon, point.lat]),
            priority: case.priority.into(),
            overdue: Timeliness::from(case.timeliness(now)) == Timeliness::Overdue,
        }
    }
}

/// Where the stream begins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hello {
    /// The newest place in the order of events.
    seq: i64,
    /// Earlier changes were left out: load anew what is on the screen.
    is_fresh: bool,
}

/// The session has ended; the stream ends with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionEnded {}

/// The post that the session acts for has ended; the stream ends with it, the session does not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostEnded {}

/// Changes as they happen: events `hello`, `case`, `import`, `warning`, `alert`, `post_ended` and `ended`; `Last-Event-ID` resumes.
#[utoipa::path(get, path = "/api/live", tag = "live", operation_id = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "Resume after this event")),
    responses((status = 200, description = "Server-sent events: `hello` (Hello), `case` (CaseMoved), `import` (Import), `warning` (WarningSummary), `alert` (AlertSummary), `post_ended` (PostEnded), `ended` (SessionEnded)",
        content_type = "text/event-stream", body = String)))]
pub(crate) async fn live(
    State(web): State<Web>,
    signed: Holder,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Failure> {
    let wanted = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
    // Listen first, then ask where we are: nothing falls between the two.
    let (news, holding) = web.hub.listen(&web.app);
    let app = web.app.clone();
    let caller = signed.caller.clone();
    let newest = run(move || live::open(&app, &caller)).await?;
    let resumed = wanted.filter(|seq| (newest - BEHIND_MAX..=newest).contains(seq));
    let seq = resumed.unwrap_or(newest);
    let mut listener = Listener {
        app: web.app,
        caller: signed.caller,
        session: signed.known.session,
        token: sessions::token(&headers, &web.config).unwrap_or_default(),
        holding: Some(holding),
        news,
        seq,
        waiting: VecDeque::new(),
        stopping: web.stopping,
        imports: None,
        warnings: None,
        alerts: None,
        lang: Lang::asked(&headers).unwrap_or(Lang::Zh),
    };
    listener.sees();
    listener.waiting.extend(event(
        "hello",
        seq,
        &Hello {
            seq,
            is_fresh: resumed.is_none(),
        },
    ));
    if seq < newest {
        listener.catch_up().await;
    }
    // It may have ended between being asked for and being listened for.
    listener.end_if_over().await;
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("still here"));
    // Proxies that gather answers would hold events back.
    Ok(([("x-accel-buffering", "no")], stream))
}

/// One open stream.
struct Listener {
    app: App,
    caller: Caller,
    session: SessionId,
    token: String,
    /// Which sessions hold; `None` once this one does not: then all was said.
    holding: Option<watch::Receiver<Holding>>,
    news: Receiver<Arc<News>>,
    seq: i64,
    waiting: VecDeque<Event>,
    stopping: watch::Receiver<bool>,
    /// What was last said about each import; `None` if the caller may not see imports.
    imports: Option<BTreeMap<i64, String>>,
    /// The version of each warning last told; `None` if the caller may not see warnings.
    warnings: Option<BTreeMap<i64, u32>>,
    /// The same of alerts.
    alerts: Option<BTreeMap<i64, u32>>,
    lang: Lang,
}

impl Listener {
    /// The next event; `None` when the program stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            let holding = self.holding.as_mut()?;
            let heard = tokio::select! {
                () = stopped(&mut self.stopping) => return None,
                changed = holding.changed() => {
                    changed.ok()?;
                    self.end_if_over().await;
                    continue;
                }
                heard = self.news.recv() => heard,
            };
            if !self.is_welcome().await {
                continue;
            }
            match heard {
                Ok(news) if news.after <= self.seq => self.tell(&news.live),
                // Too slow for the shared news, or started behind them.
                Ok(_) | Err(RecvError::Lagged(_)) => self.catch_up().await,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Looks who listens by the session and the account as they are now: a stream outlasts no right. If the session or
    /// its post has ended, says so, and nothing after it.
    async fn is_welcome(&mut self) -> bool {
        let (app, token) = (self.app.clone(), self.token.clone());
        let Ok(known) = run(move || anlan_app::sessions::caller(&app, &token, false)).await else {
            self.end_with(event("ended", self.seq, &SessionEnded {}));
            return false;
        };
        if anlan_app::posts::require_post(&known).is_err() {
            self.end_with(event("post_ended", self.seq, &PostEnded {}));
            return false;
        }
        if known.caller.actor != self.caller.actor {
            self.caller = known.caller;
            self.sees();
        }
        true
    }

    /// Says this and nothing after it.
    fn end_with(&mut self, last: Option<Event>) {
        self.waiting.clear();
        self.waiting.extend(last);
        self.holding = None;
    }

    /// What the caller may see besides cases. What was said already is remembered while they may.
    fn sees(&mut self) {
        let may = self.app.may(&self.caller);
        let imports = self.imports.take().unwrap_or_default();
        self.imports = may.contains(&Action::ImportRead).then_some(imports);
        let warnings = self.warnings.take().unwrap_or_default();
        self.warnings = may.contains(&Action::WarningRead).then_some(warnings);
        let alerts = self.alerts.take().unwrap_or_default();
        self.alerts = may.contains(&Action::AlertRead).then_some(alerts);
    }

    /// Ends the stream if the session is not among those that hold.
    async fn end_if_over(&mut self) {
        let Some(holding) = &mut self.holding else { return };
        let known = holding.borrow_and_update().clone();
        if known.is_none_or(|known| known.contains(&self.session)) {
            return;
        }
        // What was looked up may be older than this session: ask for it alone.
        self.is_welcome().await;
    }

    /// Fetches what was missed, batch by batch.
    async fn catch_up(&mut self) {
        loop {
            let (app, seq) = (self.app.clone(), self.seq);
            // A failure is logged where it is made; the next news bring another try.
            let Ok(live) = run(move || live::since(&app, seq, BATCH)).await else {
                return;
            };
            let is_done = live.seq == self.seq;
            self.tell(&live);
            if is_done {
                return;
            }
        }
    }

    fn tell(&mut self, live: &Live) {
        let now = self.app.clock.now();
        if live.seq > self.seq {
            self.seq = live.seq;
            for case in live::seen(&self.app, &self.caller, &live.cases) {
                self.waiting
                    .extend(event("case", live.seq, &CaseMoved::of(&case, now)));
            }
        }
        self.tell_warnings(live);
        self.tell_alerts(live, now);
        let Some(said) = &mut self.imports else { return };
        for import in &live.imports {
            let shape = Import::from(import.clone());
            let Ok(text) = serde_json::to_string(&shape) else {
                continue;
            };
            if said.insert(shape.id, text.clone()).as_ref() != Some(&text) {
                self.waiting.extend(event("import", self.seq, &shape));
            }
        }
    }
}

impl Listener {
    fn tell_warnings(&mut self, live: &Live) {
        let Some(said) = &mut self.warnings else { return };
        let node = self.app.node();
        for warning in &live.warnings {
            if said.insert(warning.id.0, warning.version) != Some(warning.version) {
                self.waiting
                    .extend(event("warning", self.seq, &WarningSummary::of(&node, warning)));
            }
        }
    }
}

impl Listener {
    fn tell_alerts(&mut self, live: &Live, now: Timestamp) {
        let Some(said) = &mut self.alerts else { return };
        for alert in &live.alerts {
            if said.insert(alert.id.0, alert.version) != Some(alert.version) {
                let shape = AlertSummary::of(alert, self.lang, now);
                self.waiting.extend(event("alert", self.seq, &shape));
            }
        }
    }
}

/// Waits until the program stops; for ever where nobody will say so.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn event(name: &str, seq: i64, data: &impl Serialize) -> Option<Event> {
    Event::default()
        .event(name)
        .id(seq.to_string())
        .json_data(data)
        .ok()
}
