//! The two languages of every answer and how a request says which one it wants. No wording lives here.

use axum::http::{HeaderMap, header};

/// The language an answer is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// From a tag such as `zh-CN`; `None` for a language we do not speak.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.trim().to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// What the request asks for: its `lang` cookie, else its `Accept-Language`.
    pub(crate) fn asked(headers: &HeaderMap) -> Option<Self> {
        cookie(headers, "lang")
            .and_then(Self::from_tag)
            .or_else(|| accepted(headers))
    }

    /// The tag for `lang="…"` and `Content-Language`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The one of the two that fits.
    pub(crate) fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

fn accepted(headers: &HeaderMap) -> Option<Lang> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for part in text.split(',').take(16) {
        let mut pieces = part.split(';');
        let Some(lang) = pieces.next().and_then(Lang::from_tag) else {
            continue;
        };
        let weight = pieces
            .find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok())
            .unwrap_or(1.0);
        if weight > 0.0 && best.is_none_or(|(top, _)| weight > top) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(header::HeaderName, &str)], expected: Option<Lang>) {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().unwrap());
        }
        assert_eq!(Lang::asked(&headers), expected, "{pairs:?}");
    }

    #[test]
    fn the_cookie_wins_then_the_heaviest_language_we_speak() {
        check(&[], None);
        check(&[(header::ACCEPT_LANGUAGE, "fr, de;q=0.9")], None);
        check(
            &[(header::ACCEPT_LANGUAGE, "fr, en;q=0.5, zh-CN;q=0.8")],
            Some(Lang::Zh),
        );
        check(
            &[(header::ACCEPT_LANGUAGE, "en-GB,en;q=0.9,zh;q=0.8")],
            Some(Lang::En),
        );
        check(&[(header::ACCEPT_LANGUAGE, "zh;q=0")], None);
        check(
            &[(header::ACCEPT_LANGUAGE, "en"), (header::COOKIE, "a=b; lang=zh")],
            Some(Lang::Zh),
        );
        check(
            &[
                (header::ACCEPT_LANGUAGE, "en"),
                (header::COOKIE, "lang=xx; slang=zh"),
            ],
            Some(Lang::En),
        );
    }
}
