//! A well-formed request for any described operation, made from the description itself: required fields with the least
//! that their schema takes. What the description cannot say stands in one table.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Map, Value, json};

/// An operation of the API.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The status its description promises.
    pub(crate) success: u16,
    body: Option<(String, Value)>,
    parameters: Vec<Value>,
}

/// The description and what is read from it.
pub(crate) struct Described {
    api: Value,
}

impl Described {
    pub(crate) fn new() -> Self {
        Self {
            api: serde_json::to_value(anlan_web::openapi()).unwrap(),
        }
    }

    pub(crate) fn operations(&self) -> Vec<Operation> {
        let paths = self.api["paths"].as_object().unwrap();
        let mut all = Vec::new();
        for (path, item) in paths {
            let each = item.as_object().unwrap().iter();
            all.extend(each.map(|(method, operation)| self.operation(method, path, operation)));
        }
        all
    }

    fn operation(&self, method: &str, path: &str, operation: &Value) -> Operation {
        let content = operation["requestBody"]["content"].as_object();
        let first = content.and_then(|content| content.iter().next());
        let codes = operation["responses"].as_object().unwrap().keys();
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            success: codes.filter_map(|code| code.parse().ok()).min().unwrap(),
            body: first.map(|(kind, media)| (kind.clone(), self.example(&media["schema"]))),
            parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
        }
    }

    /// The least value that a schema takes.
    fn example(&self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.example(self.api.pointer(name.trim_start_matches('#')).unwrap());
        }
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        for several in ["oneOf", "anyOf", "allOf"] {
            if let Some(first) = schema[several].get(0) {
                return self.example(first);
            }
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind {
            Some("object") => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                let fields = required.iter().map(|name| {
                    let name = name.as_str().unwrap();
                    (name.to_owned(), self.example(&schema["properties"][name]))
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Some("array") => {
                let least = schema["minItems"].as_u64().unwrap_or(0);
                (0..least).map(|_| self.example(&schema["items"])).collect()
            }
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            Some("string") if schema["format"] == "date-time" => json!("2027-01-01T00:00:00Z"),
            Some("string") => {
                let least = schema["minLength"].as_u64().unwrap_or(1).max(1);
                json!("x".repeat(usize::try_from(least).unwrap()))
            }
            _ => json!({}),
        }
    }
}

impl Operation {
    /// Method and path, as the table of doors names it.
    pub(crate) fn at(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it reads a JSON object.
    pub(crate) fn takes_json(&self) -> bool {
        let body = self.body.as_ref();
        body.is_some_and(|(kind, made)| kind == "application/json" && made.is_object())
    }

    /// A request about the thing `id`, at `version`, with these fields and parameters put over what was made up.
    pub(crate) fn request(&self, id: &str, version: u32, over: &Over) -> Request<Body> {
        let mut path = self.path.clone();
        if let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            path.replace_range(open..=close, id);
        }
        let mut request = Request::builder().method(self.method.as_str());
        for parameter in &self.parameters {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "header" if name == "If-Match" => {
                    request = request.header(name, format!("\"v{version}\""));
                }
                "header" if parameter["required"] == true => request = request.header(name, "x"),
                _ => {}
            }
        }
        if !over.query.is_empty() {
            path = format!("{path}?{}", over.query);
        }
        let request = request.uri(path);
        let Some((kind, made)) = &self.body else {
            return request.body(Body::empty()).unwrap();
        };
        if kind == "multipart/form-data" {
            let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=calm");
            let form = crate::bench::multipart(&[("photo", Some("a.png"), &crate::bench::PIXEL)]);
            return request.body(Body::from(form)).unwrap();
        }
        let mut made = made.clone();
        if let (Some(fields), Some(over)) = (made.as_object_mut(), over.body.as_object()) {
            fields.extend(over.clone());
        }
        let request = request.header(header::CONTENT_TYPE, kind.as_str());
        request.body(Body::from(made.to_string())).unwrap()
    }
}

/// What the description alone cannot say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Over {
    pub(crate) query: String,
    pub(crate) body: Value,
}
