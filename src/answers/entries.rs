//! What an MCP server asks for, field by field, and what was typed for each as the value that its schema takes.

use serde_json::{Map, Value, json};

use super::{list, named, numbered, rest, text};
use crate::core::form;

/// What a field is drawn from.
const DRAWN: [&str; 9] = ["type", "title", "description", "default", "enum", "enumNames", "oneOf", "anyOf", "items"];

const UNKNOWN: &str = "what it asks for is of a sort that no form has here";

/// One of the things that a server asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What the server calls it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What the server says of it.
    pub about: String,
    /// Whether it may be left out.
    pub needed: bool,
    /// What sort of value it takes.
    pub sort: Sort,
    /// What may be chosen: the value, and its title.
    pub choices: Vec<(String, String)>,
    /// What the server would enter.
    pub suggested: Option<Value>,
    /// What else it says, such as its bounds.
    pub rest: Map<String, Value>,
}

/// Sorts of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Sort {
    Text,
    Number,
    Integer,
    YesNo,
    Choice,
    Choices,
}

/// What is asked for.
///
/// # Errors
/// Why it cannot be given from here, in words.
pub fn read(input: &Value) -> Result<Vec<Field>, &'static str> {
    if text(input, "mode") == "url" {
        return Err("it wants a page to be opened, which only the terminal does");
    }
    let schema = input.get("schema").unwrap_or(&Value::Null);
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else {
        return Err(UNKNOWN);
    };
    let needed: Vec<&str> = list(schema, "required").iter().filter_map(Value::as_str).collect();
    if needed.iter().any(|name| !fields.contains_key(*name)) {
        return Err(UNKNOWN);
    }
    fields.iter().map(|(name, p)| Field::read(name, p, needed.contains(&name.as_str())).ok_or(UNKNOWN)).collect()
}

/// What was typed as `name=value`, as the server takes it.
///
/// # Errors
/// All that is wrong with it, each in words.
pub fn content(input: &Value, fields: &[Field], typed: &[String]) -> Result<Value, Vec<String>> {
    let (mut words, mut wrong) = (Map::new(), Vec::new());
    for pair in typed {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let called = || named(fields.iter().map(|field| field.title.as_str()), name);
        let at = named(fields.iter().map(|field| field.name.as_str()), name).or_else(called);
        match at.filter(|_| pair.contains('=')).map(|at| &fields[at]) {
            None if !pair.contains('=') => wrong.push(format!("{pair:?} is no name=value")),
            None => wrong.push(format!("{name} is nothing that the server asks for: {}", names(fields))),
            Some(field) => match field.understand(value) {
                Err(why) => wrong.push(format!("{} {why}", field.name)),
                Ok(value) => put(&mut words, field, value, &mut wrong),
            },
        }
    }
    if wrong.is_empty() { checked(input, words) } else { Err(wrong) }
}

/// Values by the names of their fields, as the server takes them.
///
/// # Errors
/// All that is wrong with them, each in words.
pub fn checked(input: &Value, values: Map<String, Value>) -> Result<Value, Vec<String>> {
    let content = Value::Object(values);
    let wrong = form::faults(input, &content);
    let plain = |why: String| why.replacen("content.", "", 1);
    if wrong.is_empty() { Ok(content) } else { Err(wrong.into_iter().map(plain).collect()) }
}

fn put(content: &mut Map<String, Value>, field: &Field, value: Value, wrong: &mut Vec<String>) {
    match (content.get_mut(&field.name), value) {
        (None, value) => drop(content.insert(field.name.clone(), value)),
        (Some(Value::Array(before)), Value::Array(more)) => {
            let new: Vec<Value> = more.into_iter().filter(|one| !before.contains(one)).collect();
            before.extend(new);
        }
        (Some(_), _) => wrong.push(format!("{} is given twice", field.name)),
    }
}

fn names(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    if names.is_empty() { "it asks for nothing but yes or no".to_owned() } else { names.join(", ") }
}

