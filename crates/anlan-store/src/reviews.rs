//! The access review: how far the log has been read, accounts' days in figures, looks that nothing explained, and the
//! reviews with the events they are folded from. What explains a look is not known here.

use crate::Page;
use crate::body;
use crate::cursor::Cursor;
use crate::error::Error;
use crate::tx::{Row, Tx, Value};
use anlan_model::accesses::Access;
use anlan_model::events::Stamp;
use anlan_model::ids::{AccountId, CaseId, ReviewId};
use anlan_model::reviews::{AccountDay, DayFinding, LooseLook, Mandate, Review, ReviewEvent, ReviewState};
use jiff::Timestamp;
use jiff::civil::Date;

const CURSOR: u8 = 10;
const PAGE_MAX: usize = 500;
const DAY_0: Date = Date::constant(1970, 1, 1);

/// A day of the log that has been examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which day.
    pub day: Date,
    /// Number of its first row.
    pub first: i64,
    /// Number of its last row.
    pub last: i64,
}

/// Which reviews are asked for; empty or `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// In one of these states.
    pub states: Vec<ReviewState>,
    /// Of that account.
    pub account: Option<AccountId>,
}

/// An event of a review as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptEvent {
    /// Who and when.
    pub stamp: Stamp,
    /// What happened.
    pub event: ReviewEvent,
}

fn number(day: Date) -> i64 {
    DAY_0.until(day).map_or(0, |span| i64::from(span.get_days()))
}

fn date(number: i64) -> Date {
    let span = i32::try_from(number).unwrap_or(0);
    jiff::Span::new()
        .try_days(span)
        .and_then(|span| DAY_0.checked_add(span))
        .unwrap_or(DAY_0)
}

/// The last day that has been examined.
pub fn progress(tx: &mut Tx<'_>) -> Result<Option<Progress>, Error> {
    let sql = "SELECT day, first_seq, last_seq FROM review_progress ORDER BY day DESC LIMIT 1";
    tx.query_one(sql, &[], progressed)
}

/// What of the log was examined as that day.
pub fn progress_of(tx: &mut Tx<'_>, day: Date) -> Result<Option<Progress>, Error> {
    let sql = "SELECT day, first_seq, last_seq FROM review_progress WHERE day = ?1";
    tx.query_one(sql, &[Value::Int(number(day))], progressed)
}

fn progressed(row: &Row<'_>) -> Result<Progress, Error> {
    Ok(Progress {
        day: date(row.int(0)?),
        first: row.int(1)?,
        last: row.int(2)?,
    })
}

/// The first row of somebody's after that number: its number and time. Rows that a clock that went wrong put later than
/// `now` are passed over: the others do not wait for their time to come.
pub fn next_row(tx: &mut Tx<'_>, after: i64, now: Timestamp) -> Result<Option<(i64, Timestamp)>, Error> {
    let sql =
        "SELECT seq, at FROM accesses WHERE seq > ?1 AND actor IS NOT NULL AND at <= ?2 ORDER BY seq LIMIT 1";
    tx.query_one(sql, &[after.into(), now.into()], |row| {
        Ok((row.int(0)?, row.time(1)?))
    })
}

/// The first row of somebody's after that number that was written from `at` up to `now`; `None` while there is none.
pub fn row_from(tx: &mut Tx<'_>, after: i64, at: Timestamp, now: Timestamp) -> Result<Option<i64>, Error> {
    let sql = "SELECT seq FROM accesses WHERE seq > ?1 AND actor IS NOT NULL AND at >= ?2 AND at <= ?3
        ORDER BY seq LIMIT 1";
    tx.query_one(sql, &[after.into(), at.into(), now.into()], |row| row.int(0))
}

/// The number of the newest row of the log; 0 if it has none.
pub fn newest(tx: &mut Tx<'_>) -> Result<i64, Error> {
    let sql = "SELECT coalesce(max(seq), 0) FROM accesses";
    Ok(tx.query_one(sql, &[], |row| row.int(0))?.unwrap_or(0))
}

/// Rows of accounts with their numbers, after `after` up to `last`, of one account if it is named. Rows of residents and of
/// the program itself are left out.
pub fn rows(
    tx: &mut Tx<'_>,
    (after, last): (i64, i64),
    account: Option<AccountId>,
) -> Result<Vec<(i64, Access)>, Error> {
    let sql = "SELECT seq, at, actor, action, resource, resource_id, purpose, allowed, count, post, office FROM accesses
        WHERE seq > ?1 AND seq <= ?2 AND actor IS NOT NULL AND (?3 IS NULL OR actor = ?3) ORDER BY seq";
    let params = [after.into(), last.into(), account.into()];
    tx.query(sql, &params, |row| Ok((row.int(0)?, crate::accesses::read(row)?)))
}

