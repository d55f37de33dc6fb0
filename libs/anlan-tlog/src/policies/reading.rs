//! Reads the text of a policy. What it means is decided elsewhere.

use super::{Group, Log, Member, Policy, Quorum, Witness};
use crate::notes::{Algorithm, KeyError, VerifierKey};
use crate::texts;
use std::collections::HashMap;
use std::str::FromStr;

/// Most lines of a policy.
pub const LINES_MAX: usize = 1000;

/// The quorum that asks for no witness.
pub(super) const NONE: &str = "none";

/// Where a policy is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy")]
pub struct PolicyError {
    /// Which line, from 1; the last if something is missing.
    pub line: usize,
    /// What is wrong.
    #[source]
    pub fault: PolicyFault,
}

/// What is wrong in a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// A control character other than tab and newline.
    #[error("it has a control character")]
    Control,
    /// The line is not ended by a newline.
    #[error("it is not ended by a newline")]
    Cut,
    /// Too many lines.
    #[error("a policy has {LINES_MAX} lines at most")]
    TooMany,
    /// Not of the form of any line.
    #[error(
        "it is none of `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|K MEMBER…`, `quorum NAME`"
    )]
    Form,
    /// What stands for a key is none.
    #[error("the key is not one")]
    Key(#[source] KeyError),
    /// A log with a witness's key, or the other way round.
    #[error("a key of type {0} is not for this")]
    Algorithm(u8),
    /// The public key stands in another line as well, perhaps under another name.
    #[error("the same public key stands in a line above")]
    DuplicateKey,
    /// The name stands for something else already, or is `none`.
    #[error("the name `{0}` is taken")]
    Taken(String),
    /// The name is not defined above.
    #[error("the name `{0}` is not defined above")]
    Undefined(String),
    /// The name is a member already.
    #[error("`{0}` is a member already; nobody counts twice")]
    Again(String),
    /// The number of members that are needed cannot be.
    #[error("the number needed has to be `all`, `any`, or from 1 to {0}, the number of members")]
    Threshold(usize),
    /// There are two quorums.
    #[error("there is a quorum already")]
    SecondQuorum,
    /// There is none.
    #[error("there is no quorum")]
    NoQuorum,
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    names: HashMap<String, (Member, bool)>,
    quorum: Option<Quorum>,
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let mut reading = Reading::default();
        let mut line = 0;
        for whole in text.split_inclusive('\n') {
            line += 1;
            reading
                .line(line, whole)
                .map_err(|fault| PolicyError { line, fault })?;
        }
        let fault = PolicyFault::NoQuorum;
        let quorum = reading.quorum.ok_or(PolicyError { line, fault })?;
        Ok(Self {
            logs: reading.logs,
            witnesses: reading.witnesses,
            groups: reading.groups,
            quorum,
        })
    }
}

impl Reading {
    fn line(&mut self, number: usize, whole: &str) -> Result<(), PolicyFault> {
        if number > LINES_MAX {
            return Err(PolicyFault::TooMany);
        }
        let text = whole.strip_suffix('\n').ok_or(PolicyFault::Cut)?;
        if text.bytes().any(|byte| byte != b'\t' && byte.is_ascii_control()) {
            return Err(PolicyFault::Control);
        }
        let words: Vec<&str> = text.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            ["quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::Form),
        }
    }

    fn log(&mut self, key: &str, url: Option<&&str>) -> Result<(), PolicyFault> {
        let key = self.key(key, Algorithm::Ed25519)?;
        let url = url.map(|url| (*url).to_owned());
        self.logs.push(Log { key, url });
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&&str>) -> Result<(), PolicyFault> {
        let key = self.key(key, Algorithm::Cosignature)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness {
            name: name.to_owned(),
            key,
            url: url.map(|url| (*url).to_owned()),
        });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), PolicyFault> {
        let count = members.len();
        let number = texts::decimal(threshold).and_then(|number| usize::try_from(number).ok());
        let threshold = match threshold {
            "all" => count,
            "any" => 1,
            _ => number
                .filter(|number| (1..=count).contains(number))
                .ok_or(PolicyFault::Threshold(count))?,
        };
        let members = members
            .iter()
            .map(|member| self.take(member))
            .collect::<Result<_, _>>()?;
        self.define(name, Member::Group(self.groups.len()))?;
        let name = name.to_owned();
        self.groups.push(Group {
            name,
            threshold,
            members,
        });
        Ok(())
    }

    fn quorum(&mut self, name: &str) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::SecondQuorum);
        }
        let quorum = match self.names.get(name) {
            Some((member, _)) => Quorum::Of(*member),
            None if name == NONE => Quorum::Nobody,
            None => return Err(PolicyFault::Undefined(name.to_owned())),
        };
        self.quorum = Some(quorum);
        Ok(())
    }

    fn key(&self, text: &str, wanted: Algorithm) -> Result<VerifierKey, PolicyFault> {
        let key: VerifierKey = text.parse().map_err(PolicyFault::Key)?;
        if key.algorithm() != wanted {
            return Err(PolicyFault::Algorithm(key.algorithm().byte()));
        }
        let logs = self.logs.iter().map(|log| &log.key);
        let mut others = logs.chain(self.witnesses.iter().map(|witness| &witness.key));
        let is_there = others.any(|other| other.as_bytes() == key.as_bytes());
        if is_there {
            Err(PolicyFault::DuplicateKey)
        } else {
            Ok(key)
        }
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), PolicyFault> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyFault::Taken(name.to_owned()));
        }
        self.names.insert(name.to_owned(), (member, false));
        Ok(())
    }

    /// Takes a name as a member, once.
    fn take(&mut self, name: &str) -> Result<Member, PolicyFault> {
        match self.names.get_mut(name) {
            None => Err(PolicyFault::Undefined(name.to_owned())),
            Some((_, true)) => Err(PolicyFault::Again(name.to_owned())),
            Some((member, is_taken)) => {
                *is_taken = true;
                Ok(*member)
            }
        }
    }
}
