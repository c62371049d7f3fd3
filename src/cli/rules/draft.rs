//! A rule as the command line says it.

use anyhow::{Context, bail};
use serde_json::{Map, Value, json};

use crate::cli::{find, when};
use crate::client::Client;

/// What a rule says; nothing here is about its pattern.
#[derive(Debug, clap::Args)]
pub struct Draft {
    /// What you call it
    #[arg(long)]
    name: Option<String>,
    /// The tool: Bash, Edit, Write, Read, WebFetch, `mcp__server__tool`, `mcp__server__*`, or * for all
    #[arg(long)]
    tool: Option<String>,
    /// How the pattern is read: glob, literal or regex
    #[arg(long, value_parser = ["glob", "literal", "regex"])]
    kind: Option<String>,
    /// Only in folders that this glob matches
    #[arg(long)]
    cwd: Option<String>,
    /// Let it run (usual)
    #[arg(long, group = "action")]
    allow: bool,
    /// Do not let it run
    #[arg(long, group = "action")]
    deny: bool,
    /// Ask, whatever later rules say
    #[arg(long, group = "action")]
    ask: bool,
    /// With --deny: tell Claude why, or what to do instead
    #[arg(short, long)]
    message: Option<String>,
    /// How long: once, 15min, 1h, restart, forever, `session:ID`, or both as `15min,session:ID`
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<String>,
    /// With a literal pattern: let it run although it is dangerous
    #[arg(long)]
    allow_high: bool,
}

impl Draft {
    /// What is said, as keys of a rule's JSON.
    pub async fn keys(self, client: &Client) -> anyhow::Result<Map<String, Value>> {
        let mut keys = Map::new();
        let texts = [
            ("name", self.name),
            ("tool", self.tool),
            ("kind", self.kind),
            ("cwd", self.cwd),
            ("message", self.message),
        ];
        keys.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text?)))));
        let actions = [("allow", self.allow), ("deny", self.deny), ("ask", self.ask)];
        if let Some((action, _)) = actions.into_iter().find(|(_, said)| *said) {
            keys.insert("action".into(), json!(action));
            if action != "deny" {
                keys.insert("message".into(), Value::Null);
            }
        }
        if let Some(time) = &self.lasts {
            keys.extend(lasts(client, time).await?);
        }
        if self.allow_high {
            keys.insert("allow_high".into(), json!(true));
        }
        Ok(keys)
    }
}

async fn lasts(client: &Client, time: &str) -> anyhow::Result<Map<String, Value>> {
    let help =
        || format!("{time:?} is no time: write once, 15min, 1h, 2d, restart, forever, session:ID or 15min,session:ID");
    let seconds = |text: &str| when::seconds(text).with_context(help);
    let keys = match (time, time.split_once("session:")) {
        ("once" | "restart" | "forever", _) => json!({ "lasts": time, "seconds": null, "session": null }),
        (_, Some(("", id))) => {
            let session = find::session(client, id).await?;
            json!({ "lasts": "session", "session": session["key"], "seconds": null })
        }
        (_, Some((before, id))) => {
            let seconds = seconds(before.trim_end_matches(','))?;
            let session = find::session(client, id).await?;
            json!({ "lasts": "session_seconds", "session": session["key"], "seconds": seconds })
        }
        (_, None) => json!({ "lasts": "seconds", "seconds": seconds(time)?, "session": null }),
    };
    match keys {
        Value::Object(keys) => Ok(keys),
        _ => bail!("{time:?} is no time"),
    }
}
