//! One question in Cedar's form: who asks, in which circumstances, about which record. Only what policies may speak of
//! goes in (`policies/anlan.cedarschema`), and of the divisions only the one the actor works in.

use crate::actions::Action;
use crate::actors::{Actor, purpose_word, role_word};
use anlan_model::cases::Case;
use anlan_model::ids::{AccountId, CaseId, OfficeId};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
};
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::str::FromStr as _;
use std::sync::LazyLock;

/// What policies may ask of a case.
#[derive(Debug, Clone, Copy)]
pub struct CaseFacts<'a> {
    /// The case.
    pub id: CaseId,
    /// Who must act.
    pub office: Option<OfficeId>,
    /// Who took it on.
    pub assignee: Option<AccountId>,
    /// The office it complains about.
    pub about: Option<OfficeId>,
    /// Code of the division it lies in.
    pub division: Option<&'a str>,
}

impl<'a> From<&'a Case> for CaseFacts<'a> {
    fn from(case: &'a Case) -> Self {
        Self {
            id: case.id,
            office: case.office,
            assignee: case.assignee,
            about: case.about_office,
            division: case.place.division.as_deref(),
        }
    }
}

impl CaseFacts<'_> {
    /// Whether the case lies in the division that the actor works in.
    pub(crate) fn lies_with(&self, actor: &Actor) -> bool {
        actor.division.is_empty()
            || self
                .division
                .is_some_and(|division| division.starts_with(&actor.division))
    }
}

/// What policies may ask of a post, and of a row of it.
#[derive(Debug, Clone, Copy)]
pub struct PostFacts<'a> {
    /// The office it acts for.
    pub office: OfficeId,
    /// Who is a member or deputy now or later.
    pub holders: &'a [AccountId],
    /// Whom the row is about.
    pub subject: Option<AccountId>,
    /// The member in whose place it puts them.
    pub stands_for: Option<AccountId>,
}

impl PostFacts<'_> {
    /// The post that an actor is likeliest to reach.
    pub(crate) fn for_any(actor: &Actor) -> Self {
        Self {
            office: actor.office.unwrap_or(OfficeId(0)),
            holders: &[],
            subject: None,
            stands_for: actor.account,
        }
    }
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Record<'a> {
    /// A case.
    Case(CaseFacts<'a>),
    /// A grant that this account asked for.
    Grant(AccountId),
    /// A post, or a row of one.
    Post(PostFacts<'a>),
    /// Anything else of the action's kind: policies tell no two of them apart.
    Any,
}

/// A question could not be put; nothing is allowed then.
#[derive(Debug, thiserror::Error)]
#[error("the question to policy cannot be put: {0}")]
pub(crate) struct QuestionError(String);

impl QuestionError {
    pub(crate) fn of(error: impl Display) -> Self {
        Self(error.to_string())
    }
}

/// Names of entity types, read once.
struct Kinds(HashMap<&'static str, EntityTypeName>);

static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let resources = Action::ALL.iter().map(|action| action.resource().name());
    let names = ["Account", "Role", "Purpose", "Office", "Division", "Action"];
    let parsed = names
        .into_iter()
        .chain(resources)
        .filter_map(|name| Some((name, EntityTypeName::from_str(name).ok()?)));
    Kinds(parsed.collect())
});

fn uid(kind: &'static str, id: impl AsRef<str>) -> Result<EntityUid, QuestionError> {
    let name = KINDS.0.get(kind).ok_or_else(|| QuestionError::of(kind))?;
    Ok(EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id)))
}

fn account(id: Option<AccountId>) -> Result<EntityUid, QuestionError> {
    uid("Account", id.map_or_else(String::new, |id| id.0.to_string()))
}

fn office(id: OfficeId) -> Result<RestrictedExpression, QuestionError> {
    Ok(RestrictedExpression::new_entity_uid(uid(
        "Office",
        id.0.to_string(),
    )?))
}

