//! How much of the costly things one address or one account may ask for: token buckets in memory, of a bounded number.
//! Whoever is within the limits notices nothing; what is beyond is answered 429 with the time to wait.

use crate::open311;
use crate::problems::Failure;
use crate::public::too_many;
use crate::sessions;
use crate::state::Web;
use anlan_app::Error;
use anlan_model::ids::{AccountId, KeyId};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Buckets kept at once. One takes some forty bytes; when all are in use, newcomers share one.
const BUCKETS_MAX: usize = 65_536;

/// What looks through many cases.
const SEARCHES: [(&str, &str); 9] = [
    ("GET", "/api/cases"),
    ("GET", "/api/counts"),
    ("GET", "/api/map"),
    ("GET", "/api/map/heat"),
    ("GET", "/api/cases/{id}/duplicates"),
    ("GET", "/api/alerts/{id}/cases"),
    ("GET", "/api/warnings/{id}/cases"),
    ("POST", "/api/rules/try"),
    ("POST", "/api/reports/likely"),
];

/// Where somebody signs in, or takes a further step of it.
const SIGN_INS: [&str; 10] = [
    "/api/session",
    "/api/session/code",
    "/api/session/enrolment/passkey",
    "/api/session/enrolment/passkey/asked",
    "/api/session/enrolment/totp",
    "/api/session/passkey",
    "/api/session/passkey/asked",
    "/api/session/password",
    "/api/session/provider",
    "/api/session/provider/answer",
];

/// Where what is public is asked for.
const PUBLIC: &str = "/open311/";

/// Where a portal shows a tracking code.
const PORTAL: &str = "/data-tracker/findUsage";

/// So many at once, and so many more per minute; `per_minute` 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a quiet time.
    pub burst: u32,
    /// For as long as it goes on.
    pub per_minute: u32,
}

/// The limits, by what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Steps of signing in, per address.
    pub sign_in: Rate,
    /// Residents' reports, per address.
    pub report: Rate,
    /// Wrong tracking codes, per address; a right one always gets through.
    pub wrong_code: Rate,
    /// Lists, searches, counts and maps of cases, per account.
    pub search: Rate,
    /// What is public of cases, per address.
    pub publication: Rate,
    /// Everything that a machine asks, per key.
    pub key: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |burst, per_minute| Rate { burst, per_minute };
        Self {
            sign_in: rate(120, 60),
            report: rate(300, 120),
            wrong_code: rate(60, 30),
            search: rate(600, 600),
            publication: rate(300, 300),
            key: rate(600, 1200),
        }
    }
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    SignIn,
    Report,
    WrongCode,
    Search,
    Publication,
    Key,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// What is left, in thousandths.
    left: u64,
    at: Timestamp,
}

/// The buckets. Forgotten on restart.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    rates: Rates,
    keys: RandomState,
    buckets: Mutex<HashMap<u64, Bucket>>,
}

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            rates,
            ..Self::default()
        }
    }

    fn rate(&self, kind: Kind) -> Rate {
        match kind {
            Kind::SignIn => self.rates.sign_in,
            Kind::Report => self.rates.report,
            Kind::WrongCode => self.rates.wrong_code,
            Kind::Search => self.rates.search,
            Kind::Publication => self.rates.publication,
            Kind::Key => self.rates.key,
        }
    }

    /// Takes one; otherwise the seconds until there is one again.
    fn take(&self, kind: Kind, whose: impl Hash, now: Timestamp) -> Result<(), u32> {
        let rate = self.rate(kind);
        if rate.per_minute == 0 {
            return Ok(());
        }
        let full = u64::from(rate.burst) * 1000;
        let key = self.keys.hash_one((kind, whose));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = if buckets.len() < BUCKETS_MAX || buckets.contains_key(&key) {
            key
        } else {
            self.make_room(&mut buckets, now);
            // Room was made, or too many come at once to be told apart: those share one bucket of their kind.
            if buckets.len() < BUCKETS_MAX {
                key
            } else {
                self.keys.hash_one(kind)
            }
        };
        let bucket = buckets.entry(key).or_insert(Bucket { left: full, at: now });
        let passed = u64::try_from(now.duration_since(bucket.at).as_millis()).unwrap_or(0);
        // Per minute and milliseconds: a sixtieth of a thousandth each.
        let gained = passed.saturating_mul(u64::from(rate.per_minute)) / 60;
        if gained > 0 {
            bucket.left = bucket.left.saturating_add(gained).min(full);
            bucket.at = now;
        }
        if let Some(left) = bucket.left.checked_sub(1000) {
            bucket.left = left;
            return Ok(());
        }
        let wait_ms = (1000 - bucket.left) * 60 / u64::from(rate.per_minute);
        Err(u32::try_from(wait_ms / 1000 + 1).unwrap_or(u32::MAX))
    }

    /// Drops buckets that would be full by now: nobody notices.
    fn make_room(&self, buckets: &mut HashMap<u64, Bucket>, now: Timestamp) {
        let rates = [
            Kind::SignIn,
            Kind::Report,
            Kind::WrongCode,
            Kind::Search,
            Kind::Publication,
            Kind::Key,
        ]
        .map(|kind| self.rate(kind));
        let slowest = rates
            .iter()
            .filter(|rate| rate.per_minute > 0)
            .map(|rate| u64::from(rate.burst) * 60_000 / u64::from(rate.per_minute))
            .max()
            .unwrap_or(0);
        buckets.retain(|_, bucket| {
            let idle = u64::try_from(now.duration_since(bucket.at).as_millis()).unwrap_or(0);
            idle < slowest
        });
    }

    /// Counts a request against the key it came with.
    pub(crate) fn of_key(&self, key: KeyId, now: Timestamp) -> Result<(), Failure> {
        self.take(Kind::Key, key.0, now)
            .map_err(|retry_after_s| Failure::from(Error::TooMany { retry_after_s }))
    }

    /// Counts a form that shows no key before its body against the address it comes from: until it is read, nobody knows whose
    /// it is, and what it holds lies in memory.
    pub(crate) fn of_stranger(&self, address: &str, now: Timestamp) -> Result<(), Failure> {
        if is_own(address) {
            return Ok(());
        }
        self.take(Kind::Publication, network(address), now)
            .map_err(|retry_after_s| Failure::from(Error::TooMany { retry_after_s }))
    }

    /// Counts a look through many cases against its account.
    pub(crate) fn of_account(
        &self,
        account: AccountId,
        method: &Method,
        path: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if !SEARCHES.contains(&(method.as_str(), path)) {
            return Ok(());
        }
        self.take(Kind::Search, account.0, now)
            .map_err(|retry_after_s| Failure::from(Error::TooMany { retry_after_s }))
    }
}

