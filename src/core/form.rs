//! What was entered for an MCP server against the flat schema it asked with: string, number, integer,
//! boolean, one of several or several of them. Claude Code sends what it is given unchecked (2.1.329, measured:
//! only that values are text, numbers, booleans or lists of text).

use serde_json::Value;

/// What is wrong with `content` as the answer to an elicitation, first of all; nothing when it may be sent.
#[must_use]
pub fn fault(input: &Value, content: &Value) -> Option<String> {
    faults(input, content).into_iter().next()
}

/// All that is wrong with it.
#[must_use]
pub fn faults(input: &Value, content: &Value) -> Vec<String> {
    if input.get("mode").and_then(Value::as_str) == Some("url") {
        // The client opens the page only for its own dialog's Accept (2.1.329, measured): a hook's opens nothing.
        return vec!["the server wants a page to be opened, which only the terminal does: release it".to_owned()];
    }
    let schema = input.get("schema").unwrap_or(&Value::Null);
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else {
        return vec!["the server's schema is not understood: answer in the terminal".to_owned()];
    };
    let Some(entered) = content.as_object() else {
        return vec!["content has to be an object".to_owned()];
    };
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let missing = required.filter_map(Value::as_str).filter(|name| !entered.contains_key(*name));
    let missing = missing.map(|name| format!("content.{name} is missing, which the server requires"));
    let wrong = entered.iter().filter_map(|(name, value)| match fields.get(name) {
        None => Some(format!("content.{name} is nothing that the server asks for")),
        Some(field) => field_fault(field, value).map(|why| format!("content.{name} {why}")),
    });
    missing.chain(wrong).collect()
}

fn field_fault(field: &Value, value: &Value) -> Option<String> {
    match field.get("type").and_then(Value::as_str).unwrap_or_default() {
        "string" => text_fault(field, value),
        "integer" if !is_whole(value) => Some("has to be a whole number".to_owned()),
        "number" | "integer" => number_fault(field, value),
        "boolean" => (!value.is_boolean()).then(|| "has to be true or false".to_owned()),
        "array" => list_fault(field, value),
        other => Some(format!("is of the type {other:?}, which no form has: answer in the terminal")),
    }
}

fn text_fault(field: &Value, value: &Value) -> Option<String> {
    let Some(text) = value.as_str() else {
        return Some("has to be text".to_owned());
    };
    let choices = choices(field);
    if !choices.is_empty() {
        return (!choices.contains(&text)).then(|| format!("has to be one of {}", choices.join(", ")));
    }
    let limit = |name: &str| field.get(name).and_then(Value::as_u64);
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    if let Some(least) = limit("minLength").filter(|least| length < *least) {
        return Some(format!("has to have at least {least} characters"));
    }
    if let Some(most) = limit("maxLength").filter(|most| length > *most) {
        return Some(format!("may have no more than {most} characters"));
    }
    let format = field.get("format").and_then(Value::as_str).unwrap_or_default();
    let (fits, what) = match format {
        "email" => (is_email(text), "an e-mail address"),
        "uri" => (is_uri(text), "an address such as https://example.org"),
        "date" => (is_date(text), "a date such as 2026-01-31"),
        "date-time" => (is_moment(text), "a date and time such as 2026-01-31T12:00:00Z"),
        _ => return None,
    };
    (!fits).then(|| format!("has to be {what}"))
}

/// What may be chosen: `enum`, or `oneOf` and `anyOf` with titles.
fn choices(field: &Value) -> Vec<&str> {
    let list = |name: &str| field.get(name).and_then(Value::as_array).into_iter().flatten();
    let titled = list("oneOf").chain(list("anyOf")).filter_map(|choice| choice.get("const")?.as_str());
    list("enum").filter_map(Value::as_str).chain(titled).collect()
}

