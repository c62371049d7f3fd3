//! Pages that are joined again.

use serde_json::json;

use super::{Log, Row, drawn, same, told};
use crate::timeline::{Item, Turn};

/// Many turns, in which calls and agents run side by side.
fn long_log() -> Log {
    let mut log = Log::new();
    log.hook("SessionStart-startup", &same());
    for number in 0..12 {
        let prompt = format!("prompt-{number}");
        let of = |more: serde_json::Value| {
            let mut fields = json!({ "prompt_id": prompt });
            fields.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            fields
        };
        let (a, b) = (format!("a{number}"), format!("b{number}"));
        log.hook("UserPromptSubmit-typed", &of(json!({ "prompt": prompt })));
        log.hook("PreToolUse-Bash", &of(json!({ "tool_use_id": a })));
        log.hook("PreToolUse-Read", &of(json!({ "tool_use_id": b })));
        log.hook("SubagentStart", &of(json!({ "agent_id": prompt })));
        log.hook("PreToolUse-Write", &of(json!({ "agent_id": prompt, "agent_type": "x", "tool_use_id": prompt })));
        log.hook("PostToolUse-Bash", &of(json!({ "tool_use_id": a })));
        log.hook("PostToolUse-Write", &of(json!({ "agent_id": prompt, "agent_type": "x", "tool_use_id": prompt })));
        log.hook("SubagentStop", &of(json!({ "agent_id": prompt })));
        log.hook("PostToolUse-Read", &of(json!({ "tool_use_id": b })));
        log.hook("Stop-text", &of(same()));
    }
    log
}

/// What the later page tells of the same turn or item counts.
fn join(mut earlier: Vec<Turn>, later: Vec<Turn>) -> Vec<Turn> {
    for turn in later {
        match earlier.iter_mut().find(|known| known.id == turn.id) {
            Some(known) => *known = Turn { items: join_items(std::mem::take(&mut known.items), turn.items), ..turn },
            None => earlier.push(turn),
        }
    }
    earlier
}

fn join_items(mut earlier: Vec<Item>, later: Vec<Item>) -> Vec<Item> {
    for item in later {
        match earlier.iter_mut().find(|known| known.id == item.id) {
            Some(known) => *known = Item { items: join_items(std::mem::take(&mut known.items), item.items), ..item },
            None => earlier.push(item),
        }
    }
    earlier.sort_by_key(|item| (item.at, item.id));
    earlier
}

#[test]
fn pages_of_any_size_join_to_the_whole() {
    let log = long_log();
    let whole = drawn(&log.turns());
    for size in [1, 2, 3, 7, 10, 50, 1_000] {
        let mut joined: Vec<Turn> = Vec::new();
        let mut end = log.rows.len();
        while end > 0 {
            let from = end.saturating_sub(size);
            let lead: &[Row] = &log.rows[from.saturating_sub(40)..end];
            joined = join(told(lead, log.rows[from].id), joined);
            end = from;
        }
        assert_eq!(drawn(&joined), whole, "pages of {size}");
    }
}