impl Field {
    fn read(name: &str, p: &Value, needed: bool) -> Option<Self> {
        let (sort, choices) = sort(p)?;
        let title = Some(text(p, "title")).filter(|title| !title.trim().is_empty());
        let suggested = p.get("default").filter(|value| !value.is_null()).cloned();
        let title = title.unwrap_or_else(|| name.to_owned());
        Some(Self {
            name: name.to_owned(),
            title,
            about: text(p, "description"),
            needed,
            sort,
            choices,
            suggested,
            rest: rest(p, &DRAWN),
        })
    }

    /// What is meant by what was typed.
    ///
    /// # Errors
    /// Why it is no value for this field, in words that go on after its name.
    pub fn understand(&self, words: &str) -> Result<Value, String> {
        let word = words.trim();
        match self.sort {
            Sort::Text => Ok(json!(words)),
            Sort::Number | Sort::Integer => number(word).ok_or_else(|| format!("has to be {}", self.takes())),
            Sort::YesNo => match word.to_lowercase().as_str() {
                "yes" | "y" | "true" | "on" | "1" => Ok(json!(true)),
                "no" | "n" | "false" | "off" | "0" => Ok(json!(false)),
                _ => Err("has to be yes or no".to_owned()),
            },
            Sort::Choice => self.chosen(word).map(|value| json!(value)),
            Sort::Choices if word.is_empty() => Ok(json!([])),
            Sort::Choices => match self.chosen(word) {
                Ok(one) => Ok(json!([one])),
                Err(_) => word
                    .split(',')
                    .map(|one| self.chosen(one.trim()))
                    .collect::<Result<Vec<_>, _>>()
                    .map(|all| json!(all)),
            },
        }
    }

    /// By its value, its title, or its number.
    fn chosen(&self, word: &str) -> Result<&str, String> {
        let value = named(self.choices.iter().map(|(value, _)| value.as_str()), word);
        let title = || named(self.choices.iter().map(|(_, title)| title.as_str()), word);
        let at = value.or_else(title).or_else(|| numbered(word)).and_then(|at| self.choices.get(at));
        at.map(|(value, _)| value.as_str()).ok_or_else(|| format!("has to be {}", self.takes()))
    }

    /// What it takes, in words.
    #[must_use]
    pub fn takes(&self) -> String {
        let values = || self.choices.iter().map(|(value, _)| value.as_str()).collect::<Vec<_>>().join(", ");
        match self.sort {
            Sort::Text => "text".to_owned(),
            Sort::Number => "a number".to_owned(),
            Sort::Integer => "a whole number".to_owned(),
            Sort::YesNo => "yes or no".to_owned(),
            Sort::Choice => format!("one of {}", values()),
            Sort::Choices => format!("any of {}", values()),
        }
    }
}

fn sort(p: &Value) -> Option<(Sort, Vec<(String, String)>)> {
    match text(p, "type").as_str() {
        "boolean" => Some((Sort::YesNo, Vec::new())),
        "number" => Some((Sort::Number, Vec::new())),
        "integer" => Some((Sort::Integer, Vec::new())),
        "array" => choices(p.get("items")?).map(|choices| (Sort::Choices, choices)),
        "string" if ["enum", "oneOf", "anyOf"].iter().all(|key| p.get(key).is_none()) => Some((Sort::Text, Vec::new())),
        "string" => choices(p).map(|choices| (Sort::Choice, choices)),
        _ => None,
    }
}

fn choices(p: &Value) -> Option<Vec<(String, String)>> {
    let titles = list(p, "enumNames");
    let plain = list(p, "enum").iter().enumerate().map(|(at, value)| (value.as_str(), titles.get(at)));
    let titled = ["oneOf", "anyOf"].into_iter().flat_map(|key| list(p, key));
    let titled = titled.map(|one| (one.get("const").and_then(Value::as_str), one.get("title")));
    let read = |(value, title): (Option<&str>, Option<&Value>)| {
        let value = value?.to_owned();
        let title = title.and_then(Value::as_str).unwrap_or(&value).to_owned();
        Some((value, title))
    };
    let all: Option<Vec<_>> = plain.chain(titled).map(read).collect();
    all.filter(|all| !all.is_empty())
}