fn number_fault(field: &Value, value: &Value) -> Option<String> {
    let Some(number) = value.as_f64() else {
        return Some("has to be a number".to_owned());
    };
    let limit = |name: &str| field.get(name).and_then(Value::as_f64);
    if let Some(least) = limit("minimum").filter(|least| number < *least) {
        return Some(format!("has to be at least {least}"));
    }
    limit("maximum").filter(|most| number > *most).map(|most| format!("may be no more than {most}"))
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn list_fault(field: &Value, value: &Value) -> Option<String> {
    let Some(list) = value.as_array() else {
        return Some("has to be a list".to_owned());
    };
    let limit = |name: &str| field.get(name).and_then(Value::as_u64);
    let length = u64::try_from(list.len()).unwrap_or(u64::MAX);
    if let Some(least) = limit("minItems").filter(|least| length < *least) {
        return Some(format!("has to have at least {least} entries"));
    }
    if let Some(most) = limit("maxItems").filter(|most| length > *most) {
        return Some(format!("may have no more than {most} entries"));
    }
    let none = Value::Null;
    let items = field.get("items").unwrap_or(&none);
    list.iter().find_map(|entry| text_fault(items, entry))
}

fn is_email(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    text.rsplit_once('@').is_some_and(|(user, host)| plain(user) && plain(host))
}

fn is_uri(text: &str) -> bool {
    let named = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let scheme = |scheme: &str| scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(named);
    let whole = |rest: &str| !rest.is_empty() && !rest.contains(char::is_whitespace);
    text.split_once(':').is_some_and(|(before, rest)| scheme(before) && whole(rest))
}

/// The numbers between `separator`s, if each has as many digits as `widths` says.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, width) in found.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_moment(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return false,
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let part = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let hour = numbers(clock, ':', [2, 2, 2]).is_some_and(|[h, m, s]| h < 24 && m < 60 && s <= 60);
    let ahead = |zone: &str| numbers(zone, ':', [2, 2]).is_some_and(|[h, m]| h < 24 && m < 60);
    let zoned = matches!(zone, "Z" | "z") || zone.get(1..).is_some_and(ahead);
    is_date(date) && part && hour && zoned
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(field: &Value, value: &Value) -> Option<String> {
        let input = json!({ "schema": { "type": "object", "properties": { "x": field } } });
        fault(&input, &json!({ "x": value }))
    }

    #[test]
    fn each_type_takes_what_it_says() {
        let cases = [
            (json!({ "type": "string" }), json!(["", "ü"]), json!([5, null, ["a"], {}])),
            (json!({ "type": "string", "minLength": 2, "maxLength": 3 }), json!(["üü", "abc"]), json!(["ü", "abcd"])),
            (json!({ "type": "string", "enum": ["a", "b"] }), json!(["a"]), json!(["A", "", 1])),
            (json!({ "type": "string", "oneOf": [{ "const": "a", "title": "A" }] }), json!(["a"]), json!(["A"])),
            (json!({ "type": "string", "format": "email" }), json!(["a@b.c"]), json!(["", "a", "@b", "a@", "a b@c"])),
            (
                json!({ "type": "string", "format": "uri" }),
                json!(["https://a/b", "urn:x"]),
                json!(["a", ":a", "http:"]),
            ),
            (
                json!({ "type": "string", "format": "date" }),
                json!(["2024-02-29", "2000-12-31"]),
                json!(["2023-02-29", "1900-02-29", "2024-13-01", "2024-1-01", "2024-04-31", "2024-01-00", "x"]),
            ),
            (
                json!({ "type": "string", "format": "date-time" }),
                json!(["2024-02-29T23:59:60Z", "2024-02-29t01:02:03.5+01:00"]),
                json!([
                    "2024-02-29",
                    "2024-02-29T01:02Z",
                    "2024-02-29T24:00:00Z",
                    "2024-02-29T01:02:03",
                    "T01:02:03Zü"
                ]),
            ),
            (json!({ "type": "number", "minimum": 1, "maximum": 2 }), json!([1, 1.5, 2.0]), json!([0.9, 3, "1", true])),
            (json!({ "type": "integer" }), json!([1, -3, 2.0]), json!([1.5, "1"])),
            (json!({ "type": "boolean" }), json!([true, false]), json!(["true", 0])),
            (
                json!({ "type": "array", "minItems": 1, "maxItems": 2, "items": { "type": "string", "enum": ["a", "b"] } }),
                json!([["a"], ["a", "b"]]),
                json!([[], ["a", "b", "a"], ["c"], "a", [1]]),
            ),
            (json!({ "type": "object" }), json!([]), json!([{}, 1])),
        ];
        for (field, good, bad) in cases {
            good.as_array().unwrap().iter().for_each(|value| assert_eq!(one(&field, value), None, "{field} {value}"));
            bad.as_array().unwrap().iter().for_each(|value| assert!(one(&field, value).is_some(), "{field} {value}"));
        }
    }

    #[test]
    fn what_is_missing_or_not_asked_for_is_named() {
        let input = json!({ "schema": { "properties": { "name": { "type": "string" } }, "required": ["name"] } });
        let said = |content: Value| fault(&input, &content).unwrap_or_default();
        assert_eq!(said(json!({ "name": "Ada" })), "");
        assert_eq!(said(json!({})), "content.name is missing, which the server requires");
        assert_eq!(said(json!({ "name": "Ada", "age": 1 })), "content.age is nothing that the server asks for");
        assert_eq!(said(json!({ "name": 1 })), "content.name has to be text");
        assert_eq!(said(json!([])), "content has to be an object");
    }

    #[test]
    fn a_page_is_for_the_terminal_and_so_is_a_schema_nobody_knows() {
        let page = json!({ "mode": "url", "url": "https://example.org" });
        assert!(fault(&page, &json!({})).unwrap().contains("only the terminal"));
        for schema in [json!({}), json!({ "properties": [] }), json!(5), json!(null)] {
            assert!(fault(&json!({ "schema": schema }), &json!({})).unwrap().contains("not understood"), "{schema}");
        }
        let bare = json!({ "schema": { "properties": {} } });
        assert_eq!(fault(&bare, &json!({})), None, "nothing is asked but yes or no");
    }
}
