//! The demo's offices and accounts, from `demo/offices.toml`: offices of kinds that every county has, accounts named by
//! what their holder does. No real person or office.

use super::places::Places;
use anlan_model::accounts::Role;
use anlan_model::offices::OfficeKind;
use anlan_model::posts::Roster;
use anlan_store::offices::NewOffice;
use serde::Deserialize;

/// The one password of every demo account. It is printed, and guards nothing.
pub(crate) const PASSWORD: &str = "anlan-demo-2026";
const WORKERS_PER_STREET: usize = 3;

#[derive(Debug, Deserialize)]
struct File {
    office: Vec<Row>,
    station: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    code: String,
    #[serde(default = "department")]
    kind: OfficeKind,
    zh: String,
    en: String,
    short: String,
}

fn department() -> OfficeKind {
    OfficeKind::Department
}

/// An office, and what it is called in a hurry.
#[derive(Debug, Clone)]
pub(crate) struct DemoOffice {
    /// The office, without its parent's id.
    pub(crate) office: NewOffice,
    /// Short Chinese name.
    short: String,
    /// Code of the office above it.
    pub(crate) parent: Option<String>,
}

impl DemoOffice {
    /// How many offices stand above it.
    pub(crate) fn depth(&self) -> usize {
        match self.office.kind {
            OfficeKind::Centre => 0,
            OfficeKind::Department | OfficeKind::Street => 1,
            OfficeKind::Station => 2,
        }
    }
}

/// An account of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DemoAccount {
    /// What its holder types.
    pub(crate) name: String,
    /// What others see.
    pub(crate) display: String,
    /// Its role; none for who acts for a post.
    pub(crate) role: Option<Role>,
    /// Code of its office.
    pub(crate) office: String,
    /// Division code prefix it works in.
    pub(crate) division: String,
}

/// Every office, parents before children.
pub(crate) fn offices(places: &Places) -> anyhow::Result<Vec<DemoOffice>> {
    let file: File = toml::from_str(include_str!("../../../../demo/offices.toml"))?;
    let code = &places.county.code;
    let office = |code: String, kind, (zh, en): (String, String), division: String| NewOffice {
        code,
        name_zh: zh,
        name_en: en,
        kind,
        parent: None,
        division,
        is_active: true,
    };
    let mut all = Vec::new();
    for row in file.office {
        let parent = (row.kind != OfficeKind::Centre).then(|| "centre".to_owned());
        all.push(DemoOffice {
            office: office(row.code, row.kind, (row.zh, row.en), code.clone()),
            short: row.short,
            parent,
        });
    }
    for street in &places.street {
        let division = format!("{code}{}", street.code);
        let own = format!("street-{}", street.code);
        let (suffix_zh, en) = if street.is_town {
            ("人民政府", format!("{} Government", street.en))
        } else {
            ("办事处", street.en.clone())
        };
        let names = (format!("{}{suffix_zh}", street.zh), en);
        all.push(DemoOffice {
            office: office(own.clone(), OfficeKind::Street, names, division.clone()),
            short: street.zh.clone(),
            parent: Some("centre".to_owned()),
        });
        for row in &file.station {
            let base = street
                .en
                .trim_end_matches(" Street Office")
                .trim_end_matches(" Town");
            let names = (row.zh.replace("{zh}", &street.zh), row.en.replace("{en}", base));
            all.push(DemoOffice {
                office: office(
                    format!("{}-{}", row.code, street.code),
                    OfficeKind::Station,
                    names,
                    division.clone(),
                ),
                short: format!("{}{}", street.zh, row.short),
                parent: Some(own.clone()),
            });
        }
    }
    Ok(all)
}

/// Every account: one or more for each role that signs in.
pub(crate) fn accounts(places: &Places, offices: &[DemoOffice]) -> Vec<DemoAccount> {
    let all = places.county.code.as_str();
    let mut made: Vec<DemoAccount> = DESK
        .iter()
        .map(|(name, display, role)| DemoAccount {
            name: (*name).to_owned(),
            display: (*display).to_owned(),
            role: Some(*role),
            office: "centre".to_owned(),
            division: all.to_owned(),
        })
        .collect();
    for known in offices
        .iter()
        .filter(|known| known.office.kind != OfficeKind::Station)
    {
        made.push(DemoAccount {
            name: format!("officer-{}", known.office.code.trim_start_matches("street-")),
            display: format!("{}承办员", known.short),
            role: Some(Role::Officer),
            office: known.office.code.clone(),
            division: known.office.division.clone(),
        });
    }
    for (position, street) in places.street.iter().enumerate() {
        for own in 1..=WORKERS_PER_STREET {
            made.push(DemoAccount {
                name: format!("worker-{:02}", position * WORKERS_PER_STREET + own),
                display: format!("{}网格员{own}号", street.zh),
                role: Some(Role::Worker),
                office: format!("street-{}", street.code),
                division: format!("{all}{}", street.code),
            });
        }
    }
    if let Some(street) = places.street.first() {
        made.extend(
            STATIONS
                .iter()
                .flat_map(|(code, ..)| people_at(code, street, offices)),
        );
    }
    made
}

