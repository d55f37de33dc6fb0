//! A rule set checked against offices and classes and made ready. Every fault is named by its rule.

use super::index::{Index, Matched, Numbers, kind_number};
use super::windows::Window;
use super::{RouteFacts, Router, Rule, RuleSet, explain};
use crate::classes::Class;
use crate::deadlines::Selector;
use crate::ids::{ClassCode, OfficeId};
use crate::offices::{Office, OfficeKind};
use crate::tables::{Faults, TableError};
use aho_corasick::AhoCorasick;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Office(OfficeId),
    OfPlace(OfficeKind),
}

/// A rule made ready.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    classes: Selector,
    groups: Vec<String>,
    windows: Vec<Window>,
    words: Vec<usize>,
    channels: Vec<crate::incoming::Channel>,
    target: Target,
}

impl Compiled {
    fn asks_class(&self) -> bool {
        !self.classes.0.is_empty() || !self.groups.is_empty()
    }

    pub(super) fn takes(&self, class: &Class) -> bool {
        !self.asks_class()
            || self.classes.takes(Some(&class.code))
            || self
                .groups
                .iter()
                .any(|group| *group == class.group_zh || *group == class.group_en)
    }

    /// The office it sends to, if everything it asks for but class and place holds; those the index asked.
    pub(super) fn office(
        &self,
        facts: &RouteFacts<'_>,
        matched: &mut Matched<'_>,
        index: &Index,
    ) -> Option<OfficeId> {
        let holds = (self.channels.is_empty() || self.channels.contains(&facts.channel))
            && (self.windows.is_empty() || self.in_window(matched))
            && (self.words.is_empty() || matched.has_word(&self.words, index));
        if !holds {
            return None;
        }
        match self.target {
            Target::Office(office) => Some(office),
            Target::OfPlace(kind) => index.office_of_place(kind, facts.division?),
        }
    }

    fn in_window(&self, matched: &mut Matched<'_>) -> bool {
        let at = matched.local();
        self.windows.iter().any(|window| window.holds(at))
    }
}

pub(super) fn compile(
    set: RuleSet,
    offices: &BTreeMap<OfficeId, Office>,
    classes: &BTreeMap<ClassCode, Class>,
) -> Result<Router, TableError> {
    let mut faults = Faults::new("rules", "");
    let by_code: HashMap<&str, &Office> = offices
        .values()
        .map(|office| (office.code.as_str(), office))
        .collect();
    let mut words = Words::default();
    let compiled: Vec<Compiled> = {
        let mut reader = Reader {
            by_code: &by_code,
            classes,
            words: &mut words,
            faults: &mut faults,
        };
        set.rules.iter().map(|rule| reader.rule(rule)).collect()
    };
    names(&set, &mut faults);
    shadows(&set, &compiled, classes, &mut faults);
    let fallback = by_code.get(set.fallback_office.as_str()).map(|office| office.id);
    if fallback.is_none() && !set.fallback_office.is_empty() {
        let code = &set.fallback_office;
        faults.add_both(
            "fallback_office".into(),
            format!("没有代码为“{code}”的单位"),
            format!("there is no office \"{code}\""),
        );
    }
    let automaton = words.automaton();
    if automaton.is_none() && !words.list.is_empty() {
        faults.add_both(
            "keywords".into(),
            "过多，无法同时检索".into(),
            "are too many to search for at once".into(),
        );
    }
    let index = index(&set, &compiled, offices, classes, automaton);
    let names = offices
        .values()
        .map(|office| (office.id, (office.name_zh.clone(), office.name_en.clone())))
        .collect();
    let parents = offices
        .values()
        .filter_map(|office| Some((office.id, office.parent?)))
        .collect();
    let conditions = set
        .rules
        .iter()
        .map(|rule| explain::conditions(rule, classes))
        .collect();
    faults.done(Router {
        set,
        compiled,
        conditions,
        index,
        fallback,
        offices: names,
        parents,
    })
}

