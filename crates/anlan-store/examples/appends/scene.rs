//! A store in a folder, with its writer on a thread, some cases, and looks at them.

use anlan_model::accesses::{Access, Purpose};
use anlan_model::cases::{Clocks, Phase};
use anlan_model::classes::Priority;
use anlan_model::events::{Opened, Stamp};
use anlan_model::ids::{AccountId, CaseId, OfficeId};
use anlan_model::incoming::Channel;
use anlan_model::places::{Place, Point};
use anlan_store::cases::{self, NewCase};
use anlan_store::reports::{Facts, NewReport};
use anlan_store::{Error, Store, StoreConfig, Tx};
use anlan_tlog::notes::Signer;
use jiff::Timestamp;
use rustix::time::ClockId;
use std::collections::BTreeMap;
use std::path::Path;
use std::thread::JoinHandle;
use std::time::Duration;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Cases that are looked at.
pub(crate) const CASES: i64 = 500;
const NAME: &str = "county.example/log";

pub(crate) struct Scene {
    pub(crate) store: Store,
    threads: Vec<JoinHandle<()>>,
}

impl Scene {
    /// As the program opens it.
    pub(crate) fn new(folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder)?;
        let config = StoreConfig {
            path: folder.join("anlan.db"),
            readers: 4,
            cache_mib: 24,
            master_key: [7; 32],
            pseudonym_key: [8; 32],
        };
        let (store, mut writer) = Store::open(&config)?;
        let home = writer.checkpointer()?;
        let threads = vec![
            std::thread::spawn(move || writer.run()),
            std::thread::spawn(move || home.run()),
        ];
        store.write(|tx| (0..CASES).try_for_each(|number| open(tx, number).map(drop)))?;
        Ok(Self { store, threads })
    }

    pub(crate) fn end(self) {
        self.store.close();
        for thread in self.threads {
            // A writer that broke off has failed the measuring already.
            let _ = thread.join();
        }
    }
}

pub(crate) fn signer() -> Result<Signer, Failure> {
    Ok(Signer::new(NAME.parse()?, &[3; 32]))
}

pub(crate) fn at(number: i64) -> Timestamp {
    Timestamp::from_millisecond(1_780_000_000_000 + number).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A look at a case: what a click on the queue notes.
pub(crate) fn look(number: i64) -> Access {
    Access {
        at: at(number),
        actor: Some(AccountId(1 + number % 40)),
        post: None,
        office: None,
        action: "case.read".to_owned(),
        resource: "case".to_owned(),
        // Steps that meet every case.
        resource_id: CaseId(1 + number * 7 % CASES).to_string(),
        purpose: Purpose::Case,
        allowed: true,
        count: 1,
    }
}

/// A case as a resident's form opens it, after routing.
pub(crate) fn open(tx: &mut Tx<'_>, number: i64) -> Result<CaseId, Error> {
    let description = "East gate, three lamps are dark 东门三盏灯不亮，晚上看不清路";
    let (at, facts) = (at(number), BTreeMap::new());
    let stamp = Stamp {
        at,
        by: None,
        post: None,
    };
    let beginning = cases::Beginning::new(opened(at), description, stamp)?;
    let report = NewReport {
        channel: Channel::Web,
        source: "web",
        external_id: None,
        description,
        reported_at: at,
        received_at: at,
        facts: &Facts::new(&facts)?,
        contact: None,
        track: None,
    };
    let beginning = &beginning;
    let (case, _) = cases::open(tx, NewCase { beginning, report })?;
    Ok(case.id)
}

fn opened(at: Timestamp) -> Opened {
    let point = Point {
        lon: 113.2,
        lat: 27.9,
    };
    Opened {
        class: Some("c01001".into()),
        title: "路灯不亮".to_owned(),
        channel: Channel::Web,
        source: "web".to_owned(),
        state: "file".into(),
        phase: Phase::Open,
        priority: Priority::P3,
        place: Place {
            point: Some(point),
            division: Some("110101001".to_owned()),
            ..Place::default()
        },
        office: Some(OfficeId(1)),
        route: None,
        opened_at: at,
        clocks: Clocks {
            due_at: Some(at),
            ..Clocks::default()
        },
        closing: None,
        about_office: None,
        split_from: None,
        reports: 1,
        is_marked_duplicate: false,
        source_on_time: None,
    }
}

/// The time that `share` of them do not exceed, in ms.
pub(crate) fn quantile(times: &[Duration], share: f64) -> f64 {
    let mut all: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1000.0).collect();
    at_share(&mut all, share)
}

/// The one below which that share of them lies.
pub(crate) fn at_share(all: &mut [f64], share: f64) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of measurements"
    )]
    let place = (all.len().saturating_sub(1) as f64 * share).ceil() as usize;
    all.get(place).copied().unwrap_or(f64::NAN)
}

/// Seconds of CPU of this process so far, also of threads that have ended.
pub(crate) fn cpu_time() -> f64 {
    let time = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default().as_secs_f64()
}