/// Stations of one street whose people act for a post: kind of station, the post's name, and its roster.
pub(crate) const STATIONS: [(&str, &str, Roster); 3] = [
    ("justice", "司法所值班岗", Roster::Binding),
    ("police", "派出所值班岗", Roster::Binding),
    ("clinic", "卫生院安全联络岗", Roster::None),
];
/// The post of the coordination centre's desk.
pub(crate) const DESK_POST: &str = "综治中心值班席";
const PEOPLE_PER_STATION: usize = 3;

/// Names of the accounts at a station of that kind.
pub(crate) fn station_people(code: &str) -> Vec<String> {
    (1..=PEOPLE_PER_STATION)
        .map(|own| format!("{code}-{own}"))
        .collect()
}

/// The people of a station. They have no roles of their own.
fn people_at<'a>(
    code: &'a str,
    street: &super::places::StreetName,
    offices: &'a [DemoOffice],
) -> impl Iterator<Item = DemoAccount> + 'a {
    let office = format!("{code}-{}", street.code);
    let station = offices.iter().find(move |known| known.office.code == office);
    station.into_iter().flat_map(move |station| {
        (1..).zip(station_people(code)).map(|(own, name)| DemoAccount {
            name,
            display: format!("{}{own}号", station.short),
            role: None,
            office: station.office.code.clone(),
            division: station.office.division.clone(),
        })
    })
}

const DESK: [(&str, &str, Role); 13] = [
    ("duty", "值班员1号席", Role::Duty),
    ("duty-2", "值班员2号席", Role::Duty),
    ("duty-3", "值班员3号席", Role::Duty),
    ("clerk", "热线坐席1号", Role::Clerk),
    ("clerk-2", "热线坐席2号", Role::Clerk),
    ("supervisor", "督办员", Role::Supervisor),
    ("arbiter", "仲裁员", Role::Arbiter),
    ("commander", "指挥长", Role::Commander),
    ("steward", "数据管理员", Role::Steward),
    ("admin", "系统管理员", Role::Admin),
    ("security", "安全管理员", Role::Security),
    ("auditor", "审计员", Role::Auditor),
    ("privacy", "个人信息保护负责人", Role::Privacy),
];

/// What is printed when a demo starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accounts(pub(crate) Vec<DemoAccount>);

impl std::fmt::Display for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "安澜示范县 Anlan Demo County: everything in it is invented.")?;
        writeln!(f, "Password of every account: {PASSWORD}")?;
        writeln!(
            f,
            "Everybody knows it, so nobody is asked for a second factor: keep this on your own machine."
        )?;
        for (role, words) in ROLES {
            let names: Vec<&str> = self
                .0
                .iter()
                .filter(|account| account.role == Some(role))
                .map(|account| account.name.as_str())
                .collect();
            let more = if names.len() > 4 {
                format!(" … ({} in all)", names.len())
            } else {
                String::new()
            };
            let shown: Vec<&str> = names.into_iter().take(4).collect();
            writeln!(f, "  {:<34} {words}", format!("{}{more}", shown.join(" ")))?;
        }
        let stations: Vec<String> = STATIONS.iter().map(|(code, ..)| format!("{code}-1")).collect();
        let words = "站所人员 station staff: act for their station's post, on shift (1 to 3)";
        writeln!(f, "  {:<34} {words}", stations.join(" "))?;
        Ok(())
    }
}

const ROLES: [(Role, &str); 12] = [
    (Role::Duty, "值班员 duty desk: accepts, files, dispatches"),
    (Role::Clerk, "坐席 hotline clerk: writes reports down"),
    (
        Role::Worker,
        "网格员 grid worker: verifies and checks in one street",
    ),
    (Role::Officer, "承办人 officer: handles the cases of one office"),
    (Role::Supervisor, "督办员 supervisor: urges, extends, closes"),
    (Role::Arbiter, "仲裁员 arbiter: decides where offices disagree"),
    (Role::Commander, "指挥长 commander: sees all"),
    (Role::Steward, "数据管理员 data steward: imports, rules"),
    (Role::Admin, "系统管理员 administrator: accounts"),
    (
        Role::Security,
        "安全管理员 security administrator: roles, sessions, locks",
    ),
    (Role::Auditor, "审计员 auditor: the access log"),
    (
        Role::Privacy,
        "个人信息保护负责人 privacy officer: the access review",
    ),
];
