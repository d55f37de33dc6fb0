//! Reads a CAP document: the tree, the judgement, the message, the rules beyond the schema. It opens no address and keeps nothing.

use super::Version;
use super::faults::{Fault, Faults, Refused};
use super::judging::{Judge, Place, quoted};
use super::message::message;
use super::tree::{self, Element};
use anlan_model::alerts::Message;

/// A document that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Which version it was written in.
    pub version: Version,
    /// What it says.
    pub message: Message,
    /// What is not as it should be, but did not keep it back; in the order of the document.
    pub warnings: Vec<Fault>,
    /// How many more of these there are than are told.
    pub untold: usize,
}

/// Reads a document of CAP 1.2, 1.1 or 1.0 in any encoding that its first bytes declare.
///
/// # Errors
/// Everything that keeps it from being a message, up to [`super::FAULTS_MAX`] findings, each with line, element and what to do.
pub fn read(bytes: &[u8]) -> Result<Read, Refused> {
    let root = tree::read(bytes)?;
    of_element(&root)
}

/// The message of an element that is to be an alert.
pub(super) fn of_element(root: &Element) -> Result<Read, Refused> {
    let version = version(root)?;
    let mut judge = Judge {
        version,
        faults: Faults::default(),
        areas: 0,
        points: 0,
    };
    let place = Place {
        element: root,
        path: "alert".to_owned(),
    };
    let message = message(&mut judge, &place);
    let Some(message) = message.filter(|_| !judge.faults.refuses()) else {
        let faults = judge.faults.sorted();
        return Err(Refused {
            faults: faults.told,
            untold: faults.untold,
        });
    };
    for found in message.faults() {
        let (line, rule) = (line(root, &found.at), found.rule);
        judge.tell(
            rule.code(),
            line,
            found.at,
            rule.english().to_owned(),
            rule.forbids(),
        );
    }
    let is_refused = judge.faults.refuses();
    let faults = judge.faults.sorted();
    if is_refused {
        return Err(Refused {
            faults: faults.told,
            untold: faults.untold,
        });
    }
    Ok(Read {
        version,
        message,
        warnings: faults.told,
        untold: faults.untold,
    })
}

fn version(root: &Element) -> Result<Version, Fault> {
    let (code, message) = match Version::of_namespace(&root.namespace) {
        Some(version) if root.name == "alert" => return Ok(version),
        None if root.name == "alert" => (
            "cap.namespace",
            match root.namespace.as_str() {
                "" => format!(
                    "the alert has no namespace; write xmlns=\"{}\"",
                    Version::V1_2.namespace()
                ),
                other => format!(
                    "{} is the namespace of no version of CAP; write {}",
                    quoted(other),
                    Version::V1_2.namespace()
                ),
            },
        ),
        _ => (
            "cap.root",
            format!(
                "the document is {} of {}, no alert of CAP; check the address or the file",
                quoted(&root.name),
                quoted(&root.namespace)
            ),
        ),
    };
    Err(Fault {
        code,
        line: root.line,
        path: String::new(),
        message,
        is_refused: true,
    })
}

/// The line of the element at a path of the model; of the one around it, where it is not there. What is empty was not counted.
fn line(root: &Element, path: &str) -> u64 {
    let mut at = root;
    for step in path.split('/').skip(1) {
        let (name, nth) = match step.trim_end_matches(']').split_once('[') {
            Some((name, nth)) => (name, nth.parse::<usize>().unwrap_or(1)),
            None => (step, 1),
        };
        let mut same = at
            .children
            .iter()
            .filter(|child| child.name == name && !child.is_empty());
        let found = same.nth(nth.saturating_sub(1));
        let empty = || at.children.iter().find(|child| child.name == name);
        match found.or_else(empty) {
            Some(child) => at = child,
            None => break,
        }
    }
    at.line
}