fn index(
    set: &RuleSet,
    compiled: &[Compiled],
    offices: &BTreeMap<OfficeId, Office>,
    classes: &BTreeMap<ClassCode, Class>,
    words: Option<AhoCorasick>,
) -> Index {
    let numbers = |takes: &dyn Fn(&Compiled) -> bool| {
        let found = compiled.iter().enumerate().filter(|(_, rule)| takes(rule));
        found.map(|(number, _)| number).collect()
    };
    let of_class = |class: &Class| (class.code.clone(), numbers(&|rule| rule.takes(class)));
    let mut index = Index {
        by_class: classes.values().map(of_class).collect(),
        classless: numbers(&|rule| !rule.asks_class()),
        words,
        ..Index::default()
    };
    for (rule, number) in set.rules.iter().zip(0..) {
        index.place(rule, number);
    }
    for office in offices
        .values()
        .filter(|office| office.is_active && !office.division.is_empty())
    {
        if let Some(places) = index.places.get_mut(kind_number(office.kind)) {
            places.entry(office.division.clone()).or_insert(office.id);
        }
    }
    index
}

impl Index {
    fn place(&mut self, rule: &Rule, number: usize) {
        if rule.divisions.is_empty() && rule.cells.is_empty() {
            self.anywhere.add(number);
        }
        for division in &rule.divisions {
            self.by_division.entry(division.clone()).or_default().add(number);
            if !self.lengths.contains(&division.len()) {
                self.lengths.push(division.len());
            }
        }
        for cell in &rule.cells {
            self.by_cell.entry(cell.clone()).or_default().add(number);
        }
    }
}

#[derive(Debug, Default)]
struct Words {
    list: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Words {
    fn number(&mut self, word: &str) -> usize {
        let word = word.to_ascii_lowercase();
        *self.numbers.entry(word).or_insert_with_key(|word| {
            self.list.push(word.clone());
            self.list.len() - 1
        })
    }

    fn automaton(&self) -> Option<AhoCorasick> {
        if self.list.is_empty() {
            return None;
        }
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&self.list)
            .ok()
    }
}

struct Reader<'a, 'b> {
    by_code: &'a HashMap<&'a str, &'a Office>,
    classes: &'a BTreeMap<ClassCode, Class>,
    words: &'a mut Words,
    faults: &'a mut Faults<'b>,
}

impl Reader<'_, '_> {
    fn rule(&mut self, rule: &Rule) -> Compiled {
        let compiled = Compiled {
            classes: Selector(rule.classes.clone()),
            groups: rule.groups.clone(),
            windows: rule
                .hours
                .iter()
                .filter_map(|text| self.window(rule, text))
                .collect(),
            words: rule
                .keywords
                .iter()
                .filter_map(|word| self.word(rule, word))
                .collect(),
            channels: rule.channels.clone(),
            target: self.target(rule),
        };
        for code in &rule.classes {
            let one = Selector(vec![code.clone()]);
            if !self.classes.keys().any(|class| one.takes(Some(class))) {
                self.fault(
                    rule,
                    "classes",
                    format!("没有类别“{code}”"),
                    format!("there is no class \"{code}\""),
                );
            }
        }
        for group in &rule.groups {
            if !self
                .classes
                .values()
                .any(|class| class.group_zh == *group || class.group_en == *group)
            {
                self.fault(
                    rule,
                    "groups",
                    format!("没有类别组“{group}”"),
                    format!("there is no group \"{group}\""),
                );
            }
        }
        if rule
            .divisions
            .iter()
            .chain(&rule.cells)
            .any(|code| code.trim().is_empty())
        {
            self.fault(
                rule,
                "divisions",
                "空代码意味着所有地方；如需如此请留空整个列表".into(),
                "an empty code would mean everywhere; leave the list out for that".into(),
            );
        }
        compiled
    }

    fn fault(&mut self, rule: &Rule, field: &str, zh: String, en: String) {
        self.faults
            .add_both(format!("rule.{}.{field}", rule.name), zh, en);
    }

    fn window(&mut self, rule: &Rule, text: &str) -> Option<Window> {
        let window = Window::parse(text);
        if window.is_none() {
            let known = "\"mon-fri 08:00-18:00\", \"offdays\", \"closed\"";
            self.fault(
                rule,
                "hours",
                format!("“{text}”不是时间段；请写成例如 {known}"),
                format!("\"{text}\" is no time; write e.g. {known}"),
            );
        }
        window
    }