/// The number of the last row before `seq` that is older than `at`: where the hours before a day begin.
pub fn row_before(tx: &mut Tx<'_>, seq: i64, at: Timestamp) -> Result<i64, Error> {
    let sql = "SELECT seq FROM accesses WHERE seq < ?1 AND at < ?2 ORDER BY seq DESC LIMIT 1";
    Ok(tx
        .query_one(sql, &[seq.into(), at.into()], |row| row.int(0))?
        .unwrap_or(0))
}

/// Forgets where a case lies: it goes with the case's exact place.
pub(crate) fn erase_spots(tx: &mut Tx<'_>, case: CaseId) -> Result<(), Error> {
    tx.exec(
        "UPDATE review_looks SET spot = 'null' WHERE case_id = ?1",
        &[case.into()],
    )?;
    Ok(())
}

/// Keeps what was found of a day: how far the log was read, the accounts' figures, and the looks without a tie.
pub fn keep_day(
    tx: &mut Tx<'_>,
    progress: &Progress,
    figures: &[(AccountId, AccountDay)],
    looks: &[LooseLook],
) -> Result<(), Error> {
    let sql = "INSERT INTO review_progress (day, first_seq, last_seq) VALUES (?1, ?2, ?3)";
    let day = Value::Int(number(progress.day));
    tx.exec(sql, &[day, progress.first.into(), progress.last.into()])?;
    for (account, figures) in figures {
        let body = body::write(figures)?;
        let sql = "INSERT INTO review_days (day, account, body) VALUES (?1, ?2, ?3)";
        tx.exec(sql, &[day, (*account).into(), (&body).into()])?;
    }
    for look in looks {
        let spot = body::write(&look.spot)?;
        let sql = "INSERT INTO review_looks (seq, at, account, case_id, spot, is_explained)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let params = [
            look.seq.into(),
            look.at.into(),
            look.account.into(),
            look.case.into(),
            (&spot).into(),
            look.is_explained.into(),
        ];
        tx.exec(sql, &params)?;
    }
    Ok(())
}

/// Forgets figures and looks from before that day and time. Reviews and their events stay.
pub fn forget(tx: &mut Tx<'_>, day: Date, at: Timestamp) -> Result<(), Error> {
    let before = Value::Int(number(day));
    tx.exec("DELETE FROM review_days WHERE day < ?1", &[before])?;
    tx.exec("DELETE FROM review_looks WHERE at < ?1", &[at.into()])?;
    Ok(())
}

/// Accounts' figures of the days from `from` to `to`, both included, oldest first; of one account if it is named.
pub fn days(
    tx: &mut Tx<'_>,
    (from, to): (Date, Date),
    account: Option<AccountId>,
) -> Result<Vec<(Date, AccountId, AccountDay)>, Error> {
    let sql = "SELECT day, account, body FROM review_days
        WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR account = ?3) ORDER BY day, account";
    let params = [Value::Int(number(from)), Value::Int(number(to)), account.into()];
    tx.query(sql, &params, |row| {
        Ok((date(row.int(0)?), AccountId(row.int(1)?), row.json(2)?))
    })
}

/// Looks without a tie of the person to the case, from that time on and before that number, oldest first.
pub fn looks(tx: &mut Tx<'_>, from: Timestamp, before: i64) -> Result<Vec<LooseLook>, Error> {
    let sql = "SELECT seq, at, account, case_id, spot, is_explained FROM review_looks WHERE at >= ?1 AND seq < ?2 ORDER BY at, seq";
    tx.query(sql, &[from.into(), before.into()], |row| {
        Ok(LooseLook {
            seq: row.int(0)?,
            at: row.time(1)?,
            account: AccountId(row.int(2)?),
            case: CaseId(row.int(3)?),
            spot: row.json(4)?,
            is_explained: row.flag(5)?,
        })
    })
}

/// Brings a finding into the queue.
pub fn raise(tx: &mut Tx<'_>, finding: &DayFinding, stamp: &Stamp) -> Result<Review, Error> {
    let next = "SELECT coalesce(max(id), 0) + 1 FROM reviews";
    let id = ReviewId(tx.query_one(next, &[], |row| row.int(0))?.unwrap_or(1));
    let event = ReviewEvent::Raised {
        finding: Box::new(finding.clone()),
    };
    let review = event
        .apply(id, None, stamp)
        .ok_or_else(|| Error::Invalid("a review needs a beginning".to_owned()))?;
    let body = body::write(&review)?;
    let sql = "INSERT INTO reviews (id, version, state, account, day, points, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    #[expect(clippy::cast_possible_truncation, reason = "scores are small")]
    let points = (finding.score * 1000.0).round() as i64;
    let params = [
        id.into(),
        review.version.into(),
        review.state.word().into(),
        finding.account.into(),
        Value::Int(number(finding.day)),
        points.into(),
        (&body).into(),
    ];
    tx.exec(sql, &params)?;
    append(tx, id, &event, stamp)?;
    Ok(review)
}

