//! Whether what another server answers is what GeoReport v2 says: each fault in one sentence. It asks nobody anything.

use super::read::Value;
use jiff::Timestamp;

/// Words that say who reported, which no answer may hold.
const CONTACT: [&str; 6] = [
    "email",
    "phone",
    "first_name",
    "last_name",
    "device_id",
    "account_id",
];
const DESCRIPTION_CHARS_MAX: usize = 4000;
/// Faults told of one list; the rest would say the same again.
const TOLD_MAX: usize = 5;

/// The faults of a list of services.
pub fn services(list: &Value) -> Vec<String> {
    let mut faults = items(list, "service", |service, tell| {
        let lacking = ["service_code", "service_name", "metadata", "type"];
        lack(service, &lacking, tell);
        one_of(service, "type", &["realtime", "batch", "blackbox"], tell);
        one_of(service, "metadata", &["true", "false"], tell);
    });
    let mut codes: Vec<&str> = list
        .items()
        .iter()
        .filter_map(|one| one.text("service_code"))
        .collect();
    codes.sort_unstable();
    let twice = codes.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(one),
        _ => None,
    });
    faults.extend(twice.map(|code| format!("service_code {code} is there twice")));
    faults
}

/// The faults of a service's definition.
pub fn definition(found: &Value, code: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if found.text("service_code") != Some(code) {
        faults.push(format!(
            "service_code is {:?}, not {code}",
            found.text("service_code")
        ));
    }
    let kinds = [
        "string",
        "number",
        "datetime",
        "text",
        "singlevaluelist",
        "multivaluelist",
    ];
    faults.extend(items(
        found.field("attributes"),
        "attribute",
        |attribute, tell| {
            lack(attribute, &["variable", "code", "datatype", "required"], tell);
            one_of(attribute, "datatype", &kinds, tell);
            one_of(attribute, "variable", &["true", "false"], tell);
            one_of(attribute, "required", &["true", "false"], tell);
            let is_list = attribute
                .text("datatype")
                .is_some_and(|kind| kind.ends_with("valuelist"));
            if is_list && attribute.field("values").items().is_empty() {
                tell("is a list without values".to_owned());
            }
        },
    ));
    faults
}

/// The faults of a list of requests.
pub fn requests(list: &Value) -> Vec<String> {
    items(list, "request", |request, tell| {
        lack(
            request,
            &[
                "service_request_id",
                "status",
                "service_code",
                "requested_datetime",
            ],
            tell,
        );
        one_of(request, "status", &["open", "closed"], tell);
        for name in ["requested_datetime", "updated_datetime", "expected_datetime"] {
            if let Some(text) = request.text(name).filter(|text| time(text).is_none()) {
                tell(format!("has {name} {text}, which is no time with its offset"));
            }
        }
        for (name, most) in [("lat", 90.0), ("long", 180.0)] {
            let is_far = |text: &&str| !text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most);
            if let Some(text) = request.text(name).filter(is_far) {
                tell(format!("has {name} {text}, which is not on earth"));
            }
        }
        if let Some(name) = CONTACT.iter().find(|name| request.text(name).is_some()) {
            tell(format!("tells {name}"));
        }
        let length = request.text("description").map_or(0, |text| text.chars().count());
        if length > DESCRIPTION_CHARS_MAX {
            tell(format!("has a description of {length} characters"));
        }
    })
}

/// The faults of a list of errors that was answered with this status.
pub fn errors(list: &Value, status: u16) -> Vec<String> {
    if list.items().is_empty() {
        return vec!["it is no list of errors".to_owned()];
    }
    items(list, "error", |error, tell| {
        lack(error, &["code", "description"], tell);
        if let Some(code) = error.text("code").filter(|code| **code != *status.to_string()) {
            tell(format!("has code {code}, but the status is {status}"));
        }
    })
}

/// A time with its offset.
pub fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// What is wrong with the items of a list, each named by its place.
fn items(list: &Value, what: &str, judge: impl Fn(&Value, &mut dyn FnMut(String))) -> Vec<String> {
    if !matches!(list, Value::List(_) | Value::Nothing) {
        return vec![format!("it is no list of {what}s")];
    }
    let (mut faults, mut count) = (Vec::new(), 0_usize);
    for (at, item) in list.items().iter().enumerate() {
        judge(item, &mut |fault| {
            count += 1;
            if faults.len() < TOLD_MAX {
                faults.push(format!("{what} {} {fault}", at + 1));
            }
        });
    }
    if count > faults.len() {
        faults.push(format!("and {} more", count - faults.len()));
    }
    faults
}

fn lack(of: &Value, names: &[&str], tell: &mut dyn FnMut(String)) {
    for name in names.iter().filter(|name| of.text(name).is_none()) {
        tell(format!("lacks {name}"));
    }
}

fn one_of(of: &Value, name: &str, words: &[&str], tell: &mut dyn FnMut(String)) {
    if let Some(word) = of.text(name).filter(|word| !words.contains(word)) {
        tell(format!("has {name} {word}, not one of {}", words.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::print::Format;
    use super::super::read::read;
    use super::*;

    fn json(text: &str) -> Value {
        read(text.as_bytes(), Format::Json).unwrap()
    }

    #[test]
    fn what_is_right_has_no_faults() {
        let right = r#"[{"service_request_id":"1","status":"open","service_code":"001","requested_datetime":"2026-11-23T10:00:00+08:00","lat":1.5,"long":-180,"updated_datetime":null}]"#;
        assert_eq!(requests(&json(right)), Vec::<String>::new());
        assert_eq!(requests(&json("[]")), Vec::<String>::new());
        let service = r#"[{"service_code":"001","service_name":"x","metadata":false,"type":"realtime"}]"#;
        assert_eq!(services(&json(service)), Vec::<String>::new());
        let list = r#"{"service_code":"1","attributes":[{"variable":true,"code":"A","datatype":"singlevaluelist","required":false,"values":[{"key":1,"name":"x"}]}]}"#;
        assert_eq!(definition(&json(list), "1"), Vec::<String>::new());
        assert_eq!(
            errors(&json(r#"[{"code":404,"description":"x"}]"#), 404),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        let wrong = r#"[{"service_request_id":"1","status":"late","service_code":"1","requested_datetime":"2026-11-23 10:00","lat":"91","email":"a@b"}, {}]"#;
        let told = requests(&json(wrong)).join("; ");
        for said in [
            "request 1 has status late",
            "no time with its offset",
            "not on earth",
            "tells email",
            "request 2 lacks",
            "and ",
        ] {
            assert!(told.contains(said), "{said}: {told}");
        }
        assert_eq!(requests(&json("{}")), ["it is no list of requests"]);
        let twice = r#"[{"service_code":"1","service_name":"x","metadata":"maybe","type":"realtime"},{"service_code":"1","service_name":"x","metadata":true,"type":"slow"}]"#;
        let told = services(&json(twice)).join("; ");
        for said in ["metadata maybe", "type slow", "there twice"] {
            assert!(told.contains(said), "{said}: {told}");
        }
        let list = r#"{"service_code":"1","attributes":[{"variable":true,"code":"A","datatype":"multivaluelist","required":"no"}]}"#;
        let told = definition(&json(list), "2").join("; ");
        for said in ["not 2", "required no", "without values"] {
            assert!(told.contains(said), "{said}: {told}");
        }
        assert_eq!(errors(&json("{}"), 404), ["it is no list of errors"]);
        assert!(
            errors(&json(r#"[{"code":400}]"#), 404)
                .join("; ")
                .contains("status is 404")
        );
    }
}
