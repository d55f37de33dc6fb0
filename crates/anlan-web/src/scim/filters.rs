//! SCIM's filters (RFC 7644, 3.4.2.2): read into a tree of bounded depth, and asked of a resource as JSON. Names of attributes
//! and text are compared without regard to case, as the schemas here say of each but ids.

use serde_json::Value;

/// Longest filter, bytes.
const BYTES_MAX: usize = 2048;
/// Brackets within brackets.
const DEPTH_MAX: usize = 16;

/// What is asked of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    /// One of the values at this path is as asked.
    Within(Vec<String>, Box<Filter>),
    Present(Vec<String>),
    Compared(Vec<String>, Compare, Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    NotEqual,
    Contains,
    Begins,
    Ends,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Not a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl Filter {
    /// Reads a filter.
    pub(super) fn read(text: &str) -> Result<Self, Malformed> {
        if text.len() > BYTES_MAX {
            return Err(Malformed);
        }
        let mut reader = Reader { rest: text, depth: 0 };
        let filter = reader.any()?;
        reader.skip();
        if reader.rest.is_empty() {
            Ok(filter)
        } else {
            Err(Malformed)
        }
    }

    /// Whether a resource is as asked.
    pub(super) fn holds(&self, of: &Value) -> bool {
        match self {
            Self::And(one, other) => one.holds(of) && other.holds(of),
            Self::Or(one, other) => one.holds(of) || other.holds(of),
            Self::Not(one) => !one.holds(of),
            Self::Within(path, filter) => found(of, path).into_iter().any(|value| filter.holds(value)),
            Self::Present(path) => values(of, path).into_iter().any(is_something),
            Self::Compared(path, Compare::NotEqual, value) => !values(of, path)
                .into_iter()
                .any(|own| is(own, Compare::Equal, value)),
            Self::Compared(path, compare, value) => {
                values(of, path).into_iter().any(|own| is(own, *compare, value))
            }
        }
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
        _ => true,
    }
}

/// What stands at a path; of lists each.
fn found<'a>(of: &'a Value, path: &[String]) -> Vec<&'a Value> {
    let mut found = vec![of];
    for name in path {
        let fields = found.into_iter().filter_map(|value| field(value, name));
        found = fields.flat_map(each).collect();
    }
    found
}

/// The same as values that are compared: of an object its `value`.
fn values<'a>(of: &'a Value, path: &[String]) -> Vec<&'a Value> {
    let plain = |value: &'a Value| value.get("value").unwrap_or(value);
    found(of, path).into_iter().map(plain).collect()
}

/// A field by its name in any case.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = value.as_object()?;
    fields
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

fn is(own: &Value, compare: Compare, asked: &Value) -> bool {
    match (own, asked) {
        (Value::String(own), Value::String(asked)) => {
            let (own, asked) = (own.to_lowercase(), asked.to_lowercase());
            match compare {
                Compare::Equal => own == asked,
                Compare::NotEqual => own != asked,
                Compare::Contains => own.contains(&asked),
                Compare::Begins => own.starts_with(&asked),
                Compare::Ends => own.ends_with(&asked),
                Compare::Greater => own > asked,
                Compare::GreaterOrEqual => own >= asked,
                Compare::Less => own < asked,
                Compare::LessOrEqual => own <= asked,
            }
        }
        _ => compare == Compare::Equal && own == asked,
    }
}

