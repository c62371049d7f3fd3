//! The main input of a tool's call: what a pattern is compared with.

use serde_json::Value;

use super::risk::{Place, paths};

/// The main input of a call, when that is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A path, real where that could be looked up.
    Path(String),
    /// A host of the web.
    Host(String),
    /// Some other text.
    Text(String),
}

impl Input {
    /// As a text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Path(text) | Self::Host(text) | Self::Text(text) => text,
        }
    }
}

/// The command of a call of the shell.
#[must_use]
pub fn command(input: &Value) -> Option<&str> {
    text(input, "command")
}

fn text<'a>(input: &'a Value, key: &str) -> Option<&'a str> {
    input.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// What a pattern for this tool is compared with, as a text: the command, or what [`of`] tells.
#[must_use]
pub fn main(tool: &str, input: &Value, place: &Place) -> Option<String> {
    match tool {
        "Bash" => command(input).map(str::to_owned),
        _ => of(tool, input, place).map(|input| input.text().to_owned()),
    }
}

/// What a pattern for this tool is compared with; `None` when the call is not what it has to be: then
/// nothing is automatic.
#[must_use]
pub fn of(tool: &str, input: &Value, place: &Place) -> Option<Input> {
    match tool {
        "Read" | "Edit" | "MultiEdit" | "Write" => path(text(input, "file_path")?, place),
        "NotebookEdit" => path(text(input, "notebook_path")?, place),
        "Grep" => folder(input, place),
        "Glob" => {
            // The pattern may name another folder than the one that is searched.
            let pattern = text(input, "pattern")?;
            let away = pattern.starts_with(['/', '~']) || pattern.split(['/', '{', ',', '}']).any(|part| part == "..");
            if away { None } else { folder(input, place) }
        }
        "WebFetch" => host(text(input, "url")?).map(Input::Host),
        "WebSearch" => text(input, "query").map(|query| Input::Text(query.to_owned())),
        "Agent" | "Task" => text(input, "subagent_type").map(|kind| Input::Text(kind.to_owned())),
        name if name.starts_with("mcp__") && input.is_object() => Some(Input::Text(name.to_owned())),
        _ => None,
    }
}

/// Everything that a rule which denies or asks may be about, whether or not the call is what it has to be.
#[must_use]
pub fn loosely(tool: &str, input: &Value, place: &Place) -> Vec<Input> {
    let mut found: Vec<Input> = of(tool, input, place).into_iter().collect();
    let texts: Vec<&str> = input.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str()).collect();
    for text in ["file_path", "notebook_path", "path"].iter().filter_map(|key| self::text(input, key)) {
        found.push(Input::Path(paths::resolve(text, &place.cwd, place)));
        found.extend(path(text, place));
    }
    if let Some(url) = text(input, "url") {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let host = authority.rsplit('@').next().unwrap_or_default().trim_end_matches('.');
        found.push(Input::Host(host.split(':').next().unwrap_or_default().to_owned()));
    }
    found.extend(texts.into_iter().map(|text| Input::Text(text.to_owned())));
    found.push(Input::Text(tool.to_owned()));
    found
}

/// The folder that is searched.
fn folder(input: &Value, place: &Place) -> Option<Input> {
    match input.get("path") {
        None | Some(Value::Null) if place.cwd.is_empty() => None,
        None | Some(Value::Null) => path(&place.cwd, place).or_else(|| Some(Input::Path(place.cwd.clone()))),
        Some(_) => path(text(input, "path")?, place),
    }
}

/// The path as the system would resolve it. One that could not be looked up is nothing that a rule may
/// speak about: a link on the way may lead anywhere.
fn path(written: &str, place: &Place) -> Option<Input> {
    place.real.get(written).cloned().map(Input::Path)
}

/// The host of an http(s) address, in lower case; `None` for anything that browsers and people might read
/// in different ways.
fn host(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, port)| if port.bytes().all(|b| b.is_ascii_digit()) { host } else { "" });
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let plain = !host.is_empty() && host.bytes().all(fits) && !host.starts_with('.') && !host.ends_with('.');
    plain.then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hosts_are_only_what_everybody_reads_alike() {
        let of = |url: &str| of("WebFetch", &json!({ "url": url }), &Place::default());
        assert_eq!(of("https://API.github.com:443/x?y#z"), Some(Input::Host("api.github.com".into())));
        for url in [
            "https://api.github.com@evil.example/",
            "https://api.github.com\\@evil.example",
            "ftp://x",
            "https://exämple.org",
            "https://",
            "https://a..b:x/",
            "//github.com",
            "https://github.com.",
        ] {
            assert!(
                !matches!(of(url), Some(Input::Host(host)) if host == "api.github.com" || host == "github.com"),
                "{url}"
            );
        }
        assert_eq!(super::of("Read", &json!({ "file_path": 5 }), &Place::default()), None);
        assert_eq!(super::of("Tomorrow", &json!({ "command": "x" }), &Place::default()), None);
    }
}