/// As JSON has them: `1`, not `1.0`, is a whole number.
fn number(word: &str) -> Option<Value> {
    let word = word.strip_prefix('+').unwrap_or(word);
    let whole = word.parse::<i64>().map(|number| json!(number));
    whole.ok().or_else(|| word.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| json!(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Value {
        json!({ "server": "deploy", "message": "Where?", "schema": { "type": "object", "required": ["place", "times"], "properties": {
            "place": { "type": "string", "title": "Environment", "enum": ["stage", "prod"], "enumNames": ["Staging", "Production"] },
            "times": { "type": "integer", "minimum": 1 },
            "tell": { "type": "boolean", "default": true },
            "who": { "type": "array", "items": { "type": "string", "enum": ["ada", "bob", "eve"] }, "maxItems": 2 },
            "share": { "type": "number" },
            "mail": { "type": "string", "format": "email" },
        } } })
    }

    fn given(typed: &[&str]) -> Result<Value, Vec<String>> {
        let typed: Vec<String> = typed.iter().map(|text| (*text).to_owned()).collect();
        content(&asked(), &read(&asked()).unwrap(), &typed)
    }

    #[test]
    fn each_sort_of_value_is_typed_as_people_do() {
        let all = given(&["place=Production", "times= 3", "tell=no", "who=ada, 2", "share=0.5", "mail=a@b.c"]);
        let typed =
            json!({ "place": "prod", "times": 3, "tell": false, "who": ["ada", "bob"], "share": 0.5, "mail": "a@b.c" });
        assert_eq!(all, Ok(typed));
        let again = given(&["Environment=1", "times=+2", "who=eve", "who=ada"]);
        assert_eq!(again, Ok(json!({ "place": "stage", "times": 2, "who": ["eve", "ada"] })));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let wrong = given(&["place=moon", "times=x", "tell=perhaps", "size=1", "who", "who=ada,mallory"]).unwrap_err();
        let expected = [
            "place has to be one of stage, prod",
            "times has to be a whole number",
            "tell has to be yes or no",
            "size is nothing that the server asks for: place, times, tell, who, share, mail",
            "\"who\" is no name=value",
            "who has to be any of ada, bob, eve",
        ];
        assert_eq!(wrong, expected);
        let wrong = given(&["times=0", "mail=x", "who=1,2,3"]).unwrap_err();
        let expected = [
            "place is missing, which the server requires",
            "times has to be at least 1",
            "mail has to be an e-mail address",
            "who may have no more than 2 entries",
        ];
        assert_eq!(wrong, expected);
        assert_eq!(given(&["place=1", "place=2", "times=1"]), Err(vec!["place is given twice".to_owned()]));
        assert_eq!(given(&["place=1", "times=1.5"]), Err(vec!["times has to be a whole number".to_owned()]));
    }

    #[test]
    fn what_no_form_has_is_for_the_terminal() {
        assert!(read(&json!({ "mode": "url", "url": "https://x" })).unwrap_err().contains("only the terminal"));
        for field in [
            json!({ "type": "object" }),
            json!({ "type": "array" }),
            json!({ "type": "string", "enum": [1] }),
            json!(5),
        ] {
            let input = json!({ "schema": { "properties": { "x": field } } });
            assert_eq!(read(&input), Err(UNKNOWN), "{field}");
        }
        assert_eq!(read(&json!({ "schema": { "properties": {}, "required": ["x"] } })), Err(UNKNOWN));
        let bare = json!({ "schema": { "properties": {} } });
        assert_eq!(content(&bare, &read(&bare).unwrap(), &[]), Ok(json!({})));
    }
}