    fn word(&mut self, rule: &Rule, word: &str) -> Option<usize> {
        if word.trim().is_empty() {
            self.fault(
                rule,
                "keywords",
                "空词会匹配所有文字，请删除".into(),
                "an empty word is in every text; remove it".into(),
            );
            return None;
        }
        Some(self.words.number(word))
    }

    fn target(&mut self, rule: &Rule) -> Target {
        match rule.office.as_str() {
            "centre-of-place" => return Target::OfPlace(OfficeKind::Centre),
            "department-of-place" => return Target::OfPlace(OfficeKind::Department),
            "street-of-place" => return Target::OfPlace(OfficeKind::Street),
            "station-of-place" => return Target::OfPlace(OfficeKind::Station),
            _ => {}
        }
        let office = self.by_code.get(rule.office.as_str()).copied();
        match office {
            None => self.fault(
                rule,
                "office",
                format!("没有代码为“{}”的单位", rule.office),
                format!("there is no office \"{}\"", rule.office),
            ),
            Some(office) if !office.is_active => {
                self.fault(
                    rule,
                    "office",
                    format!("单位“{}”不再接收新任务", rule.office),
                    format!("the office \"{}\" takes no new work", rule.office),
                );
            }
            Some(_) => {}
        }
        Target::Office(office.map_or(OfficeId(0), |office| office.id))
    }
}

fn names(set: &RuleSet, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for rule in &set.rules {
        if rule.name.as_str().trim().is_empty() {
            faults.add_both(
                "rule.name".into(),
                "有规则没有名称".into(),
                "a rule has no name".into(),
            );
        } else if !seen.insert(&rule.name) {
            faults.add_both(
                format!("rule.{}.name", rule.name),
                "名称重复".into(),
                "is named twice".into(),
            );
        }
    }
}

/// A rule that asks for no less than one above it never gets a case.
fn shadows(
    set: &RuleSet,
    compiled: &[Compiled],
    classes: &BTreeMap<ClassCode, Class>,
    faults: &mut Faults<'_>,
) {
    let taken = |rule: &Compiled| -> Numbers {
        classes
            .values()
            .zip(0..)
            .filter(|(class, _)| rule.takes(class))
            .map(|(_, number)| number)
            .collect()
    };
    let taken: Vec<Numbers> = compiled.iter().map(taken).collect();
    let all: Vec<_> = set.rules.iter().zip(compiled).zip(&taken).collect();
    for (number, ((rule, below), below_takes)) in all.iter().enumerate() {
        // Unknown classes are a fault of their own.
        if below.asks_class() && below_takes.is_empty() {
            continue;
        }
        let above = all.iter().take(number).find(|((upper, above), above_takes)| {
            let classes = !above.asks_class() || (below.asks_class() && above_takes.holds_all(below_takes));
            matches!(above.target, Target::Office(_)) && classes && covers(upper, rule)
        });
        if let Some(((upper, _), _)) = above {
            let name = &upper.name;
            faults.add_both(
                format!("rule.{}", rule.name),
                format!("永远不会命中：上方的“{name}”已包含它的全部情形，请上移"),
                format!("can never match: \"{name}\" above takes everything it would; move it up"),
            );
        }
    }
}

/// Whether `upper` asks, beside the class, for nothing that `rule` does not ask for too.
fn covers(upper: &Rule, rule: &Rule) -> bool {
    let places = rule.divisions.iter().all(|d| {
        upper
            .divisions
            .iter()
            .any(|prefix| d.starts_with(prefix.as_str()))
    }) && rule.cells.iter().all(|cell| upper.cells.contains(cell));
    let anywhere = |rule: &Rule| rule.divisions.is_empty() && rule.cells.is_empty();
    let words = rule
        .keywords
        .iter()
        .all(|word| upper.keywords.iter().any(|part| word.contains(part.as_str())));
    let channels = rule
        .channels
        .iter()
        .all(|channel| upper.channels.contains(channel));
    let hours = rule.hours.iter().all(|window| upper.hours.contains(window));
    (anywhere(upper) || (!anywhere(rule) && places))
        && (upper.keywords.is_empty() || (!rule.keywords.is_empty() && words))
        && (upper.channels.is_empty() || (!rule.channels.is_empty() && channels))
        && (upper.hours.is_empty() || (!rule.hours.is_empty() && hours))
}
