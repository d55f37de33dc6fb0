//! Asks the configured witnesses to cosign what the log has signed. Each witness has a thread of its own, so that a slow or
//! dead one holds up nobody, and the keeper never waits: it puts the newest head on the desk and takes from it what came in.
//!
//! Heads are put forward in rounds, so that the witnesses cosign the same one: the next round begins once enough have
//! answered, or all, or the round is old.

use crate::http::Client;
use crate::serve;
use anlan_model::clock::{Clock as _, SystemClock};
use anlan_store::Store;
use anlan_store::logs::{self, Fault, Keeper};
use anlan_tlog::checkpoints::Checkpoint;
use anlan_tlog::notes::{Note, Signature, VerifierKey};
use anlan_tlog::policies::{Policy, Witness};
use anlan_tlog::trees::Head;
use anlan_tlog::witnesses::{Next, Reply, Request};
use anyhow::{Context as _, bail};
use jiff::Timestamp;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers are some hundred bytes; a refusal may have words.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Sizes a witness may send us to before it has to cosign.
const TRIES_MAX: usize = 3;
const BEAT: Duration = Duration::from_millis(200);
/// Before a witness that brought nothing is asked for the same head again.
const AGAIN_AFTER_S: i64 = 30;
/// A round that most do not answer is given up.
const ROUND_S: i64 = 15;
/// How far ahead of ours a witness's clock may be.
const AHEAD_MAX_S: u64 = 300;

/// Who is asked, what for, and what came in.
pub(crate) struct Desk {
    policy: Policy,
    round: Mutex<Round>,
}

#[derive(Default)]
struct Round {
    number: u64,
    /// The head that is to be cosigned, with the cosignatures that it has so far.
    note: Option<Note>,
    head: Option<Head>,
    begun: Timestamp,
    /// What came in since the keeper last looked.
    came: Vec<Signature>,
    /// How many witnesses are done with it.
    done: usize,
    is_enough: bool,
}

impl Desk {
    /// From a tlog-policy; the log's own line may be left out. Every witness needs an address.
    pub(crate) fn new(path: &Path, log: &VerifierKey) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = if text.lines().any(|line| line.trim_start().starts_with("log ")) {
            text
        } else {
            format!("log {log}\n{text}")
        };
        let policy: Policy = text
            .parse()
            .with_context(|| format!("{} is no tlog-policy", path.display()))?;
        if !policy.logs().iter().any(|known| known.key == *log) {
            bail!("{} does not name this log: {log}", path.display());
        }
        if let Some(mute) = policy.witnesses().iter().find(|witness| witness.url.is_none()) {
            bail!("the witness {} has no address in {}", mute.name, path.display());
        }
        let round = Mutex::default();
        Ok(Self { policy, round })
    }

    pub(crate) fn witnesses(&self) -> &[Witness] {
        self.policy.witnesses()
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keeper's turn: publishes what came in, and puts the newest head forward when it is time.
    pub(super) fn turn(&self, keeper: &mut Keeper, newest: Head) -> Result<(), Fault> {
        let now = SystemClock.now();
        let mut round = self.round();
        let came = std::mem::take(&mut round.came);
        if let Some(note) = round.note.as_mut().filter(|_| !came.is_empty()) {
            for signature in came {
                note.add(signature);
            }
            let is_enough = self.policy.believe(note, time_max(now)).is_ok();
            keeper.publish(note, is_enough)?;
            round.is_enough = is_enough;
        }
        let is_over = round.is_enough
            || round.done >= self.policy.witnesses().len()
            || now.as_second() - round.begun.as_second() >= ROUND_S;
        if round.head != Some(newest) && (round.note.is_none() || is_over) {
            let note = keeper.signed()?;
            *round = Round {
                number: round.number + 1,
                head: Checkpoint::of_note(&note)
                    .ok()
                    .map(|checkpoint| checkpoint.head()),
                note: Some(note),
                begun: now,
                ..Round::default()
            };
        }
        Ok(())
    }
}

fn time_max(now: Timestamp) -> u64 {
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    now.saturating_add(AHEAD_MAX_S)
}

