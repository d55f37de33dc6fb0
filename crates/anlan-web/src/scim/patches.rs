//! SCIM's PATCH (RFC 7644, 3.5.2): operations on a resource as JSON. What comes out is read like a whole resource, so that a
//! patch can say nothing that a resource could not.

use super::filters::{Filter, path};
use super::refusals::Refusal;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Operations in one request.
const OPERATIONS_MAX: usize = 100;
/// What the directory may not change.
const FIXED: [&str; 4] = ["id", "meta", "groups", "schemas"];

/// The body of a PATCH.
#[derive(Deserialize)]
pub(super) struct Patch {
    schemas: Vec<String>,
    #[serde(rename = "Operations", alias = "operations")]
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    op: String,
    path: Option<String>,
    value: Option<Value>,
}

/// Where an operation goes to: a field, some of its values, and a field of those.
struct Target {
    name: String,
    filter: Option<Filter>,
    inner: Option<String>,
}

impl Target {
    fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::bad("invalidPath", "The path cannot be read.");
        let (head, filter, rest) = match text.split_once('[') {
            None => (text, None, ""),
            Some((head, rest)) => {
                let (inner, rest) = rest.rsplit_once(']').ok_or_else(wrong)?;
                let filter = Filter::read(inner).map_err(|_malformed| wrong())?;
                (head, Some(filter), rest)
            }
        };
        let mut names = path(head).ok_or_else(wrong)?.into_iter();
        let name = names.next().ok_or_else(wrong)?;
        let inner = match rest.strip_prefix('.') {
            Some(inner) => Some(inner.to_owned()),
            None if rest.is_empty() => names.next(),
            None => return Err(wrong()),
        };
        if FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(&name)) {
            return Err(Refusal::bad(
                "mutability",
                "This attribute is not the directory's to change.",
            ));
        }
        Ok(Self { name, filter, inner })
    }
}

impl Patch {
    /// Applies the operations in their order, or none of them.
    pub(super) fn apply(self, to: &Value) -> Result<Value, Refusal> {
        let is_patch = self
            .schemas
            .iter()
            .any(|schema| schema.eq_ignore_ascii_case(super::PATCH));
        if !is_patch || self.operations.is_empty() || self.operations.len() > OPERATIONS_MAX {
            return Err(Refusal::bad(
                "invalidSyntax",
                "A patch names its schema and has between one and a hundred operations.",
            ));
        }
        let mut changed = to.clone();
        let fields = changed
            .as_object_mut()
            .ok_or_else(|| Refusal::bad("invalidSyntax", "The resource is no object."))?;
        for operation in self.operations {
            one(fields, operation)?;
        }
        Ok(changed)
    }
}

fn one(fields: &mut Map<String, Value>, operation: Operation) -> Result<(), Refusal> {
    let op = operation.op.to_ascii_lowercase();
    match (op.as_str(), operation.path, operation.value) {
        ("add" | "replace", Some(path), Some(value)) => {
            set(fields, &Target::read(&path)?, value, op == "add")
        }
        ("add" | "replace", None, Some(Value::Object(values))) => {
            for (name, value) in values {
                if FIXED.iter().any(|fixed| fixed.eq_ignore_ascii_case(&name)) {
                    continue;
                }
                // Some write a path as the name of a field.
                set(fields, &Target::read(&name)?, value, op == "add")?;
            }
            Ok(())
        }
        ("remove", Some(path), value) => remove(fields, &Target::read(&path)?, value),
        ("remove", None, _) => Err(Refusal::bad("noTarget", "Removing needs a path.")),
        ("add" | "replace", ..) => Err(Refusal::bad("invalidValue", "The operation has no fit value.")),
        _ => Err(Refusal::bad(
            "invalidSyntax",
            "An operation is add, replace or remove.",
        )),
    }
}

/// The field of that name, in whatever case it is written; where it is missing, under the name given.
fn slot<'a>(fields: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    let own = fields.keys().find(|own| own.eq_ignore_ascii_case(name)).cloned();
    fields
        .entry(own.unwrap_or_else(|| name.to_owned()))
        .or_insert(Value::Null)
}

fn set(fields: &mut Map<String, Value>, target: &Target, value: Value, is_add: bool) -> Result<(), Refusal> {
    let slot = slot(fields, &target.name);
    if let Some(filter) = &target.filter {
        let all = slot.as_array_mut().ok_or_else(no_target)?;
        let mut found = all.iter_mut().filter(|one| filter.holds(one)).peekable();
        if found.peek().is_none() {
            return Err(no_target());
        }
        for one in found {
            put(one, target.inner.as_deref(), value.clone());
        }
        return Ok(());
    }
    if target.inner.is_some() {
        put(slot, target.inner.as_deref(), value);
        return Ok(());
    }
    match (slot, value) {
        (Value::Array(all), Value::Array(more)) if is_add => {
            for one in more {
                if !all.iter().any(|own| is_same(own, &one)) {
                    all.push(one);
                }
            }
        }
        (Value::Array(all), one) if is_add => {
            if !all.iter().any(|own| is_same(own, &one)) {
                all.push(one);
            }
        }
        (slot, value) => *slot = value,
    }
    Ok(())
}