/// The machine itself: who is there has no need of a door.
fn is_own(address: &str) -> bool {
    address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// An address, or as much of it as one subscriber has: of IPv6 the first half.
fn network(address: &str) -> String {
    let Ok(IpAddr::V6(whole)) = address.parse() else {
        return address.to_owned();
    };
    if let Some(mapped) = whole.to_ipv4_mapped() {
        return mapped.to_string();
    }
    let [a, b, c, d, ..] = whole.segments();
    format!("{a:x}:{b:x}:{c:x}:{d:x}")
}

/// Holds addresses to their limits.
pub(crate) async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let path = path.unwrap_or_default();
    let kind = match (request.method().as_str(), path.as_str()) {
        ("POST", path) if SIGN_INS.contains(&path) => Kind::SignIn,
        ("POST", "/report") | ("GET", "/report/near") => Kind::Report,
        ("GET", path) if path.starts_with(PUBLIC) => Kind::Publication,
        _ if path.starts_with("/t/{code}") || path == PORTAL => Kind::WrongCode,
        _ => return next.run(request).await,
    };
    let (parts, body) = request.into_parts();
    let address = sessions::address(&parts, &web.config);
    if is_own(&address) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let now = web.app.clock.now();
    let refused = |wait| {
        let failure = Failure::from(Error::TooMany { retry_after_s: wait });
        match kind {
            Kind::Publication => open311::refusal(&parts, &failure),
            Kind::SignIn => failure.into_response(),
            _ if path == PORTAL => failure.into_response(),
            _ => too_many(&web, &parts, wait),
        }
    };
    if kind != Kind::WrongCode
        && let Err(wait) = web.limits.take(kind, network(&address), now)
    {
        return refused(wait);
    }
    let answer = next.run(Request::from_parts(parts.clone(), body)).await;
    if kind == Kind::WrongCode
        && answer.status() == StatusCode::NOT_FOUND
        && let Err(wait) = web.limits.take(kind, network(&address), now)
    {
        return refused(wait);
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn limits(burst: u32, per_minute: u32) -> Limits {
        let rate = Rate { burst, per_minute };
        Limits::new(Rates {
            report: rate,
            wrong_code: rate,
            ..Rates::default()
        })
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_burst_passes_then_so_many_a_minute() {
        let limits = limits(3, 60);
        for _ in 0..3 {
            limits.take(Kind::Report, "a", at(0)).unwrap();
        }
        assert_eq!(limits.take(Kind::Report, "a", at(0)), Err(2));
        assert_eq!(limits.take(Kind::Report, "a", at(900)), Err(1));
        limits.take(Kind::Report, "a", at(1000)).unwrap();
        assert!(limits.take(Kind::Report, "a", at(1000)).is_err());
        limits.take(Kind::Report, "b", at(1000)).unwrap();
        limits.take(Kind::WrongCode, "a", at(1000)).unwrap();
        let later = at(1000) + SignedDuration::from_hours(5);
        for _ in 0..3 {
            limits.take(Kind::Report, "a", later).unwrap();
        }
        assert!(
            limits.take(Kind::Report, "a", later).is_err(),
            "never more than a burst"
        );
    }

    #[test]
    fn many_quick_questions_still_gain_what_time_gives() {
        let limits = limits(1, 1);
        limits.take(Kind::Report, "a", at(0)).unwrap();
        let passed = (1..=60_000).filter(|ms| limits.take(Kind::Report, "a", at(*ms)).is_ok());
        assert_eq!(passed.count(), 1);
    }

    #[test]
    fn memory_is_bounded_and_newcomers_share_when_it_is_full() {
        let limits = limits(2, 1);
        for address in 0..BUCKETS_MAX {
            limits.take(Kind::Report, address, at(0)).unwrap();
        }
        let passed = (0..100).filter(|new| limits.take(Kind::Report, ("new", new), at(1)).is_ok());
        let passed = passed.count();
        let kept = limits.buckets.lock().unwrap().len();
        assert!(passed <= 2 && kept <= BUCKETS_MAX + 4, "{passed} {kept}");
        limits.take(Kind::Report, 0_usize, at(1)).unwrap();
        let later = at(0) + SignedDuration::from_hours(1);
        limits.take(Kind::Report, "newest", later).unwrap();
        assert_eq!(
            limits.buckets.lock().unwrap().len(),
            1,
            "what nobody needs is forgotten"
        );
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one() {
        assert_eq!(network("2001:db8:1:2:3::9"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
