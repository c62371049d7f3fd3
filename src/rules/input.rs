//! The main input of a tool's call: what a pattern is compared with.

use serde_json::Value;

use super::risk::Place;

/// The main input of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A shell line.
    Command(String),
    /// A path, real where that could be looked up.
    Path(String),
    /// A host of the web.
    Host(String),
    /// Some other text.
    Text(String),
}

/// What a pattern for this tool is compared with; `None` when the call is not what it has to be: then
/// nothing is automatic.
#[must_use]
pub fn of(tool: &str, input: &Value, place: &Place) -> Option<Input> {
    let text = |key: &str| input.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    match tool {
        "Bash" => text("command").map(|command| Input::Command(command.to_owned())),
        "Read" | "Edit" | "MultiEdit" | "Write" => path(text("file_path")?, place),
        "NotebookEdit" => path(text("notebook_path")?, place),
        "Grep" | "Glob" => path(text("path").unwrap_or(&place.cwd), place),
        "WebFetch" => host(text("url")?).map(Input::Host),
        "WebSearch" => text("query").map(|query| Input::Text(query.to_owned())),
        "Agent" | "Task" => text("subagent_type").map(|kind| Input::Text(kind.to_owned())),
        name if name.starts_with("mcp__") => Some(Input::Text(name.to_owned())),
        _ => None,
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
        assert_eq!(super::of("Bash", &json!({ "command": 5 }), &Place::default()), None);
        assert_eq!(super::of("Tomorrow", &json!({ "command": "x" }), &Place::default()), None);
    }
}
