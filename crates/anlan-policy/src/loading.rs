//! Reading policies: parsed, checked against the schema, and every one about cases checked for a row rule. A set with one
//! faulty policy is refused whole, with the file, the line and the reason.

use crate::actions::{Action, Resource};
use crate::answers::Answers;
use crate::decisions::Words;
use crate::forms;
use crate::scopes::Scope;
use cedar_policy::pst::Template;
use cedar_policy::{Effect, PolicyId, PolicySet, Schema, ValidationMode, Validator, pst};
use miette::Diagnostic;
use std::collections::HashMap;
use std::sync::Arc;

/// A file of policies, or the schema.
#[derive(Debug, Clone, Copy)]
pub struct PolicyText<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// A set of policies that cannot be put into force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file}, line {line}: {reason}. None of these policies was put into force; mend the line and load them again. \
     {file} 第 {line} 行有误，整套策略均未生效，请改正后重新加载。"
)]
pub struct PolicyError {
    /// Which file.
    pub file: String,
    /// Which line, counted from one.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl PolicyError {
    fn new(source: &PolicyText<'_>, at: usize, reason: impl std::fmt::Display) -> Self {
        let before = source.text.as_bytes().iter().take(at);
        Self {
            file: source.name.to_owned(),
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
            reason: reason.to_string().trim_end_matches('.').to_owned(),
        }
    }

    /// What a parser or the validator found, where it found it.
    fn found(source: &PolicyText<'_>, at: usize, error: &(impl Diagnostic + ?Sized)) -> Self {
        let label = error.labels().and_then(|mut labels| labels.next());
        let help = error.help().map_or_else(String::new, |help| format!(" ({help})"));
        Self::new(
            source,
            label.map_or(at, |label| label.offset()),
            format!("{error}{help}"),
        )
    }
}

/// One policy, as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) policy: cedar_policy::Policy,
    pub(crate) words: Words,
    pub(crate) permits: bool,
    pub(crate) scope: Scope,
    pub(crate) answers: Arc<Answers>,
    pub(crate) theme: Arc<str>,
}

/// Reads policies as they are written, without asking whether they make sense; with every fault there is.
pub(crate) fn parse(sources: &[PolicyText<'_>]) -> (Vec<Kept>, Vec<PolicyError>) {
    let (mut all, mut faults): (Vec<Kept>, Vec<PolicyError>) = (Vec::new(), Vec::new());
    for source in sources {
        let mut of_file = Vec::new();
        match source.text.parse::<PolicySet>() {
            Err(errors) => faults.extend(errors.iter().map(|error| PolicyError::found(source, 0, error))),
            Ok(set) => {
                let templates = set.templates().map(|template| {
                    let reason = format!("`{}` is a template; write policies out", template.id());
                    PolicyError::new(source, 0, reason)
                });
                faults.extend(templates);
                for read in set.policies().map(|policy| keep(source, policy)) {
                    match read {
                        Ok(kept) => of_file.push(kept),
                        Err(fault) => faults.push(fault),
                    }
                }
            }
        }
        of_file.sort_by_key(|(at, _)| *at);
        for (at, kept) in of_file {
            if all.iter().any(|other| other.words.id == kept.words.id) {
                let reason = format!("there is already a policy `{}`", kept.words.id);
                faults.push(PolicyError::new(source, at, reason));
            } else {
                all.push(kept);
            }
        }
    }
    (all, faults)
}

fn keep(source: &PolicyText<'_>, policy: &cedar_policy::Policy) -> Result<(usize, Kept), PolicyError> {
    let named = policy.annotation("id").filter(|id| !id.is_empty());
    let at = named.map_or(0, |id| place(source, id));
    let word = |key: &str| {
        let word = policy.annotation(key).filter(|word| !word.is_empty());
        word.map(Arc::<str>::from).ok_or_else(|| {
            let reason = format!("policy `{}` has no @{key}", named.unwrap_or("without a name"));
            PolicyError::new(source, at, reason)
        })
    };
    let minutes = policy.annotation("minutes").map(str::parse);
    let minutes = minutes.transpose().map_err(|_why| {
        let reason = "@minutes is a whole number of minutes, at most 65,535";
        PolicyError::new(source, at, reason)
    })?;
    let words = Words {
        minutes,
        id: word("id")?,
        zh: word("zh")?,
        en: word("en")?,
    };
    let policy = policy.new_id(PolicyId::new(&words.id));
    let tree = tree(&policy).map_err(|reason| PolicyError::new(source, at, reason))?;
    let kept = Kept {
        permits: policy.effect() == Effect::Permit,
        scope: Scope::of(&tree),
        answers: Arc::new(Answers::of(&tree)),
        policy,
        words,
        theme: source.name.into(),
    };
    Ok((at, kept))
}

/// Where in the file the policy of this name begins.
fn place(source: &PolicyText<'_>, id: &str) -> usize {
    source.text.find(&format!("@id(\"{id}\")")).unwrap_or(0)
}

/// What a policy says, as a tree.
pub(crate) fn tree(policy: &cedar_policy::Policy) -> Result<Template, String> {
    match policy.to_pst() {
        Ok(pst::Policy::Static(policy)) => Ok(policy.body().clone()),
        Ok(_) => Err("it is linked to a template".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Policies that the schema does not bear, and those about cases that no row rule can say.
pub(crate) fn check(schema: &PolicyText<'_>, sources: &[PolicyText<'_>], all: &[Kept]) -> Vec<PolicyError> {
    let known = match Schema::from_cedarschema_str(schema.text) {
        Ok((known, _warnings)) => known,
        Err(error) => return vec![PolicyError::found(schema, 0, &error)],
    };
    let unknown = Action::ALL.iter().filter(|action| {
        let mut known = known.actions();
        !known.any(|uid| uid.id().unescaped() == action.code())
    });
    let no_action = |action: &Action| {
        let reason = format!("the schema has no action `{}`", action.code());
        PolicyError::new(schema, 0, reason)
    };
    let mut faults: Vec<PolicyError> = unknown.map(no_action).collect();
    let names: HashMap<&str, &PolicyText<'_>> = sources.iter().map(|source| (source.name, source)).collect();
    let source = |kept: &Kept| names.get(&*kept.theme).copied().unwrap_or(schema);
    for kept in all.iter().filter(|kept| kept.scope.reaches(Resource::Case)) {
        if let Err(reason) = tree(&kept.policy).and_then(|tree| forms::check(&tree)) {
            let reason = format!("policy `{}` cannot become a row rule: {reason}", kept.words.id);
            faults.push(at_policy(source(kept), kept, reason));
        }
    }
    let set = match PolicySet::from_policies(all.iter().map(|kept| kept.policy.clone())) {
        Ok(set) => set,
        Err(error) => return vec![PolicyError::new(schema, 0, error)],
    };
    let result = Validator::new(known).validate(&set, ValidationMode::Strict);
    faults.extend(result.validation_errors().map(|error| {
        let kept = all.iter().find(|kept| kept.policy.id() == error.policy_id());
        let source = kept.map_or(schema, source);
        let at = kept.map_or(0, |kept| place(source, &kept.words.id));
        PolicyError::found(source, at, error)
    }));
    faults
}

/// A fault of a policy as a whole.
pub(crate) fn at_policy(source: &PolicyText<'_>, kept: &Kept, reason: impl std::fmt::Display) -> PolicyError {
    PolicyError::new(source, place(source, &kept.words.id), reason)
}