fn put(slot: &mut Value, inner: Option<&str>, value: Value) {
    let Some(name) = inner else {
        *slot = value;
        return;
    };
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Some(fields) = slot.as_object_mut() {
        *self::slot(fields, name) = value;
    }
}

/// Values of a list are the same where their `value` is.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.get("value"), other.get("value")) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn remove(fields: &mut Map<String, Value>, target: &Target, value: Option<Value>) -> Result<(), Refusal> {
    let own = fields
        .keys()
        .find(|own| own.eq_ignore_ascii_case(&target.name))
        .cloned();
    let Some(own) = own else { return Ok(()) };
    let Some(slot) = fields.get_mut(&own) else {
        return Ok(());
    };
    match (slot, &target.filter, value) {
        (Value::Array(all), Some(filter), _) => {
            let before = all.len();
            all.retain(|one| !filter.holds(one));
            if all.len() == before {
                return Err(no_target());
            }
        }
        // Some name in the value what is to go.
        (Value::Array(all), None, Some(Value::Array(those))) => {
            all.retain(|one| !those.iter().any(|that| is_same(one, that)));
        }
        (Value::Object(inside), None, _) if target.inner.is_some() => {
            let name = target.inner.clone().unwrap_or_default();
            inside.retain(|own, _| !own.eq_ignore_ascii_case(&name));
        }
        (_, Some(_), _) => return Err(no_target()),
        _ => _ = fields.remove(&own),
    }
    Ok(())
}

fn no_target() -> Refusal {
    Refusal::bad("noTarget", "The path finds nothing.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(operations: &Value) -> Result<Value, String> {
        let patch = json!({"schemas": [super::super::PATCH], "Operations": operations});
        let to = json!({"id": "7", "displayName": "Water", "externalId": "w",
            "members": [{"value": "1"}, {"value": "2"}]});
        let patch: Patch = serde_json::from_value(patch).unwrap();
        patch.apply(&to).map_err(|refusal| refusal.kind().to_owned())
    }

    #[test]
    fn operations_do_what_the_standard_says() {
        for (operation, field, becomes) in [
            (
                json!({"op": "replace", "path": "displayName", "value": "Roads"}),
                "displayName",
                json!("Roads"),
            ),
            (
                json!({"op": "Replace", "value": {"displayname": "Roads"}}),
                "displayName",
                json!("Roads"),
            ),
            (
                json!({"op": "add", "path": "members", "value": [{"value": "2"}, {"value": "3"}]}),
                "members",
                json!([{"value": "1"}, {"value": "2"}, {"value": "3"}]),
            ),
            (
                json!({"op": "add", "path": "members", "value": {"value": "3"}}),
                "members",
                json!([{"value": "1"}, {"value": "2"}, {"value": "3"}]),
            ),
            (
                json!({"op": "replace", "path": "members", "value": []}),
                "members",
                json!([]),
            ),
            (
                json!({"op": "remove", "path": "members[value eq \"1\"]"}),
                "members",
                json!([{"value": "2"}]),
            ),
            (
                json!({"op": "remove", "path": "members", "value": [{"value": "2"}]}),
                "members",
                json!([{"value": "1"}]),
            ),
            (json!({"op": "remove", "path": "members"}), "members", Value::Null),
            (
                json!({"op": "remove", "path": "externalId"}),
                "externalId",
                Value::Null,
            ),
            (
                json!({"op": "add", "path": "name.formatted", "value": "Li"}),
                "name",
                json!({"formatted": "Li"}),
            ),
            (
                json!({"op": "replace", "path": "members[value eq \"2\"].display", "value": "Li"}),
                "members",
                json!([{"value": "1"}, {"value": "2", "display": "Li"}]),
            ),
            (json!({"op": "replace", "value": {"id": "9"}}), "id", json!("7")),
        ] {
            let made = patched(&json!([operation])).unwrap();
            assert_eq!(
                made.get(field).cloned().unwrap_or_default(),
                becomes,
                "{operation}"
            );
        }
    }

    #[test]
    fn a_patch_that_cannot_be_done_says_why() {
        for (operations, kind) in [
            (json!([]), "invalidSyntax"),
            (
                json!([{"op": "test", "path": "displayName", "value": 1}]),
                "invalidSyntax",
            ),
            (json!([{"op": "remove"}]), "noTarget"),
            (
                json!([{"op": "remove", "path": "members[value eq \"9\"]"}]),
                "noTarget",
            ),
            (
                json!([{"op": "replace", "path": "members[value eq \"9\"]", "value": {}}]),
                "noTarget",
            ),
            (
                json!([{"op": "replace", "path": "displayName[", "value": 1}]),
                "invalidPath",
            ),
            (
                json!([{"op": "replace", "path": "a.b.c", "value": 1}]),
                "invalidPath",
            ),
            (
                json!([{"op": "replace", "path": "id", "value": "9"}]),
                "mutability",
            ),
            (json!([{"op": "add", "path": "displayName"}]), "invalidValue"),
            (json!([{"op": "add", "value": "x"}]), "invalidValue"),
        ] {
            assert_eq!(patched(&operations), Err(kind.into()), "{operations}");
        }
        let many: Vec<Value> = (0..101)
            .map(|_| json!({"op": "remove", "path": "externalId"}))
            .collect();
        assert_eq!(patched(&json!(many)), Err("invalidSyntax".into()));
    }
}
