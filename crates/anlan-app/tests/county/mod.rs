//! A county of four cells for tests: two streets, a centre, three offices, and an account for each role.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "test helpers stop the test where they fail"
)]

use anlan_app::jurisdictions::{NodeSettings, documents};
use anlan_app::{App, Caller, accounts, reference};
use anlan_model::accounts::{Account, Role};
use anlan_model::classes::{Class, ClassKind, ClosingDemand, Priority};
use anlan_model::clock::SetClock;
use anlan_model::ids::{AccountId, CaseId, ClassCode, MoveCode, OfficeId};
use anlan_model::incoming::{Channel, Incoming};
use anlan_model::offices::OfficeKind;
use anlan_model::places::GivenPoint;
use anlan_model::procedures::MoveRequest;
use anlan_policy::Policy;
use anlan_store::cells::NewCell;
use anlan_store::offices::NewOffice;
use anlan_store::{Store, StoreConfig};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) struct County {
    pub(crate) app: App,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) offices: BTreeMap<String, OfficeId>,
    _folder: tempfile::TempDir,
}

const PASSWORD: &str = "a long pass phrase";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn cell(code: &str, division: &str, west: f64) -> NewCell {
    let (east, south, north) = (west + 0.01, 27.0, 27.01);
    NewCell {
        code: code.into(),
        name_zh: format!("{code} 格"),
        name_en: format!("cell {code}"),
        division: division.into(),
        population: Some(800),
        geometry: format!(
            r#"{{"type":"Polygon","coordinates":[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}"#
        ),
    }
}

fn office(code: &str, kind: OfficeKind, division: &str) -> NewOffice {
    NewOffice {
        code: code.into(),
        name_zh: format!("{code} 单位"),
        name_en: format!("office {code}"),
        kind,
        parent: None,
        division: division.into(),
        is_active: true,
    }
}

fn class(code: &str, closing: ClosingDemand) -> Class {
    Class {
        code: ClassCode::from(code),
        kind: ClassKind::Matter,
        table: "test".into(),
        group_zh: "市容".into(),
        group_en: "Street".into(),
        name_zh: format!("类别 {code}"),
        name_en: format!("class {code}"),
        priority: Priority::P2,
        closing,
        is_active: true,
        duplicate_radius_m: 100,
    }
}

const RULES: &str = r#"{"version":0,"fallback":"centre","rules":[
  {"name":"gas","keywords":["燃气","gas"],"office":"water"},
  {"name":"garbage","classes":["m06010"],"office":"street-of-place"},
  {"name":"water","classes":["m01002"],"office":"water"}
]}"#;

impl County {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::at(at("2026-03-10T02:00:00Z")));
        let config = StoreConfig {
            path: folder.path().join("anlan.db"),
            readers: 2,
            cache_mib: 8,
            master_key: [7; 32],
            pseudonym_key: [8; 32],
        };
        let (store, writer) = Store::open(&config).unwrap();
        std::thread::spawn(move || writer.run());
        let shared: Arc<dyn anlan_model::clock::Clock> = Arc::<SetClock>::clone(&clock);
        let app = App::new(store, Policy::shipped().unwrap(), shared, [9; 32]).unwrap();
        let offices = Self::furnish(&app);
        Self {
            app,
            clock,
            offices,
            _folder: folder,
        }
    }

    fn furnish(app: &App) -> BTreeMap<String, OfficeId> {
        let system = Caller::system();
        let new = vec![
            office("centre", OfficeKind::Centre, ""),
            office("water", OfficeKind::Department, ""),
            office("street-1", OfficeKind::Street, "990101001"),
            office("street-2", OfficeKind::Street, "990101002"),
        ];
        let codes: Vec<String> = new.iter().map(|office| office.code.clone()).collect();
        let ids = reference::put_offices(app, &system, new).unwrap();
        let cells = vec![
            cell("990101001001001", "990101001001", 113.00),
            cell("990101001001002", "990101001001", 113.01),
            cell("990101002001001", "990101002001", 113.02),
            cell("990101002001002", "990101002001", 113.03),
        ];
        reference::put_cells(app, &system, "gbt47678.3", cells, Vec::new()).unwrap();
        let with_photo = ClosingDemand {
            photo: true,
            ..ClosingDemand::default()
        };
        let classes = vec![
            class("m06010", with_photo),
            class("m01002", ClosingDemand::default()),
        ];
        reference::put_classes(app, &system, classes).unwrap();
        let node = NodeSettings {
            centre_office: "centre".into(),
            ..NodeSettings::default()
        };
        reference::put_document(
            app,
            &system,
            documents::NODE,
            serde_json::to_string(&node).unwrap(),
        )
        .unwrap();
        reference::put_document(app, &system, documents::RULES, RULES.into()).unwrap();
        codes.into_iter().zip(ids).collect()
    }

    /// An account with this role at this office, and the caller it signs in as.
    pub(crate) fn caller(&self, role: Role, office: &str) -> Caller {
        let name = format!("{role:?}-{office}").to_lowercase();
        let known = self
            .app
            .store
            .read(|tx| anlan_store::accounts::find_by_name(tx, &name));
        if let Ok::<_, anlan_store::Error>(Some((account, _))) = known {
            return Caller::of(&account, "api");
        }
        let division = if role == Role::Worker { "990101001" } else { "" };
        let account = Account {
            id: AccountId(0),
            name,
            display_name: format!("{role:?} at {office}"),
            roles: vec![role],
            office: self.offices.get(office).copied(),
            division: division.into(),
            is_active: true,
        };
        let made = accounts::create(&self.app, &Caller::system(), account, PASSWORD).unwrap();
        Caller::of(&made, "api")
    }

    pub(crate) fn report(&self, class: &str, lon: f64, text: &str) -> Incoming {
        Incoming {
            channel: Channel::Web,
            source: "web".into(),
            external_id: None,
            class: Some(ClassCode::from(class)),
            title: String::new(),
            description: text.into(),
            address: Some("河滨路 12 号".into()),
            point: Some(GivenPoint {
                lon,
                lat: 27.005,
                datum: anlan_model::places::Datum::Wgs84,
                error_m: Some(15.0),
            }),
            reported_at: anlan_model::clock::Clock::now(self.clock.as_ref()),
            contact: None,
            history: None,
            is_duplicate: false,
            is_default_point: false,
            facts: BTreeMap::new(),
        }
    }

    pub(crate) fn take(&self, incoming: Incoming) -> anlan_app::reports::Taken {
        anlan_app::reports::take(&self.app, &Caller::resident(), incoming, None).unwrap()
    }

    pub(crate) fn version(&self, id: CaseId) -> u32 {
        self.case(id).version
    }

    pub(crate) fn case(&self, id: CaseId) -> anlan_model::cases::Case {
        self.app
            .store
            .read(|tx| anlan_store::cases::get(tx, id))
            .map_err(|e: anlan_store::Error| e)
            .unwrap()
    }

    pub(crate) fn go(
        &self,
        caller: &Caller,
        id: CaseId,
        request: &MoveRequest,
    ) -> Result<anlan_app::cases::CaseFile, anlan_app::Error> {
        anlan_app::cases::move_case(&self.app, caller, id, self.version(id), request)
    }
}

pub(crate) fn mv(code: &str) -> MoveRequest {
    MoveRequest {
        code: MoveCode::from(code),
        note: "说明".into(),
        ..MoveRequest::default()
    }
}

/// A small JPEG.
pub(crate) fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 80);
    image::DynamicImage::new_rgb8(64, 48)
        .write_with_encoder(encoder)
        .unwrap();
    bytes
}
