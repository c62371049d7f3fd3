//! Rules as a text that people keep among their own files: TOML, a `[[rule]]` for each, in order.
//!
//! ```toml
//! [[rule]]
//! name = "look at git"
//! action = "allow"
//! glob = "git status*"        # or literal = "…", or regex = "…"
//! cwd = "/home/me/code/**"
//! ```

mod read;

use std::fmt::Write as _;

pub use read::{ImportError, import};

use super::{Action, Kind, Lasts, Rule};

/// Stands on top of every file.
const HEADER: &str = "\
# Rules of ccmon. The first that matches decides.
#
# Each [[rule]] has a name, an action (allow, deny, ask) and one pattern: glob, literal or regex.
# Where they differ from what is usual: tool (\"Bash\"), cwd (a glob over folders), message (for deny),
# dry_run, enabled, allow_high, and for (\"15 min\", \"1 h\", \"30 days\", \"once\", \"restart\").
#
# Rules that end by themselves are not exported.
";

/// Writes down the rules that last for ever, in order.
#[must_use]
pub fn export(rules: &[Rule]) -> String {
    let mut text = HEADER.to_owned();
    for rule in rules.iter().filter(|rule| rule.lasts == Lasts::Forever) {
        text.push_str("\n[[rule]]\n");
        for (key, value) in fields(rule) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{key} = {value}");
        }
    }
    text
}

fn fields(rule: &Rule) -> Vec<(&'static str, toml_edit::Value)> {
    let (action, message) = match &rule.action {
        Action::Allow => ("allow", None),
        Action::Deny { message } => ("deny", message.as_deref()),
        Action::Ask => ("ask", None),
    };
    let mut fields = vec![("name", rule.name.as_str().into()), ("tool", rule.tool.as_str().into())];
    fields.push(("action", action.into()));
    fields.push((kind(rule.kind), rule.pattern.as_str().into()));
    fields.extend(message.map(|message| ("message", message.into())));
    fields.extend(rule.cwd.as_deref().map(|cwd| ("cwd", cwd.into())));
    fields.extend(rule.dry_run.then(|| ("dry_run", true.into())));
    fields.extend((!rule.enabled).then(|| ("enabled", false.into())));
    fields.extend(rule.allow_high.then(|| ("allow_high", true.into())));
    fields
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Literal => "literal",
        Kind::Glob => "glob",
        Kind::Regex => "regex",
    }
}

#[cfg(test)]
mod tests;
