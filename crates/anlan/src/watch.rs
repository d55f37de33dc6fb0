//! The watch's thread: every second what has changed, on the plan's beat everything. What a look does is an action.

use crate::serve;
use anlan_app::{App, warnings};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After a fault: the log is not flooded, and the next look may find things mended.
const WAIT_AFTER_FAULT: Duration = Duration::from_secs(30);

/// How far the thread stands back: a full pass of a large node takes seconds, and nobody at a desk should feel them.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Watches until told to stop.
pub(crate) fn work(app: &App, stop: &AtomicBool) {
    // On Linux the priority is the thread's own. Without it the watch only shares the processor as others do.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::warn!("early warning runs at usual priority: {error}");
    }
    loop {
        let wait = match warnings::watch(app) {
            Ok(passed) => {
                if passed.changed > 0 {
                    tracing::info!(
                        "early warning: {} changes in {} class groups",
                        passed.changed,
                        passed.groups
                    );
                }
                LOOK_EVERY
            }
            Err(error) => {
                tracing::error!("early warning cannot look: {error}");
                WAIT_AFTER_FAULT
            }
        };
        if !serve::nap(wait, stop) {
            return;
        }
    }
}