/// Asks one witness, until told to stop.
pub(crate) fn ask(desk: &Desk, witness: &Witness, store: &Store, stop: &AtomicBool) {
    let mut asking = Asking {
        client: Client::new(),
        witness,
        store,
        old: 0,
        said: String::new(),
    };
    let (mut done, mut again_at) = (0, None);
    while serve::nap(BEAT, stop) {
        let now = SystemClock.now();
        let (number, note) = {
            let round = desk.round();
            (round.number, round.note.clone())
        };
        let is_again = again_at.is_some_and(|at: i64| now.as_second() >= at);
        let Some(note) = note.filter(|_| number != done || is_again) else {
            continue;
        };
        let asked = asking.cosignatures(&note);
        let is_first = number != done;
        (done, again_at) = (number, None);
        let mut round = desk.round();
        if round.number == number {
            round.done += usize::from(is_first);
            match &asked {
                Ok(signatures) => round.came.extend(signatures.iter().cloned()),
                Err(_) => again_at = Some(now.as_second() + AGAIN_AFTER_S),
            }
        }
        drop(round);
        asking.tell(asked.err());
    }
}

struct Asking<'a> {
    client: Client,
    witness: &'a Witness,
    store: &'a Store,
    /// The size that the witness has cosigned last, as far as is known here.
    old: u64,
    /// What was told last, so that the same is not told again every second.
    said: String,
}

/// Why no cosignature came.
enum Trouble {
    /// The witness says that this log contradicts what it has seen: somebody shows two histories.
    Fork(String),
    /// It cannot be reached, or does not do as it should.
    Mute(String),
}

impl Asking<'_> {
    fn cosignatures(&mut self, note: &Note) -> Result<Vec<Signature>, Trouble> {
        let mute = |error: &dyn std::error::Error| Trouble::Mute(told(error));
        let size = Checkpoint::of_note(note).map_err(|e| mute(&e))?.head().size;
        self.old = self.old.min(size);
        for _ in 0..TRIES_MAX {
            let proof = logs::prove_growth(self.store, self.old, size).map_err(|e| mute(&e))?;
            let request = Request::new(self.old, proof, note.clone()).map_err(|e| mute(&e))?;
            let answer = self
                .client
                .post(&self.address(), &request.to_string(), ANSWER_BYTES_MAX)
                .map_err(|error| Trouble::Mute(format!("{error:#}")))?;
            let reply = Reply {
                status: answer.status,
                content_type: &answer.content_type,
                body: &answer.body,
            };
            let keys = std::slice::from_ref(&self.witness.key);
            match request.next(reply, keys, time_max(SystemClock.now())) {
                Ok(Next::Add(signatures)) => {
                    self.old = size;
                    return Ok(signatures);
                }
                Ok(Next::AskFrom(old)) => self.old = old,
                Ok(Next::Ahead { size: seen }) => {
                    return Err(Trouble::Fork(format!(
                        "it has cosigned {seen} entries, the log has {size}: the log was set back, or somebody else signs with its key"
                    )));
                }
                Err(error) if matches!(answer.status, 422 | 403) => return Err(Trouble::Fork(told(&error))),
                Err(error) => return Err(mute(&error)),
            }
        }
        Err(Trouble::Mute(format!(
            "it names another size each time, {TRIES_MAX} times"
        )))
    }

    fn address(&self) -> String {
        let url = self.witness.url.as_deref().unwrap_or_default();
        format!("{}/add-checkpoint", url.trim_end_matches('/'))
    }

    /// One line where something changed. A fork is an alarm each time.
    fn tell(&mut self, trouble: Option<Trouble>) {
        let witness = self.witness.name.as_str();
        let said = match &trouble {
            None => String::new(),
            Some(Trouble::Fork(reason) | Trouble::Mute(reason)) => reason.clone(),
        };
        match trouble {
            Some(Trouble::Fork(reason)) => {
                tracing::error!(
                    witness,
                    reason,
                    "ALARM: a witness refuses the access log. Compare its checkpoint with this log's before anything else"
                );
            }
            Some(Trouble::Mute(reason)) if said != self.said => {
                tracing::warn!(witness, reason, "the access log is not cosigned");
            }
            None if !self.said.is_empty() => tracing::info!(witness, "the access log is cosigned again"),
            _ => {}
        }
        self.said = said;
    }
}

fn told(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
