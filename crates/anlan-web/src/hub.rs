//! One task that looks for news while somebody listens, and tells every listener. A listener that cannot keep up
//! misses news here and fetches them itself; nobody waits for it.

use crate::state::run;
use anlan_app::App;
use anlan_app::live::{self, Live};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::{self, Receiver, Sender};

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

/// Where listeners come for news.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<Option<Sender<Arc<News>>>>>);

impl Hub {
    /// News from now on. Starts looking for them if nobody did.
    pub(crate) fn listen(&self, app: &App) -> Receiver<Arc<News>> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = running.as_ref() {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(KEPT);
        *running = Some(sender.clone());
        tokio::spawn(look(self.clone(), app.clone(), sender));
        receiver
    }

    /// Ends the looking if nobody listens any more; true if it ended.
    fn rest(&self, sender: &Sender<Arc<News>>) -> bool {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = sender.receiver_count() == 0;
        if is_idle {
            *running = None;
        }
        is_idle
    }
}

async fn look(hub: Hub, app: App, sender: Sender<Arc<News>>) {
    let mut place: Option<i64> = None;
    while !hub.rest(&sender) {
        let (app, after) = (app.clone(), place);
        let found = run(move || {
            let after = after.map_or_else(|| live::last(&app), Ok)?;
            let live = live::since(&app, after, BATCH)?;
            Ok::<_, anlan_app::Error>(News { after, live })
        });
        // A failure is logged where it is made; looking goes on.
        if let Ok(news) = found.await {
            let is_first = place.replace(news.live.seq).is_none();
            // The first news go out even if empty: a listener that began earlier learns that it is behind.
            let live = &news.live;
            if is_first || !(live.cases.is_empty() && live.imports.is_empty() && live.warnings.is_empty()) {
                // Nobody there to hear it is no failure.
                let _ = sender.send(Arc::new(news));
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
