//! What elements each element of the protocol holds, in which order and how often, in each of its versions: the schemas of CAP 1.0,
//! 1.1 and 1.2 as tables. Decides nothing.

use super::Version::{self, V1_0, V1_1, V1_2};
use anlan_model::alerts::Word;

/// An element as its parent holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) name: &'static str,
    /// Whether there may be several.
    pub(super) is_many: bool,
    /// The versions that demand it.
    must_from: Option<Version>,
    /// The versions that know it, first and last.
    known: (Version, Version),
}

impl Part {
    pub(super) fn is_known(&self, version: Version) -> bool {
        (self.known.0..=self.known.1).contains(&version)
    }

    pub(super) fn is_must(&self, version: Version) -> bool {
        self.must_from.is_some_and(|from| version >= from)
    }

    const fn many(mut self) -> Self {
        self.is_many = true;
        self
    }

    const fn must_from(mut self, version: Version) -> Self {
        self.must_from = Some(version);
        self
    }

    const fn from(mut self, version: Version) -> Self {
        self.known.0 = version;
        self
    }

    const fn until(mut self, version: Version) -> Self {
        self.known.1 = version;
        self
    }
}

const fn may(name: &'static str) -> Part {
    Part {
        name,
        is_many: false,
        must_from: None,
        known: (V1_0, V1_2),
    }
}

const fn must(name: &'static str) -> Part {
    may(name).must_from(V1_0)
}

pub(super) const ALERT: &[Part] = &[
    must("identifier"),
    must("sender"),
    must("sent"),
    must("status"),
    must("msgType"),
    may("password").until(V1_0),
    may("source"),
    may("scope").must_from(V1_1),
    may("restriction"),
    may("addresses"),
    may("code").many(),
    may("note"),
    may("references"),
    may("incidents"),
    may("info").many(),
];

pub(super) const INFO: &[Part] = &[
    may("language"),
    may("category").many().must_from(V1_1),
    must("event"),
    may("responseType").many().from(V1_1),
    must("urgency"),
    must("severity"),
    must("certainty"),
    may("audience"),
    may("eventCode").many(),
    may("effective"),
    may("onset"),
    may("expires"),
    may("senderName"),
    may("headline"),
    may("description"),
    may("instruction"),
    may("web"),
    may("contact"),
    may("parameter").many(),
    may("resource").many(),
    may("area").many(),
];

pub(super) const RESOURCE: &[Part] = &[
    must("resourceDesc"),
    may("mimeType").must_from(V1_2),
    may("size"),
    may("uri"),
    may("derefUri").from(V1_1),
    may("digest"),
];

pub(super) const AREA: &[Part] = &[
    must("areaDesc"),
    may("polygon").many(),
    may("circle").many(),
    may("geocode").many(),
    may("altitude"),
    may("ceiling"),
];

pub(super) const NAMED_VALUE: &[Part] = &[must("valueName"), must("value")];

/// Words of the newest version's lists that an older one does not have.
pub(super) fn is_word_of(version: Version, element: &str, word: &str) -> bool {
    let since = match (element, word) {
        ("responseType", "Avoid" | "AllClear") => V1_2,
        ("status", "Draft") | ("category", "CBRNE") | ("certainty", "Observed") => V1_1,
        _ => V1_0,
    };
    version >= since
}

/// The word of a list as a version writes it. What 1.0 calls very likely is likely, as 1.1 says (its section 3.2.2).
pub(super) fn word<W: Word>(version: Version, element: &str, text: &str) -> Option<W> {
    let text = match (version, element, text) {
        (V1_0, "certainty", "Very Likely") => "Likely",
        _ => text,
    };
    W::of_word(text).filter(|_| is_word_of(version, element, text))
}
