//! Checks that the classification has every field of every type that is stored as JSON, and no field that does not exist.
//! Columns are compared by the store's own tests, with a database.

use crate::findings::Finding;
use std::collections::{BTreeMap, BTreeSet};
use syn::{Attribute, Fields, Item};
use toml::{Table, Value};

const RULE: &str = "classification";

/// What a type consists of.
#[derive(Debug, Default)]
struct Shape {
    /// Fields that are written with it, as serde writes them; those of an enum's variant behind the variant's name.
    fields: BTreeSet<String>,
    /// Names of the types that are in it.
    inside: BTreeSet<String>,
}

/// Fields without an entry and entries without a field. `sources` are path and text, those that come first hold.
pub(super) fn check(path: &str, text: &str, sources: &[(String, String)]) -> Vec<Finding> {
    let finding = |what: String, instead: &str| Finding::new(path, 0, RULE, what, instead);
    let registry: Table = match text.parse() {
        Ok(registry) => registry,
        Err(error) => return vec![finding(error.to_string(), "write it as TOML")],
    };
    let shapes = match shapes(sources) {
        Ok(shapes) => shapes,
        Err(what) => return vec![finding(what, "the check has to read it")],
    };
    let nouns = fields_of(&registry, "nouns");
    let mut found = Vec::new();
    let mut reached = BTreeSet::new();
    let mut waiting = held(&registry);
    for root in waiting.iter().filter(|root| !shapes.contains_key(*root)) {
        found.push(finding(
            format!("`{root}` is held by a column and is no type"),
            "name the type",
        ));
    }
    while let Some(name) = waiting.pop_first() {
        let Some(shape) = shapes.get(&name).filter(|_| reached.insert(name.clone())) else {
            continue;
        };
        let entries = nouns.get(&name).cloned().unwrap_or_default();
        for field in shape.fields.difference(&entries) {
            let what = format!("`{name}.{field}` is stored and has no class, purpose and period");
            found.push(finding(what, "give it a line under its type"));
        }
        for entry in entries.difference(&shape.fields) {
            let what = format!("`{name}` has no field `{entry}`");
            found.push(finding(what, "name it as it is stored, or take it out"));
        }
        waiting.extend(shape.inside.iter().cloned());
    }
    for name in nouns.keys().filter(|name| !reached.contains(*name)) {
        found.push(finding(format!("`{name}` is in no column"), "take it out"));
    }
    found
}

/// The types that columns hold.
fn held(registry: &Table) -> BTreeSet<String> {
    let tables = registry.get("tables").and_then(Value::as_table);
    let fields = tables
        .into_iter()
        .flat_map(Table::values)
        .filter_map(|table| table.get("fields")?.as_table());
    let lines = fields.flat_map(Table::values);
    lines
        .filter_map(|line| Some(line.get(4)?.as_str()?.to_owned()))
        .collect()
}

fn fields_of(registry: &Table, kind: &str) -> BTreeMap<String, BTreeSet<String>> {
    let all = registry.get(kind).and_then(Value::as_table);
    let fields = |holder: &Value| {
        let fields = holder.get("fields").and_then(Value::as_table);
        fields.into_iter().flat_map(Table::keys).cloned().collect()
    };
    all.into_iter()
        .flatten()
        .map(|(name, holder)| (name.clone(), fields(holder)))
        .collect()
}

fn shapes(sources: &[(String, String)]) -> Result<BTreeMap<String, Shape>, String> {
    let mut all = BTreeMap::new();
    for (path, text) in sources {
        let file = syn::parse_file(text).map_err(|error| format!("{path}: {error}"))?;
        for item in file.items {
            if let Some((name, shape)) = Shape::of(&item) {
                all.entry(name).or_insert(shape);
            }
        }
    }
    Ok(all)
}

impl Shape {
    /// A type that is stored, with its name.
    fn of(item: &Item) -> Option<(String, Self)> {
        let mut shape = Self::default();
        match item {
            Item::Struct(item) if is_stored(&item.attrs) => {
                shape.take("", &item.fields);
                Some((item.ident.to_string(), shape))
            }
            Item::Enum(item) if is_stored(&item.attrs) => {
                for variant in &item.variants {
                    let word = renamed(&variant.attrs).unwrap_or_else(|| snake(&variant.ident.to_string()));
                    shape.take(&format!("{word}."), &variant.fields);
                }
                Some((item.ident.to_string(), shape))
            }
            _ => None,
        }
    }

    fn take(&mut self, before: &str, fields: &Fields) {
        for field in fields {
            if serde_words(&field.attrs).any(|word| word == "skip") {
                continue;
            }
            if let Some(name) = &field.ident {
                let name = renamed(&field.attrs).unwrap_or_else(|| name.to_string());
                self.fields.insert(format!("{before}{name}"));
            }
            let words = tokens(&field.ty);
            self.inside.extend(
                words
                    .into_iter()
                    .filter(|word| word.starts_with(char::is_uppercase)),
            );
        }
    }
}

