//! What every field that is kept is, how it is protected, what for, and when it goes (数据分类分级与保存期限). A classification is
//! read from its reviewed file and refused as a whole where it contradicts itself; what is stored is not looked at here.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The classification shipped with Anlan.
const SHIPPED: &str = include_str!("../../../standards/classification.toml");

/// How grave it is when data is leaked, changed or lost: the grades of GB/T 43697-2024, general data with the four
/// sub-levels of its annex H, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataLevel {
    /// General data, lowest: may be published.
    #[serde(rename = "general_1")]
    General1,
    /// General data.
    #[serde(rename = "general_2")]
    General2,
    /// General data.
    #[serde(rename = "general_3")]
    General3,
    /// General data, highest: grave harm to persons or organisations.
    #[serde(rename = "general_4")]
    General4,
    /// Important data (重要数据).
    Important,
    /// Core data (核心数据).
    Core,
}

impl DataLevel {
    /// Its name, Chinese and English.
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::General1 => ["一般 1 级", "general 1"],
            Self::General2 => ["一般 2 级", "general 2"],
            Self::General3 => ["一般 3 级", "general 3"],
            Self::General4 => ["一般 4 级", "general 4"],
            Self::Important => ["重要", "important"],
            Self::Core => ["核心", "core"],
        }
    }
}

/// Whether data is about a natural person (Personal Information Protection Law, arts. 4 and 28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// It is not.
    None,
    /// Personal information (个人信息).
    Personal,
    /// Sensitive personal information (敏感个人信息), or kept as if it were.
    Sensitive,
}

impl Personal {
    /// Its name, Chinese and English.
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::None => ["否", "no"],
            Self::Personal => ["个人信息", "personal"],
            Self::Sensitive => ["敏感个人信息", "sensitive"],
        }
    }

    /// The lowest level such data may have.
    fn level_min(self) -> DataLevel {
        match self {
            Self::None => DataLevel::General1,
            Self::Personal => DataLevel::General2,
            Self::Sensitive => DataLevel::General4,
        }
    }
}

/// What fields of one kind have in common.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataClass {
    /// Chinese and English.
    pub name: [String; 2],
    /// How grave.
    pub level: DataLevel,
    /// About a person or not.
    pub personal: Personal,
    /// Why this level, Chinese and English.
    pub reason: [String; 2],
    /// What for: names of purposes.
    pub purposes: Vec<String>,
}

/// The event a period is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// The last entry in a case that is closed or void.
    CaseClosed,
    /// The end of an import.
    ImportEnded,
    /// A file was handed in.
    HandedIn,
    /// A job was given up.
    JobFailed,
    /// A session expired.
    SessionExpired,
    /// The day that an access review examined.
    DayReviewed,
}

impl After {
    /// Its name, Chinese and English.
    pub fn name(self) -> [&'static str; 2] {
        match self {
            Self::CaseClosed => [
                "结案或作废后最后一次记录",
                "the last entry in a case that is closed or void",
            ],
            Self::ImportEnded => ["导入结束", "the end of the import"],
            Self::HandedIn => ["文件交来", "the file was handed in"],
            Self::JobFailed => ["任务停止重试", "the job was given up"],
            Self::SessionExpired => ["会话过期", "the session expired"],
            Self::DayReviewed => ["访问复核所查之日", "the day that was reviewed"],
        }
    }
}

/// How long a period is, and how far a node may change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// What it is counted from.
    pub after: After,
    /// Its length.
    pub days: u16,
    /// The shortest a node may set.
    pub days_min: u16,
    /// The longest a node may set.
    pub days_max: u16,
}

/// When data goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Chinese and English.
    pub name: [String; 2],
    /// `None`: as long as the node.
    pub term: Option<Term>,
    /// Why, Chinese and English.
    pub reason: [String; 2],
    /// Why this node's differs from the shipped one; empty if it does not.
    pub changed_because: String,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldEntry {
    /// Chinese and English.
    pub name: [String; 2],
    /// Name of its class.
    pub class: String,
    /// Name of its period.
    pub period: String,
    /// The type it holds as JSON, if it does.
    pub holds: Option<String>,
}