/// Applies an event to the review as it was read, and keeps both. `Error::Conflict` if somebody else was faster.
pub fn record(tx: &mut Tx<'_>, review: &Review, event: &ReviewEvent, stamp: &Stamp) -> Result<Review, Error> {
    let now = event
        .apply(review.id, Some(review.clone()), stamp)
        .ok_or_else(|| Error::Invalid(format!("{} needs a review", event.kind())))?;
    let body = body::write(&now)?;
    let sql = "UPDATE reviews SET version = ?2, state = ?3, body = ?4 WHERE id = ?1 AND version = ?5";
    let params = [
        now.id.into(),
        now.version.into(),
        now.state.word().into(),
        (&body).into(),
        review.version.into(),
    ];
    if tx.exec(sql, &params)? != 1 {
        return Err(match find(tx, review.id)? {
            Some(_) => Error::Conflict,
            None => Error::missing("review", review.id),
        });
    }
    append(tx, review.id, event, stamp)?;
    Ok(now)
}

fn append(tx: &mut Tx<'_>, id: ReviewId, event: &ReviewEvent, stamp: &Stamp) -> Result<(), Error> {
    let body = body::write(&(stamp.at, event))?;
    let sql = "INSERT INTO review_events (review, at, by, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    let params = [
        id.into(),
        stamp.at.into(),
        stamp.by.into(),
        event.kind().into(),
        (&body).into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// The review, if there is one.
pub fn find(tx: &mut Tx<'_>, id: ReviewId) -> Result<Option<Review>, Error> {
    tx.query_one("SELECT body FROM reviews WHERE id = ?1", &[id.into()], |row| {
        row.json(0)
    })
}

/// Everything that happened to a review, in order.
pub fn events(tx: &mut Tx<'_>, id: ReviewId) -> Result<Vec<KeptEvent>, Error> {
    let sql = "SELECT by, body FROM review_events WHERE review = ?1 ORDER BY seq";
    tx.query(sql, &[id.into()], |row| {
        let (at, event) = row.json(1)?;
        let by = row.find_int(0)?.map(AccountId);
        Ok(KeptEvent {
            stamp: Stamp { at, by, post: None },
            event,
        })
    })
}

/// The review folded anew from its events, for checking what is stored.
pub fn replay(tx: &mut Tx<'_>, id: ReviewId) -> Result<Option<Review>, Error> {
    let kept = events(tx, id)?;
    Ok(kept
        .iter()
        .fold(None, |review, kept| kept.event.apply(id, review, &kept.stamp)))
}

/// How many stand in that state.
pub fn count(tx: &mut Tx<'_>, state: ReviewState) -> Result<u32, Error> {
    let sql = "SELECT count(*) FROM reviews WHERE state = ?1";
    let all = tx.query_one(sql, &[state.word().into()], |row| row.int(0))?;
    Ok(u32::try_from(all.unwrap_or(0)).unwrap_or(u32::MAX))
}

/// Reviews, most points first; of those with as many, the older first.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &ReviewFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<Review>, Error> {
    let limit = limit.clamp(1, PAGE_MAX);
    let [points, id] = after
        .map(|cursor| cursor.keys::<2>(CURSOR))
        .transpose()?
        .unwrap_or([i64::MAX, 0]);
    let states = body::any_of(filter.states.iter().map(|state| state.word()));
    let sql = "SELECT points, id, body FROM reviews WHERE (points < ?1 OR (points = ?1 AND id > ?2))
        AND (?3 = '' OR instr(?3, ',' || state || ',') > 0) AND (?4 IS NULL OR account = ?4)
        ORDER BY points DESC, id LIMIT ?5";
    let params = [
        points.into(),
        id.into(),
        (&states).into(),
        filter.account.into(),
        Value::Int(i64::try_from(limit + 1).unwrap_or(i64::MAX)),
    ];
    let found = tx.query(sql, &params, |row| Ok(([row.int(0)?, row.int(1)?], row.json(2)?)))?;
    Ok(Page::cut(CURSOR, found, limit))
}

/// Notes a written order.
pub fn order(tx: &mut Tx<'_>, mandate: &Mandate, stamp: &Stamp) -> Result<(), Error> {
    let sql = "INSERT INTO review_mandates (account, from_at, until_at, body, at, by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let body = body::write(mandate)?;
    let params = [
        mandate.account.into(),
        mandate.from.into(),
        mandate.until.into(),
        (&body).into(),
        stamp.at.into(),
        stamp.by.into(),
    ];
    tx.exec(sql, &params)?;
    Ok(())
}

/// Orders in force at some time of that stretch.
pub fn mandates(tx: &mut Tx<'_>, from: Timestamp, until: Timestamp) -> Result<Vec<Mandate>, Error> {
    let sql = "SELECT body FROM review_mandates WHERE from_at < ?2 AND until_at > ?1 ORDER BY id";
    tx.query(sql, &[from.into(), until.into()], |row| row.json(0))
}
