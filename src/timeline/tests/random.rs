//! Whatever is stored, something sensible is told.

use proptest::prelude::*;
use serde_json::Value;

use super::{Row, recorded, told};
use crate::timeline::{Item, Turn};

/// Which payload, when, told by which row, and which of its bytes is spoilt how.
type Spec = (usize, u64, u8, Option<(usize, u8)>);

fn rows(specs: &[Spec]) -> Vec<Row> {
    let all: Vec<Value> = recorded().into_values().chain(ours()).collect();
    let rows = specs.iter().enumerate().map(|(number, (which, at, hook, spoilt))| {
        let payload = &all[which % all.len()];
        let note = payload["note"].as_str().map(|note| format!("ccmon.{note}"));
        let kind = note.or(payload["hook_event_name"].as_str().map(str::to_owned)).unwrap_or_default();
        let mut bytes = payload.to_string().into_bytes();
        if let Some((place, byte)) = spoilt {
            let place = place % bytes.len();
            bytes[place] = *byte;
        }
        let payload = String::from_utf8_lossy(&bytes).into_owned();
        Row { id: number as i64 + 1, at: *at, kind, hook: hook.to_string(), payload }
    });
    rows.collect()
}

fn ours() -> Vec<Value> {
    let notes = [
        r#"{"note":"settled","approval":"1","settled":{"outcome":"denied","by":"rule","answer":{"message":"no"}}}"#,
        r#"{"note":"settled","approval":7}"#,
        r#"{"note":"interrupted","since":5}"#,
        r#"{"note":"process_gone"}"#,
        r#"{"note":"refused","why":[]}"#,
        "{}",
        "null",
    ];
    notes.iter().map(|note| serde_json::from_str(note).expect("JSON")).collect()
}

fn is_sensible(turns: &[Turn]) {
    for turn in turns {
        assert!(turn.ended.is_none_or(|ended| ended >= turn.at));
        items_are_sensible(&turn.items, 0);
    }
    let mut ids: Vec<i64> = turns.iter().map(|turn| turn.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), turns.len(), "each turn once");
}

fn items_are_sensible(items: &[Item], depth: usize) {
    assert!(depth < 12, "not too deep");
    for item in items {
        assert!(item.ended.is_none_or(|ended| ended >= item.at));
        assert!(item.preview.chars().count() <= 301, "{}", item.preview);
        assert!(item.items.is_empty() || item.agent.is_some());
        items_are_sensible(&item.items, depth + 1);
    }
}

proptest! {
    #[test]
    fn anything_in_any_order_is_told(
        specs in prop::collection::vec((any::<usize>(), 0..60_000_u64, any::<u8>(),
            prop::option::weighted(0.4, (any::<usize>(), any::<u8>()))), 0..80),
        from in 0..80_i64,
    ) {
        let rows = rows(&specs);
        let turns = told(&rows, from);
        is_sensible(&turns);
        prop_assert_eq!(&turns, &told(&rows, from), "and always the same");
        serde_json::to_string(&turns).expect("JSON");
    }

    #[test]
    fn the_order_in_which_it_was_stored_says_little(seed in prop::collection::vec(any::<usize>(), 1..60)) {
        let specs: Vec<Spec> = seed.iter().enumerate().map(|(n, which)| (*which, n as u64 * 7, 1, None)).collect();
        let rows = rows(&specs);
        let mut other = rows.clone();
        other.reverse();
        prop_assert_eq!(told(&rows, 0), told(&other, 0));
    }
}