/// The question with all that is known.
pub(crate) fn question(
    actor: &Actor,
    action: Action,
    record: Record<'_>,
) -> Result<(Request, Entities), QuestionError> {
    let who = account(actor.account)?;
    let mut known = vec![asker(actor, who.clone())?];
    let resource = match record {
        Record::Case(facts) => {
            let id = uid("Case", facts.id.0.to_string())?;
            known.push(case(actor, &facts, id.clone())?);
            id
        }
        Record::Grant(asker) => {
            let id = uid("Grant", "")?;
            let asker = RestrictedExpression::new_entity_uid(account(Some(asker))?);
            let attributes = HashMap::from([("asker".to_owned(), asker)]);
            known.push(Entity::new(id.clone(), attributes, HashSet::new()).map_err(QuestionError::of)?);
            id
        }
        Record::Post(facts) => {
            let id = uid("Post", "")?;
            known.push(post(&facts, id.clone())?);
            id
        }
        Record::Any => uid(action.resource().name(), "")?,
    };
    let action_uid = uid("Action", action.code())?;
    let request = Request::new(who, action_uid, resource, context(actor, action)?, None);
    let entities = Entities::from_entities(known, None).map_err(QuestionError::of)?;
    Ok((request.map_err(QuestionError::of)?, entities))
}

fn asker(actor: &Actor, who: EntityUid) -> Result<Entity, QuestionError> {
    let division = RestrictedExpression::new_entity_uid(uid("Division", &actor.division)?);
    let mut attributes = HashMap::from([("division".to_owned(), division)]);
    if let Some(own) = actor.office {
        attributes.insert("office".into(), office(own)?);
    }
    let roles: Result<HashSet<_>, _> = actor
        .roles
        .iter()
        .map(|role| uid("Role", role_word(*role)))
        .collect();
    Entity::new(who, attributes, roles?).map_err(QuestionError::of)
}

fn case(actor: &Actor, facts: &CaseFacts<'_>, id: EntityUid) -> Result<Entity, QuestionError> {
    let mut attributes = HashMap::new();
    if let Some(has) = facts.office {
        attributes.insert("office".to_owned(), office(has)?);
    }
    if let Some(about) = facts.about {
        attributes.insert("about".to_owned(), office(about)?);
    }
    if facts.assignee.is_some() {
        let person = RestrictedExpression::new_entity_uid(account(facts.assignee)?);
        attributes.insert("assignee".to_owned(), person);
    }
    let divisions = if facts.lies_with(actor) {
        HashSet::from([uid("Division", &actor.division)?])
    } else {
        HashSet::new()
    };
    Entity::new(id, attributes, divisions).map_err(QuestionError::of)
}

fn post(facts: &PostFacts<'_>, id: EntityUid) -> Result<Entity, QuestionError> {
    let person = |id: AccountId| account(Some(id)).map(RestrictedExpression::new_entity_uid);
    let holders: Result<Vec<_>, _> = facts.holders.iter().copied().map(person).collect();
    let mut attributes = HashMap::from([
        ("office".to_owned(), office(facts.office)?),
        ("holders".to_owned(), RestrictedExpression::new_set(holders?)),
    ]);
    for (name, one) in [("subject", facts.subject), ("stands_for", facts.stands_for)] {
        if let Some(one) = one {
            attributes.insert(name.to_owned(), person(one)?);
        }
    }
    Entity::new(id, attributes, HashSet::new()).map_err(QuestionError::of)
}

fn context(actor: &Actor, action: Action) -> Result<Context, QuestionError> {
    let purpose = uid("Purpose", purpose_word(actor.purpose_of(action)))?;
    let opened: Result<Vec<_>, QuestionError> = actor
        .opened
        .iter()
        .map(|id| {
            Ok(RestrictedExpression::new_entity_uid(uid(
                "Case",
                id.0.to_string(),
            )?))
        })
        .collect();
    let mut pairs = vec![
        (
            "purpose".to_owned(),
            RestrictedExpression::new_entity_uid(purpose),
        ),
        (
            "approved".to_owned(),
            RestrictedExpression::new_bool(actor.approved),
        ),
        ("opened".to_owned(), RestrictedExpression::new_set(opened?)),
    ];
    if let Some(on_shift) = actor.on_shift {
        pairs.push(("on_shift".into(), RestrictedExpression::new_bool(on_shift)));
    }
    Context::from_pairs(pairs).map_err(QuestionError::of)
}
