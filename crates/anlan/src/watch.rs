//! The watch's thread: every second what has changed, on the plan's beat everything. What a look does is an action.

use crate::serve;
use anlan_app::{App, warnings};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After a fault: the log is not flooded, and the next look may find things mended.
const WAIT_AFTER_FAULT: Duration = Duration::from_secs(30);

/// Watches until told to stop.
pub(crate) fn work(app: &App, stop: &AtomicBool) {
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
