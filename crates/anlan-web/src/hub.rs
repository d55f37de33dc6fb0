//! One task that looks for news while somebody listens, and which sessions still hold, and tells every listener. A listener that cannot keep up
//! misses news here and fetches them itself; nobody waits for it.

use crate::state::run;
use anlan_app::live::{self, Live};
use anlan_app::{App, sessions};
use anlan_model::ids::SessionId;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::sync::watch;

/// How often the store is asked for news while somebody listens.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Events looked at in one go.
pub(crate) const BATCH: usize = 500;
/// News kept for listeners that are a little behind.
const KEPT: usize = 32;

/// What happened between two places in the order of events.
#[derive(Debug)]
pub(crate) struct News {
    /// The place before.
    pub(crate) after: i64,
    pub(crate) live: Live,
}

/// The sessions that hold; `None` until they were looked up once.
pub(crate) type Holding = Option<Arc<BTreeSet<SessionId>>>;

#[derive(Debug, Clone)]
struct Running {
    news: Sender<Arc<News>>,
    holding: watch::Sender<Holding>,
}

/// Where listeners come for news.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<Option<Running>>>);

impl Hub {
    /// News from now on, and which sessions hold. Starts looking for them if nobody did.
    pub(crate) fn listen(&self, app: &App) -> (Receiver<Arc<News>>, watch::Receiver<Holding>) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = running.as_ref() {
            return (known.news.subscribe(), known.holding.subscribe());
        }
        let (news, receiver) = broadcast::channel(KEPT);
        let (holding, held) = watch::channel(None);
        let fresh = Running { news, holding };
        *running = Some(fresh.clone());
        tokio::spawn(look(self.clone(), app.clone(), fresh));
        (receiver, held)
    }

    /// Ends the looking if nobody listens any more; true if it ended.
    fn rest(&self, own: &Running) -> bool {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = own.news.receiver_count() == 0;
        if is_idle {
            *running = None;
        }
        is_idle
    }
}

async fn look(hub: Hub, app: App, own: Running) {
    let mut place: Option<i64> = None;
    while !hub.rest(&own) {
        let (at, after) = (app.clone(), place);
        let found = run(move || {
            let after = after.map_or_else(|| live::last(&at), Ok)?;
            let live = live::since(&at, after, BATCH)?;
            let holding = sessions::holding(&at)?;
            Ok::<_, anlan_app::Error>((News { after, live }, holding))
        });
        // A failure is logged where it is made; looking goes on.
        if let Ok((news, holding)) = found.await {
            let is_first = place.replace(news.live.seq).is_none();
            // The first news go out even if empty: a listener that began earlier learns that it is behind.
            let live = &news.live;
            if is_first || !live.is_quiet() {
                // Nobody there to hear it is no failure.
                let _ = own.news.send(Arc::new(news));
            }
            tell(&own.holding, holding);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Listeners are woken only if a session ended or began.
fn tell(sender: &watch::Sender<Holding>, holding: BTreeSet<SessionId>) {
    sender.send_if_modified(|known| {
        let is_same = known.as_deref() == Some(&holding);
        if !is_same {
            *known = Some(Arc::new(holding));
        }
        !is_same
    });
}
