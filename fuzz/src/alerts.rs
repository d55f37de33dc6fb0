//! Arbitrary bytes as a CAP document or a feed of them: refused with a reason, or kept with what is told of it. What is kept can be
//! printed, and reads back as the same message; nothing unsigned is ever trusted.

use anlan_intake::cap::{self, FAULTS_MAX, Refused};
use anlan_model::alerts::Seal;
use jiff::tz::TimeZone;

const ALERT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a-1</identifier><sender>urn:a</sender>
<sent>2026-07-23T10:15:00+08:00</sent><status>Actual</status><msgType>Update</msgType><scope>Private</scope><addresses>"a b" c</addresses>
<references>urn:a,a-0,2026-07-23T10:00:00+08:00</references><info><language>en</language><category>Met</category><event>x &amp; y</event>
<urgency>Past</urgency><severity>Minor</severity><certainty>Likely</certainty><expires>2026-07-24T10:15:00+08:00</expires>
<parameter><valueName>a</valueName><value>b</value></parameter><resource><resourceDesc>d</resourceDesc><mimeType>a/b</mimeType>
<size>1</size><uri>urn:x</uri></resource><area><areaDesc>d</areaDesc><polygon>1,1 1,2 2,2 1,1</polygon><circle>1,1 2</circle>
<geocode><valueName>a</valueName><value>b</value></geocode><altitude>1</altitude><ceiling>2</ceiling></area></info></alert>"#;

fn refused(refused: &Refused) {
    assert!(refused.faults.len() <= FAULTS_MAX);
    assert!(refused.faults.iter().any(|fault| fault.is_refused));
    assert!(refused.faults.iter().all(|fault| fault.line > 0 && !fault.zh().is_empty()));
}

/// Whether it was an alert or a feed.
pub fn run(data: &[u8]) -> bool {
    let seal = cap::verify(data, &[]);
    assert!(!matches!(seal, Seal::Trusted { .. }), "nobody is trusted");
    if let Ok(feed) = cap::feed(data) {
        for document in feed.entries.iter().flat_map(|entry| &entry.documents) {
            let _ = cap::read(document.as_bytes());
        }
        return true;
    }
    let read = match cap::read(data) {
        Ok(read) => read,
        Err(why) => {
            refused(&why);
            return false;
        }
    };
    assert!(read.warnings.iter().all(|fault| !fault.is_refused));
    let printed = cap::print(&read.message, &TimeZone::UTC);
    let again = cap::read(printed.as_bytes()).expect("it was printed by us");
    let printed_again = cap::print(&again.message, &TimeZone::UTC);
    assert_eq!(printed, printed_again);
    true
}

/// Inputs that come far.
pub fn seeds() -> Vec<Vec<u8>> {
    let old = ALERT.replace("urn:oasis:names:tc:emergency:cap:1.2", "http://www.incident.com/cap/1.0");
    let old = old.replace("<valueName>a</valueName><value>b</value>", "a=b");
    let bare = ALERT.split_once("?>").map_or(ALERT, |(_, rest)| rest);
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>f</id><entry><id>1</id><link href='u' type='application/cap+xml'/>\
         <content>{bare}</content></entry></feed>"
    );
    let rss = "<rss version='2.0'><channel><title>t</title><item><guid>1</guid><link>u</link>\
         <pubDate>Thu, 23 Jul 2026 10:15:00 +0800</pubDate></item></channel></rss>";
    let envelope = format!(
        "<EDXLDistribution xmlns='urn:oasis:names:tc:emergency:EDXL:DE:1.0'><contentObject><xmlContent><embeddedXMLContent>{bare}\
         </embeddedXMLContent></xmlContent></contentObject></EDXLDistribution>"
    );
    let texts = [ALERT.to_owned(), old, atom, rss.to_owned(), envelope];
    texts.map(String::into_bytes).to_vec()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_seed_comes_far() {
        for seed in super::seeds() {
            assert!(super::run(&seed), "{}", String::from_utf8_lossy(&seed));
        }
    }
}