/// What is left to read.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// Takes a sign or a word, in any case; a word only as a whole.
    fn takes(&mut self, token: &str) -> bool {
        self.skip();
        let Some((head, rest)) = self.rest.split_at_checked(token.len()) else {
            return false;
        };
        let is_word = token.chars().all(|c| c.is_ascii_alphabetic());
        let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == ':');
        if !head.eq_ignore_ascii_case(token) || is_word && goes_on {
            return false;
        }
        self.rest = rest;
        true
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<T, Malformed> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Malformed);
        }
        let made = read(self);
        self.depth -= 1;
        made
    }

    fn any(&mut self) -> Result<Filter, Malformed> {
        let mut made = self.all()?;
        while self.takes("or") {
            made = Filter::Or(Box::new(made), Box::new(self.all()?));
        }
        Ok(made)
    }

    fn all(&mut self) -> Result<Filter, Malformed> {
        let mut made = self.one()?;
        while self.takes("and") {
            made = Filter::And(Box::new(made), Box::new(self.one()?));
        }
        Ok(made)
    }

    fn one(&mut self) -> Result<Filter, Malformed> {
        if self.takes("not") {
            return Ok(Filter::Not(Box::new(self.deeper(Self::one)?)));
        }
        if self.takes("(") {
            let made = self.deeper(Self::any)?;
            return if self.takes(")") { Ok(made) } else { Err(Malformed) };
        }
        let path = self.path()?;
        if self.takes("[") {
            let made = self.deeper(Self::any)?;
            return if self.takes("]") {
                Ok(Filter::Within(path, Box::new(made)))
            } else {
                Err(Malformed)
            };
        }
        if self.takes("pr") {
            return Ok(Filter::Present(path));
        }
        let compare = self.compare()?;
        Ok(Filter::Compared(path, compare, self.value()?))
    }

    fn path(&mut self) -> Result<Vec<String>, Malformed> {
        self.skip();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.:$".contains(c);
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end).ok_or(Malformed)?;
        self.rest = rest;
        path(text).ok_or(Malformed)
    }

    fn compare(&mut self) -> Result<Compare, Malformed> {
        let all = [
            ("eq", Compare::Equal),
            ("ne", Compare::NotEqual),
            ("co", Compare::Contains),
            ("sw", Compare::Begins),
            ("ew", Compare::Ends),
            ("gt", Compare::Greater),
            ("ge", Compare::GreaterOrEqual),
            ("lt", Compare::Less),
            ("le", Compare::LessOrEqual),
        ];
        let found = all.into_iter().find(|(word, _)| self.takes(word));
        found.map(|(_, compare)| compare).ok_or(Malformed)
    }

    /// A text, number, truth value or null, as JSON writes it.
    fn value(&mut self) -> Result<Value, Malformed> {
        self.skip();
        if self.rest.starts_with('"') {
            let mut read = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
            let value = read.next().and_then(Result::ok).ok_or(Malformed)?;
            let at = read.byte_offset();
            self.rest = self.rest.get(at..).ok_or(Malformed)?;
            return Ok(value);
        }
        let end = self.rest.find([' ', ')', ']']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at_checked(end).ok_or(Malformed)?;
        self.rest = rest;
        let value: Value = serde_json::from_str(text).map_err(|_why| Malformed)?;
        let is_plain = !value.is_object() && !value.is_array();
        is_plain.then_some(value).ok_or(Malformed)
    }
}

/// A path of at most two names, without the schema's in front.
pub(super) fn path(text: &str) -> Option<Vec<String>> {
    // Only what stands before the last colon of a URN is the schema's name; its version holds a dot.
    let text = text.rsplit_once(':').map_or(text, |(_, name)| name);
    let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let is_fit = parts.len() <= 2 && parts.iter().all(|part| !part.is_empty());
    is_fit.then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn filters_ask_what_the_standard_says() {
        let user = json!({
            "userName": "Li.Ming", "active": true, "externalId": "a\"b", "title": "",
            "name": {"familyName": "Li"}, "groups": [{"value": "7", "display": "Water"}, {"value": "9"}],
            "meta": {"lastModified": "2026-11-23T02:00:00Z"},
        });
        for (filter, holds) in [
            (r#"userName eq "li.ming""#, true),
            (r#"USERNAME Eq "LI.MING""#, true),
            (
                r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "li""#,
                true,
            ),
            (r#"userName ne "li.ming""#, false),
            (r#"userName co "." and active eq true"#, true),
            (r#"active eq false or userName ew "ming""#, true),
            ("active eq false and active eq true or userName pr", true),
            ("not (userName pr)", false),
            ("title pr", false),
            ("nickName pr", false),
            (r#"name.familyName eq "li""#, true),
            (r#"groups eq "7""#, true),
            (r#"groups.value eq "8""#, false),
            (r#"groups[value eq "7" and display eq "water"]"#, true),
            (r#"groups[value eq "9" and display eq "water"]"#, false),
            (r#"externalId eq "a\"b""#, true),
            (r#"meta.lastModified gt "2026-11-01T00:00:00Z""#, true),
            ("active gt true", false),
            (r#"(userName eq "x" or (active eq true))"#, true),
            ("andrew eq null", false),
        ] {
            let read = Filter::read(filter).unwrap_or_else(|_| panic!("{filter}"));
            assert_eq!(read.holds(&user), holds, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_and_nothing_is_deep() {
        let deep = format!("{}a pr{}", "(".repeat(17), ")".repeat(17));
        let long = format!("a eq \"{}\"", "x".repeat(3000));
        let nots = format!("{}a pr", "not ".repeat(500));
        for not in [
            "",
            "userName",
            "userName eq",
            "userName eq x",
            "userName is \"x\"",
            "(userName pr",
            "userName pr)",
            "a[b pr",
            "a.b.c pr",
            "a..b pr",
            "a eq {}",
            "a eq [1]",
            "a pr or",
            "and",
            "not",
            &deep,
            &long,
            "a eq \"x",
        ] {
            assert_eq!(Filter::read(not), Err(Malformed), "{not}");
        }
        assert_eq!(Filter::read(&nots), Err(Malformed));
    }
}