/// The words of a type as it is written.
fn tokens(of: &syn::Type) -> Vec<String> {
    fn inside(arguments: &syn::PathArguments, found: &mut Vec<String>) {
        let syn::PathArguments::AngleBracketed(arguments) = arguments else {
            return;
        };
        for argument in &arguments.args {
            if let syn::GenericArgument::Type(of) = argument {
                walk(of, found);
            }
        }
    }
    fn walk(of: &syn::Type, found: &mut Vec<String>) {
        match of {
            syn::Type::Path(path) => {
                for segment in &path.path.segments {
                    found.push(segment.ident.to_string());
                    inside(&segment.arguments, found);
                }
            }
            syn::Type::Tuple(tuple) => tuple.elems.iter().for_each(|of| walk(of, found)),
            syn::Type::Array(array) => walk(&array.elem, found),
            syn::Type::Slice(slice) => walk(&slice.elem, found),
            syn::Type::Reference(reference) => walk(&reference.elem, found),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(of, &mut found);
    found
}

fn is_stored(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .any(|attribute| {
            let mut is = false;
            // A list that cannot be read is not serde's.
            let _ = attribute.parse_nested_meta(|meta| {
                is |= meta
                    .path
                    .segments
                    .last()
                    .is_some_and(|last| last.ident == "Serialize");
                Ok(())
            });
            is
        })
}

/// The words in `#[serde(…)]`.
fn serde_words(attributes: &[Attribute]) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    each_serde(attributes, |name, _| words.push(name.to_owned()));
    words.into_iter()
}

fn renamed(attributes: &[Attribute]) -> Option<String> {
    let mut name = None;
    each_serde(attributes, |word, value| {
        if word == "rename" {
            name = value;
        }
    });
    name
}

fn each_serde(attributes: &[Attribute], mut take: impl FnMut(&str, Option<String>)) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // What cannot be read here the compiler refuses.
        let _ = attribute.parse_nested_meta(|meta| {
            let value = match meta.value() {
                Ok(value) => Some(value.parse::<syn::LitStr>()?.value()),
                Err(_) => None,
            };
            if let Some(name) = meta.path.get_ident() {
                take(&name.to_string(), value);
            }
            Ok(())
        });
    }
}

/// `CaseMoved` as `case_moved`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(c.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "[tables.t.fields]\nbody = ['z', 'e', 'c', 'p', 'Case']\n[nouns.Case.fields]\nid = []\nplace = []\n\
        [nouns.Place.fields]\nlon = []\n[nouns.Event.fields]\n'note_added.note' = []\n";
    const MODEL: &str = "/// A.\n#[derive(Debug, Serialize)]\npub struct Case { id: CaseId, #[serde(rename = \"place\")] spot: Option<Place>, \
        #[serde(skip)] held: u8, events: Vec<(u8, Box<Event>)> }\n#[derive(Serialize)]\npub struct Place { lon: f64 }\n\
        #[derive(Serialize)]\npub enum Event { NoteAdded { note: String }, Placed(Place), Ended }\nstruct CaseId(i64);";

    fn said(registry: &str, model: &str) -> Vec<String> {
        let sources = [("m.rs".to_owned(), model.to_owned())];
        check("r", registry, &sources)
            .into_iter()
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn a_new_field_without_an_entry_fails_and_so_does_an_entry_without_a_field() {
        let whole = REGISTRY.replace("place = []", "place = []\nevents = []");
        assert_eq!(said(&whole, MODEL), Vec::<String>::new());
        let missing = |field: &str| format!("`{field}` is stored and has no class, purpose and period");
        assert_eq!(said(REGISTRY, MODEL), [missing("Case.events")]);
        let grown = MODEL
            .replace("lon: f64", "lon: f64, lat: f64")
            .replace("Ended", "Ended { by: u8 }");
        assert_eq!(
            said(&whole, &grown),
            [missing("Event.ended.by"), missing("Place.lat")]
        );
        let typo = whole.replace("lon = []", "long = []");
        assert_eq!(
            said(&typo, MODEL),
            [missing("Place.lon"), "`Place` has no field `long`".to_owned()]
        );
        let spare = format!("{whole}[nouns.Old.fields]\nid = []\n");
        assert_eq!(said(&spare, MODEL), ["`Old` is in no column"]);
        assert_eq!(
            said("[tables.t.fields]\nbody = ['z', 'e', 'c', 'p', 'Gone']\n", MODEL),
            ["`Gone` is held by a column and is no type"]
        );
    }
}
