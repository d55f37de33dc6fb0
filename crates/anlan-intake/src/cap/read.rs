//! Reads a CAP document: the tree, the judgement, the message, the rules beyond the schema. It opens no address and keeps nothing.

use super::Version;
use super::faults::{FAULTS_MAX, Fault, Faults, Refused};
use super::judging::{Judge, Place, quoted};
use super::message::message;
use super::tree::{self, Element};
use anlan_model::alerts::Message;

/// So many faults of the model get their line.
const LINES_MAX: usize = 10 * FAULTS_MAX;

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
    for (nth, found) in message.faults().into_iter().enumerate() {
        // What is not told needs no line, which is looked for among all elements.
        let line = if nth < LINES_MAX {
            line(root, &found.at)
        } else {
            root.line
        };
        let rule = found.rule;
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

#[cfg(test)]
mod tests {
    use super::super::tests::{self as made, DOCUMENT};
    use super::super::{AREAS_MAX, INFOS_MAX, POINTS_MAX};
    use super::*;
    use proptest::prelude::*;

    fn told(document: &str) -> Vec<(&'static str, u64, String, bool)> {
        let faults = match read(document.as_bytes()) {
            Ok(read) => read.warnings,
            Err(refused) => refused.faults,
        };
        let told = faults.into_iter();
        told.map(|fault| (fault.code, fault.line, fault.path, fault.is_refused))
            .collect()
    }

    #[test]
    fn a_good_document_is_read_and_nothing_told() {
        let read = read(DOCUMENT.as_bytes()).unwrap();
        assert_eq!(
            (read.version, read.warnings, read.untold),
            (Version::V1_2, vec![], 0)
        );
        let info = &read.message.infos[0];
        assert_eq!(
            (info.event.as_str(), info.areas[0].ceiling),
            ("燃气泄漏", Some(300.5))
        );
        assert_eq!(read.message.references[0].identifier, "a-0");
    }

    /// What is taken out of the good document, what is put there, and what is told: code, line, element, and what is done.
    const CHANGES: &str = r#"<scope>Public</scope> | | cap.missing 2 alert/scope refused
>Actual< | > Actual< | cap.word 6 alert/status refused
10:15:00+08:00</sent> | 02:15:00Z</sent> | cap.time 5 alert/sent refused
<scope>Public</scope> | <scope>Public</scope><scope>Public</scope> | cap.repeated 8 alert/scope[2] refused
<event> | <urgency>Past</urgency><event> | cap.order 13 alert/info/event refused
<status> | <status id='1'> | cap.attribute 6 alert/status refused
<status>Actual | <status>Actual<b/> | cap.nested 6 alert/status refused
<event>燃气泄漏</event> | <event>x</event>y | cap.text 10 alert/info refused
<web> | <where/><web> | cap.unknown 20 alert/info/where refused
<web> | <x xmlns='urn:x'/><web> | cap.unknown 20 alert/info/x refused
<web> | <x xmlns=''/><web> | cap.namespace 20 alert/info/x refused
</alert> | <x xmlns='urn:x'/></alert> | cap.foreign 35 alert/x told
<size>12 | <size>1.5 | cap.number 24 alert/info/resource/size refused
<size>12 | <size>-1 | cap.number 24 alert/info/resource/size told
120.11 30.25 | 120.11, 30.25 | cap.polygon 29 alert/info/area/polygon refused
30.2,120.1 1.5 | 30.2,120.1 | cap.circle 30 alert/info/area/circle refused
<altitude>10 | <altitude>high | cap.number 31 alert/info/area/altitude refused
urn:node:1,a-0,2026 | a-0,2026 | cap.references 9 alert/references told
<web>https://example.org/alerts/1 | <web> | cap.empty 20 alert/info/web told
cap:1.2 | cap:1.3 | cap.namespace 2 - refused
 xmlns="urn:oasis:names:tc:emergency:cap:1.2" | | cap.namespace 2 - refused
a-1 | a 1 | alert.name 3 alert/identifier refused
30.24,120.10</p | 30.24,120.12</p | alert.polygon_open 29 alert/info/area/polygon refused
30.25,120.11 | 120.11,30.25 | alert.off_earth 29 alert/info/area/polygon refused
<altitude>10</altitude> | | alert.ceiling_alone 32 alert/info/area/ceiling refused
16:15:00 | 09:15:00 | alert.expires 19 alert/info/expires told
<web>https: | <web> | alert.web 20 alert/info/web told
image/png | png | alert.media_type 23 alert/info/resource/mimeType told
<uri>https: | <uri> | alert.uri 25 alert/info/resource/uri told
zh-CN | zh_CN | alert.language 11 alert/info/language refused
Public | Private | alert.addresses_needed 8 alert/scope refused
Public | Restricted | alert.restriction_needed 8 alert/scope told
"#;

    fn in_words((code, line, path, is_refused): (&str, u64, String, bool)) -> String {
        let path = if path.is_empty() { "-" } else { &path };
        let done = if is_refused { "refused" } else { "told" };
        format!("{code} {line} {path} {done}")
    }

    #[test]
    fn each_fault_is_told_at_its_line_and_element() {
        for change in CHANGES.lines() {
            let [from, to, expected] = change.splitn(3, '|').collect::<Vec<_>>()[..] else {
                panic!("{change}")
            };
            let document = DOCUMENT.replacen(from.trim(), to.trim(), 1);
            assert_ne!(document, DOCUMENT, "{change}");
            let told = told(&document).into_iter().map(in_words);
            let told: Vec<_> = told.collect();
            assert!(told.contains(&expected.trim().to_owned()), "{change}: {told:?}");
            assert_eq!(
                read(document.as_bytes()).is_err(),
                expected.ends_with("refused"),
                "{change}"
            );
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let document = DOCUMENT
            .replace("Actual", "Real")
            .replace(">Severe<", ">Bad<")
            .replace("+08:00", "Z");
        let codes: Vec<_> = told(&document)
            .into_iter()
            .map(|(code, line, ..)| (code, line))
            .collect();
        let refused = [
            ("cap.time", 5),
            ("cap.word", 6),
            ("cap.references", 9),
            ("cap.word", 16),
            ("cap.time", 19),
        ];
        assert_eq!(codes, refused);
        let said = read(document.as_bytes()).unwrap_err();
        assert!(said.faults[0].message.contains("Z is not allowed"), "{said}");
        assert!(said.faults[0].zh().contains("不用 Z"));
    }

    #[test]
    fn an_older_version_is_translated_and_held_to_its_own_lists() {
        let old = DOCUMENT
            .replace(
                "urn:oasis:names:tc:emergency:cap:1.2",
                "http://www.incident.com/cap/1.0",
            )
            .replace("<scope>Public</scope>", "")
            .replace("<category>Infra</category>", "")
            .replace("<responseType>Evacuate</responseType>", "")
            .replace("<mimeType>image/png</mimeType>", "")
            .replace(">Observed<", ">Very Likely<")
            .replace(
                "<valueName>GB/T47678.5</valueName><value>01011</value>",
                "same=SVR",
            )
            .replace("10:15:00+08:00</sent>", "02:15:00.5Z</sent>");
        let translated = read(old.as_bytes()).unwrap();
        let info = &translated.message.infos[0];
        assert_eq!(translated.version, Version::V1_0);
        assert_eq!(
            (
                info.event_codes[0].name.as_str(),
                info.event_codes[0].value.as_str()
            ),
            ("same", "SVR")
        );
        assert_eq!(info.resources[0].media_type, "application/octet-stream");
        let filled = translated
            .warnings
            .iter()
            .filter(|fault| fault.code == "cap.filled")
            .count();
        assert_eq!(filled, 3);
        for wrong in [">Observed<", ">CBRNE<"] {
            let document = old.replace(">Very Likely<", wrong);
            assert!(wrong != ">Observed<" || read(document.as_bytes()).is_err());
        }
        assert!(read(DOCUMENT.replace(">Observed<", ">Very Likely<").as_bytes()).is_err());
        let middle = DOCUMENT.replace("cap:1.2", "cap:1.1");
        assert_eq!(read(middle.as_bytes()).unwrap().version, Version::V1_1);
        assert!(read(middle.replace("Evacuate", "AllClear").as_bytes()).is_err());
        assert!(read(DOCUMENT.replace("Evacuate", "AllClear").as_bytes()).is_ok());
    }

    #[test]
    fn limits_are_told_once() {
        let pairs = "30.24,120.10 ".repeat(POINTS_MAX + 1);
        let many = DOCUMENT.replace("30.24,120.10 30.24,120.11 30.25,120.11 30.24,120.10", &pairs);
        assert_eq!(
            told(&many),
            [("cap.limit", 29, "alert/info/area/polygon".to_owned(), true)]
        );
        let areas = "<area><areaDesc>x</areaDesc></area>".repeat(AREAS_MAX + 5);
        let many = DOCUMENT.replace("</info>", &format!("{areas}</info>"));
        assert_eq!(told(&many).len(), 1);
        let (_, info) = DOCUMENT.split_once("  <info>").unwrap();
        let info = format!("<info>{}", info.replace("</alert>", ""));
        let many = DOCUMENT.replace("</alert>", &format!("{}</alert>", info.repeat(INFOS_MAX)));
        assert_eq!(
            told(&many).iter().map(|(code, ..)| *code).collect::<Vec<_>>(),
            ["cap.limit"]
        );
    }

    proptest! {
        #[test]
        fn a_document_that_was_cut_and_changed_is_judged_without_harm(
            cuts in prop::collection::vec((0_usize..2000, 0_usize..40, "[<>/&;\"'a-z0-9 .,:+-]{0,6}"), 0..6)
        ) {
            let mut document: Vec<char> = DOCUMENT.chars().collect();
            for (at, length, new) in cuts {
                let at = at.min(document.len());
                let end = (at + length).min(document.len());
                document.splice(at..end, new.chars());
            }
            let document: String = document.into_iter().collect();
            match read(document.as_bytes()) {
                Ok(read) => prop_assert!(read.warnings.iter().all(|fault| !fault.is_refused)),
                Err(refused) => prop_assert!(refused.faults.iter().any(|fault| fault.is_refused)),
            }
        }

        #[test]
        fn every_rule_of_the_model_is_judged_alike_in_a_document(message in made::message()) {
            let document = super::super::print(&message, &jiff::tz::TimeZone::UTC);
            let read = read(document.as_bytes()).unwrap();
            let of_model = message.faults();
            let told: Vec<_> = read.warnings.iter().filter(|fault| fault.code.starts_with("alert.")).collect();
            prop_assert_eq!(told.len(), of_model.len());
        }
    }
}
