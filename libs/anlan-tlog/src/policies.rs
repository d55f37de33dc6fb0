//! Policies: which logs are believed, and how many of which witnesses must have cosigned (C2SP tlog-policy). Addresses are
//! kept for the caller; nothing is fetched.
//!
//! ```text
//! log example.com/log+…
//! witness city  city.example/w+…
//! witness uni   uni.example/w+…
//! witness audit audit.example/w+… https://audit.example/
//! group outside any uni audit
//! group all-of  all city outside
//! quorum all-of
//! ```
//!
//! Rules of the specification that are easily forgotten: a group refers only to names above it, every name is a member at
//! most once (so nobody counts twice), there is exactly one quorum, and no public key occurs twice, whatever its name.
//! Stricter than the specification, a policy must be UTF-8, and has at most [`LINES_MAX`] lines.

mod reading;

use crate::checkpoints::{Checkpoint, CheckpointError};
use crate::notes::{KeyName, Note, Refusal, VerifierKey};
use crate::trees::Head;
pub use reading::{LINES_MAX, PolicyError, PolicyFault};
use std::fmt;

/// A log that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its key; the name is the log's origin.
    pub key: VerifierKey,
    /// Where it is, in the application's sense.
    pub url: Option<String>,
}

/// A witness that may count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What the policy calls it.
    pub name: String,
    /// Its key, for cosignatures.
    pub key: VerifierKey,
    /// Where it is, in the application's sense.
    pub url: Option<String>,
}

/// Some witnesses or groups, of which so many are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

/// A name that was defined before, as its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// Who must have cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quorum {
    /// The signature of the log is enough.
    Nobody,
    Of(Member),
}

/// Whom to believe. Read by `FromStr`, written by `Display`: without comments, one space between words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Quorum,
}

/// What a policy lets be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    /// The log's origin.
    pub origin: KeyName,
    /// Its size and root.
    pub head: Head,
    /// The witnesses that have cosigned, by the policy's names in its order, and the latest time of each in POSIX seconds.
    pub cosigned: Vec<(String, u64)>,
}

/// Why a signed checkpoint is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// A known signature is wrong, or none is known.
    #[error("the signatures are not as they should be")]
    Signatures(#[source] Refusal),
    /// The text is not a checkpoint.
    #[error("what is signed is not a checkpoint")]
    Checkpoint(#[source] CheckpointError),
    /// No log of the policy with this origin has signed.
    #[error("no log of the policy has signed for the origin {0}")]
    Log(String),
    /// Too few witnesses.
    #[error("the quorum `{quorum}` is not reached; {} of {witnesses} witnesses have cosigned", .cosigned.len())]
    Quorum {
        /// Name of the quorum.
        quorum: String,
        /// Names of those who have cosigned.
        cosigned: Vec<String>,
        /// How many witnesses the policy knows.
        witnesses: usize,
    },
    /// A root of no entries that is not that of the empty tree.
    #[error("the root of a log without entries is not that of the empty tree")]
    EmptyRoot,
}

impl Policy {
    /// The logs, in their order.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The witnesses, in their order.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether a signed checkpoint is to be believed. A witness whose cosignature is later than `time_max`, in POSIX seconds,
    /// does not count.
    ///
    /// # Errors
    /// It is not, with the reason.
    pub fn believe(&self, note: &Note, time_max: u64) -> Result<Believed, Doubt> {
        let logs = self.logs.iter().map(|log| &log.key);
        let witnesses = self.witnesses.iter().map(|witness| &witness.key);
        let keys: Vec<&VerifierKey> = logs.chain(witnesses).collect();
        let verified = note.verify_by(&keys).map_err(Doubt::Signatures)?;
        let checkpoint = Checkpoint::of_note(note).map_err(Doubt::Checkpoint)?;
        let of_origin = |log: &&Log| log.key.name().as_str() == checkpoint.origin();
        let mut signed = self.logs.iter().filter(of_origin);
        let log = signed.find(|log| verified.iter().any(|one| *one.key == log.key));
        let log = log.ok_or_else(|| Doubt::Log(checkpoint.origin().to_owned()))?;
        let head = checkpoint.head();
        if head.size == 0 && head != Head::EMPTY {
            return Err(Doubt::EmptyRoot);
        }
        let latest = |witness: &Witness| {
            let own = verified.iter().filter(|one| *one.key == witness.key);
            own.filter_map(|one| one.time)
                .filter(|time| *time <= time_max)
                .max()
        };
        let times: Vec<Option<u64>> = self.witnesses.iter().map(latest).collect();
        self.check_quorum(&times)?;
        let origin = log.key.name().clone();
        let named = self.witnesses.iter().zip(times);
        let cosigned = named.filter_map(|(witness, time)| Some((witness.name.clone(), time?)));
        let cosigned = cosigned.collect();
        Ok(Believed {
            origin,
            head,
            cosigned,
        })
    }

    /// `times` has an entry for each witness.
    fn check_quorum(&self, times: &[Option<u64>]) -> Result<(), Doubt> {
        let Quorum::Of(quorum) = self.quorum else {
            return Ok(());
        };
        let mut reached = Vec::with_capacity(self.groups.len());
        // INVARIANT: a group has only groups before it.
        for group in &self.groups {
            let counting = group
                .members
                .iter()
                .filter(|member| counts(**member, times, &reached));
            reached.push(counting.count() >= group.threshold);
        }
        if counts(quorum, times, &reached) {
            return Ok(());
        }
        let named = self
            .witnesses
            .iter()
            .zip(times)
            .filter(|(_, time)| time.is_some());
        Err(Doubt::Quorum {
            quorum: self.name_of(quorum).to_owned(),
            cosigned: named.map(|(witness, _)| witness.name.clone()).collect(),
            witnesses: self.witnesses.len(),
        })
    }

    fn name_of(&self, member: Member) -> &str {
        let name = match member {
            Member::Witness(at) => self.witnesses.get(at).map(|witness| &witness.name),
            Member::Group(at) => self.groups.get(at).map(|group| &group.name),
        };
        name.map_or("", String::as_str)
    }
}

fn counts(member: Member, times: &[Option<u64>], reached: &[bool]) -> bool {
    match member {
        Member::Witness(at) => times.get(at).is_some_and(Option::is_some),
        Member::Group(at) => reached.get(at).is_some_and(|reached| *reached),
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |url: &Option<String>| url.as_ref().map_or(String::new(), |url| format!(" {url}"));
        for log in &self.logs {
            writeln!(to, "log {}{}", log.key, at(&log.url))?;
        }
        for witness in &self.witnesses {
            writeln!(to, "witness {} {}{}", witness.name, witness.key, at(&witness.url))?;
        }
        for group in &self.groups {
            write!(to, "group {} {}", group.name, group.threshold)?;
            group
                .members
                .iter()
                .try_for_each(|member| write!(to, " {}", self.name_of(*member)))?;
            writeln!(to)?;
        }
        let quorum = match self.quorum {
            Quorum::Nobody => reading::NONE,
            Quorum::Of(member) => self.name_of(member),
        };
        writeln!(to, "quorum {quorum}")
    }
}