/// What has fields: a table, a type that is stored as JSON, or a folder of files (with one field, itself).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Chinese and English.
    pub name: [String; 2],
    /// Its fields by name.
    pub fields: BTreeMap<String, FieldEntry>,
}

/// A node's own length of a period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodChange {
    /// Name of the period.
    pub period: String,
    /// Its length here.
    pub days: u16,
    /// Why; shown beside it.
    pub reason: String,
}

/// Why a classification or a change of it is refused; every fault, one a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ClassificationError(pub Vec<String>);

/// Every field, its class and its period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// Purposes by name, Chinese and English.
    pub purposes: BTreeMap<String, [String; 2]>,
    /// Classes by name.
    pub classes: BTreeMap<String, DataClass>,
    /// Periods by name.
    pub periods: BTreeMap<String, Period>,
    /// Tables of the operational store by name.
    pub tables: BTreeMap<String, Holder>,
    /// Types stored as JSON by name.
    pub nouns: BTreeMap<String, Holder>,
    /// Files of the data folder by name.
    pub files: BTreeMap<String, FieldEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    purposes: BTreeMap<String, [String; 2]>,
    classes: BTreeMap<String, DataClass>,
    periods: BTreeMap<String, PeriodForm>,
    tables: BTreeMap<String, HolderForm>,
    nouns: BTreeMap<String, HolderForm>,
    files: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodForm {
    name: [String; 2],
    after: Option<After>,
    days: Option<u16>,
    min: Option<u16>,
    max: Option<u16>,
    reason: [String; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolderForm {
    name: [String; 2],
    fields: BTreeMap<String, Vec<String>>,
}

impl Classification {
    /// The one shipped with Anlan, read once per process.
    pub fn shipped() -> Result<Self, ClassificationError> {
        static ONCE: OnceLock<Result<Classification, ClassificationError>> = OnceLock::new();
        ONCE.get_or_init(|| Self::from_toml(SHIPPED)).clone()
    }

    /// Reads one, or names everything that is wrong with it.
    pub fn from_toml(text: &str) -> Result<Self, ClassificationError> {
        let form: Form =
            toml::from_str(text).map_err(|error| ClassificationError(vec![error.to_string()]))?;
        let mut faults = Vec::new();
        let found = Self {
            purposes: form.purposes,
            classes: form.classes,
            periods: periods(form.periods, &mut faults),
            tables: holders("tables", form.tables, &mut faults),
            nouns: holders("nouns", form.nouns, &mut faults),
            files: entries("files", form.files, &mut faults),
        };
        found.check(&mut faults);
        if faults.is_empty() {
            Ok(found)
        } else {
            Err(ClassificationError(faults))
        }
    }

    /// Every field with where it stands, e.g. `tables.cases.body`.
    pub fn fields(&self) -> impl Iterator<Item = (String, &FieldEntry)> {
        let held = [("tables", &self.tables), ("nouns", &self.nouns)];
        let held = held.into_iter().flat_map(|(kind, holders)| {
            holders.iter().flat_map(move |(name, holder)| {
                let at = move |field: &String| format!("{kind}.{name}.{field}");
                holder.fields.iter().map(move |(field, entry)| (at(field), entry))
            })
        });
        held.chain(
            self.files
                .iter()
                .map(|(name, entry)| (format!("files.{name}"), entry)),
        )
    }

    /// A period's length in days; `None` if there is no such period, or it is as long as the node.
    pub fn days(&self, period: &str) -> Option<u16> {
        Some(self.periods.get(period)?.term?.days)
    }

    /// With a node's own lengths of periods, each within its limits and with a reason.
    pub fn with(mut self, changes: &[PeriodChange]) -> Result<Self, ClassificationError> {
        let mut faults = Vec::new();
        for change in changes {
            let PeriodChange { period, days, reason } = change;
            let Some(found) = self.periods.get_mut(period) else {
                faults.push(format!("retention: there is no period `{period}`"));
                continue;
            };
            match &mut found.term {
                _ if reason.trim().is_empty() => {
                    faults.push(format!("retention: say why `{period}` is changed"));
                }
                Some(term) if (term.days_min..=term.days_max).contains(days) => {
                    term.days = *days;
                    found.changed_because.clone_from(reason);
                }
                Some(term) => faults.push(format!(
                    "retention: `{period}` may have {} to {} days, not {days}",
                    term.days_min, term.days_max
                )),
                None => faults.push(format!("retention: `{period}` is as long as the node")),
            }
        }
        let pair = self.days("contact").zip(self.days("case"));
        if pair.is_some_and(|(contact, case)| contact > case) {
            faults.push("retention: `contact` must not be longer than `case`".to_owned());
        }
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(ClassificationError(faults))
        }
    }

    fn check(&self, faults: &mut Vec<String>) {
        let mut used = BTreeSet::new();
        for (at, entry) in self.fields() {
            used.extend([("classes", &entry.class), ("periods", &entry.period)]);
            if !self.classes.contains_key(&entry.class) {
                faults.push(format!("{at}: there is no class `{}`", entry.class));
            }
            if !self.periods.contains_key(&entry.period) {
                faults.push(format!("{at}: there is no period `{}`", entry.period));
            }
            if let Some(noun) = entry
                .holds
                .as_ref()
                .filter(|noun| !self.nouns.contains_key(*noun))
            {
                faults.push(format!("{at}: there is no `[nouns.{noun}]`"));
            }
        }
        for (name, class) in &self.classes {
            if !used.contains(&("classes", name)) {
                faults.push(format!("classes.{name}: no field has it"));
            }
            self.check_class(name, class, faults);
        }
        for name in self
            .periods
            .keys()
            .filter(|name| !used.contains(&("periods", name)))
        {
            faults.push(format!("periods.{name}: no field has it"));
        }
    }

    fn check_class(&self, name: &str, class: &DataClass, faults: &mut Vec<String>) {
        let least = class.personal.level_min();
        if class.level < least {
            let [_, personal] = class.personal.name();
            let [_, level] = least.name();
            faults.push(format!(
                "classes.{name}: {personal} information is at least {level}"
            ));
        }
        if class.purposes.is_empty() {
            faults.push(format!("classes.{name}: it has no purpose"));
        }
        for purpose in class
            .purposes
            .iter()
            .filter(|purpose| !self.purposes.contains_key(*purpose))
        {
            faults.push(format!("classes.{name}: there is no purpose `{purpose}`"));
        }
    }
}

fn periods(forms: BTreeMap<String, PeriodForm>, faults: &mut Vec<String>) -> BTreeMap<String, Period> {
    let mut all = BTreeMap::new();
    for (name, form) in forms {
        let term = match (form.after, form.days, form.min, form.max) {
            (None, None, None, None) => None,
            (Some(after), Some(days), Some(days_min), Some(days_max))
                if (days_min..=days_max).contains(&days) =>
            {
                Some(Term {
                    after,
                    days,
                    days_min,
                    days_max,
                })
            }
            _ => {
                faults.push(format!(
                    "periods.{name}: give `after`, `min`, `days` and `max`, in this order of size, or none of them"
                ));
                None
            }
        };
        let period = Period {
            name: form.name,
            term,
            reason: form.reason,
            changed_because: String::new(),
        };
        all.insert(name, period);
    }
    all
}

fn holders(
    kind: &str,
    forms: BTreeMap<String, HolderForm>,
    faults: &mut Vec<String>,
) -> BTreeMap<String, Holder> {
    let mut all = BTreeMap::new();
    for (name, form) in forms {
        let fields = entries(&format!("{kind}.{name}"), form.fields, faults);
        all.insert(
            name,
            Holder {
                name: form.name,
                fields,
            },
        );
    }
    all
}

fn entries(
    at: &str,
    forms: BTreeMap<String, Vec<String>>,
    faults: &mut Vec<String>,
) -> BTreeMap<String, FieldEntry> {
    let mut all = BTreeMap::new();
    for (name, form) in forms {
        let (zh, en, class, period, holds) = match form.as_slice() {
            [zh, en, class, period] => (zh, en, class, period, None),
            [zh, en, class, period, holds] => (zh, en, class, period, Some(holds.clone())),
            _ => {
                faults.push(format!(
                    "{at}.{name}: a field is `[name zh, name en, class, period]` and what it holds"
                ));
                continue;
            }
        };
        if zh.trim().is_empty() || en.trim().is_empty() {
            faults.push(format!("{at}.{name}: it has no name"));
        }
        let entry = FieldEntry {
            name: [zh.clone(), en.clone()],
            class: class.clone(),
            period: period.clone(),
            holds,
        };
        all.insert(name, entry);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(from: &str, to: &str) -> String {
        let text = SHIPPED.replacen(from, to, 1);
        assert_ne!(text, SHIPPED, "{from}");
        Classification::from_toml(&text).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_one_holds_and_every_contradiction_is_named() {
        let shipped = Classification::shipped().unwrap();
        assert!(shipped.fields().count() > 300);
        for (from, to, fault) in [
            (
                "\"text\", \"case\", \"Case\"]",
                "\"prose\", \"case\", \"Case\"]",
                "no class `prose`",
            ),
            (
                "\"text\", \"case\", \"Case\"]",
                "\"text\", \"ever\", \"Case\"]",
                "no period `ever`",
            ),
            (
                "\"text\", \"case\", \"Case\"]",
                "\"text\", \"case\", \"Folder\"]",
                "no `[nouns.Folder]`",
            ),
            ("\"text\", \"case\", \"Case\"]", "\"text\"]", "a field is"),
            (
                "level = \"general_4\"\npersonal = \"sensitive\"",
                "level = \"general_3\"\npersonal = \"sensitive\"",
                "at least general 4",
            ),
            (
                "purposes = [\"handling\"]",
                "purposes = [\"curiosity\"]",
                "no purpose `curiosity`",
            ),
            ("purposes = [\"handling\"]", "purposes = []", "no purpose"),
            ("days = 183", "days = 20", "in this order of size"),
            ("days = 183\n", "", "or none of them"),
            (
                "[periods.node]",
                "[periods.spare]\nname = [\"a\", \"b\"]\nreason = [\"a\", \"b\"]\n[periods.node]",
                "no field has it",
            ),
            ("[\"案件受理", "[7, \"案件受理", "expected"),
        ] {
            let said = refused(from, to);
            assert!(said.contains(fault), "{fault}: {said}");
        }
    }

    #[test]
    fn a_node_may_change_a_period_within_limits_and_with_a_reason() {
        let change = |period: &str, days, reason: &str| PeriodChange {
            period: period.to_owned(),
            days,
            reason: reason.to_owned(),
        };
        let shipped = || Classification::shipped().unwrap();
        let changed = shipped().with(&[change("contact", 90, "县政府规定")]).unwrap();
        assert_eq!(
            (changed.days("contact"), changed.days("case")),
            (Some(90), Some(1095))
        );
        assert_eq!(changed.periods["contact"].changed_because, "县政府规定");
        assert_eq!(changed.days("node"), None);
        for (wrong, fault) in [
            (change("contact", 29, "short"), "30 to 1095 days, not 29"),
            (change("contact", 90, " "), "say why"),
            (change("contacts", 90, "typo"), "no period `contacts`"),
            (change("node", 90, "all"), "as long as the node"),
        ] {
            let said = shipped().with(&[wrong]).unwrap_err().to_string();
            assert!(said.contains(fault), "{said}");
        }
        let crossed = [change("case", 183, "short"), change("contact", 400, "long")];
        assert!(
            shipped()
                .with(&crossed)
                .unwrap_err()
                .to_string()
                .contains("not be longer")
        );
    }
}
