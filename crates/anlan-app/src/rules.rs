//! Routing rules: read them, try a set on past cases before it goes live, put it into force.

use crate::jurisdictions::documents;
use crate::{App, Caller, Error, FieldFault, accesses};
use anlan_model::accesses::Purpose;
use anlan_model::cases::Case;
use anlan_model::routing::{Past, RouteFacts, Router, RuleSet, Tried};
use anlan_model::tables::TableFault;
use anlan_policy::{Action, FieldRule, RowRule};
use anlan_store::cases::{CaseFilter, Sort, SortKey};

const TRIED_MAX: usize = 5000;
const SAMPLES_MAX: usize = 50;

/// The rules in force.
pub fn list(app: &App, caller: &Caller) -> Result<RuleSet, Error> {
    app.require(caller, Action::RulesRead)?;
    Ok(app.node().router.rules().clone())
}

fn ready(app: &App, rules: RuleSet) -> Result<Router, Error> {
    let node = app.node();
    Router::new(rules, &node.offices, &node.classes).map_err(|error| Error::Invalid {
        code: "rules.invalid",
        zh: format!(
            "规则有 {} 处错误，现行规则保持不变，详见各条说明。",
            error.faults.len()
        ),
        en: format!(
            "{} of the rules' fields are at fault; the rules in force stay as they are.",
            error.faults.len()
        ),
        fields: error.faults.into_iter().map(field).collect(),
    })
}

fn field(fault: TableFault) -> FieldFault {
    FieldFault {
        field: fault.field,
        code: "rules.fault",
        zh: fault.zh.unwrap_or_else(|| fault.message.clone()),
        en: fault.message,
    }
}

/// Tries a rule set on the newest past cases; nothing changes. A rule that asks for words finds them only where the caller
/// may read them: else whoever tries rules could ask a case for any word.
pub fn try_on(app: &App, caller: &Caller, rules: RuleSet) -> Result<Tried, Error> {
    app.require(caller, Action::RulesTry)?;
    let rows = app.rows(caller, Action::CaseRead)?;
    let router = ready(app, rules)?;
    let past = past(app, &rows)?;
    let entry = accesses::entry(
        app,
        caller,
        Action::RulesTry,
        "cases",
        "rules.try",
        Purpose::Maintenance,
    )
    .of_many(past.len());
    accesses::log(app, entry)?;
    let node = app.node();
    let shown = app.policy.fields(&caller.actor);
    let fields: Vec<FieldRule> = past.iter().map(|(case, _)| shown.on(case)).collect();
    let texts: Vec<[&str; 3]> = past
        .iter()
        .zip(&fields)
        .map(|((case, text), fields)| texts(case, text, *fields))
        .collect();
    let tried = past.iter().zip(&texts).map(|((case, _), texts)| Past {
        case: case.id,
        facts: RouteFacts {
            class: case.class.as_ref().and_then(|code| node.classes.get(code)),
            division: case.place.division.as_deref(),
            cell: case
                .place
                .cell
                .and_then(|cell| node.cells.get(&cell))
                .map(|cell| cell.code.as_str()),
            channel: case.channel,
            at: case.opened_at,
            texts,
            about_office: case.about_office,
        },
        office: case.route.as_ref().map(|route| route.office),
    });
    let mut tried = router.try_on(tried, &node.calendar, SAMPLES_MAX);
    let unread = fields.iter().filter(|fields| !(fields.words && fields.place));
    tried.unread = unread.count() as u64;
    Ok(tried)
}

/// Title, description and address, each empty where it may not be read.
fn texts<'a>(case: &'a Case, text: &'a str, shown: FieldRule) -> [&'a str; 3] {
    let address = case.place.address.as_deref().unwrap_or_default();
    let only = |is_shown: bool, text: &'a str| if is_shown { text } else { "" };
    [
        only(shown.words, &case.title),
        only(shown.words, text),
        only(shown.place, address),
    ]
}

/// The newest cases with their first report's words.
fn past(app: &App, rows: &RowRule) -> Result<Vec<(Case, String)>, Error> {
    let filter = CaseFilter {
        visible: crate::cases::visibility(rows),
        ..CaseFilter::default()
    };
    let sort = Sort::descending(SortKey::Opened);
    let (mut past, mut after) = (Vec::new(), None);
    while past.len() < TRIED_MAX {
        let page = app.store.read(|tx| {
            let page = anlan_store::cases::list(tx, &filter, sort, after.as_ref(), 500)?;
            let cases = page.items.into_iter().map(|case| Ok((text(tx, &case)?, case)));
            let cases = cases
                .map(|pair| pair.map(|(text, case)| (case, text)))
                .collect::<Result<Vec<_>, Error>>()?;
            Ok::<_, Error>((cases, page.next))
        })?;
        past.extend(page.0);
        after = page.1;
        if after.is_none() {
            break;
        }
    }
    Ok(past)
}

fn text(tx: &mut anlan_store::Tx<'_>, case: &Case) -> Result<String, Error> {
    Ok(anlan_store::reports::of_case(tx, case.id)?
        .into_iter()
        .next()
        .map(|report| report.description)
        .unwrap_or_default())
}

/// Puts a rule set into force as the next version. Cases already routed stay where they are.
pub fn publish(app: &App, caller: &Caller, mut rules: RuleSet) -> Result<RuleSet, Error> {
    app.require(caller, Action::RulesPublish)?;
    let base = app.node().router.rules().version;
    if rules.version != base {
        let from = rules.version;
        return Err(Error::conflict(
            "rules.moved_meanwhile",
            format!(
                "您的规则基于第 {from} 版，而现行的是第 {base} 版。没有作任何更改，请基于最新版本重新修改。"
            ),
            format!(
                "These rules were made from version {from}, but {base} is in force. Nothing was changed; load it and change that one."
            ),
        ));
    }
    rules.version = base + 1;
    ready(app, rules.clone())?;
    let stamp = caller.stamp(app.clock.now());
    let entry = accesses::entry(
        app,
        caller,
        Action::RulesPublish,
        "rules",
        rules.version,
        Purpose::Maintenance,
    );
    let body = serde_json::to_string(&rules).map_err(|error| Error::Unavailable {
        detail: error.to_string(),
    })?;
    app.store.write(move |tx| {
        anlan_store::settings::put(tx, documents::RULES, &body, &stamp)?;
        anlan_store::accesses::append(tx, &entry).map_err(Error::from)
    })?;
    app.reload()?;
    Ok(rules)
}
