//! What rules may answer: a table of cases, and what must hold for any line.

mod harness;
mod random;

use std::path::Path;

use harness::{judge, rows, word};

#[test]
fn cases() {
    let (mut count, mut wrong) = (0, Vec::new());
    for file in std::fs::read_dir("tests/data/rules").expect("the cases").map(|file| file.unwrap().path()) {
        for row in rows(&file) {
            let verdict = judge(&row);
            let decision = word(&verdict.decision);
            count += 1;
            // What is only nice to have may be asked for; nothing may be allowed that has to be asked for.
            let close = row["tier"] == "stretch" && decision == "ask";
            let tried = row.get("trial").is_none_or(|trial| *trial == serde_json::json!(verdict.trial));
            if decision != row["decision"] && !close || !tried {
                wrong.push(format!("{row}\n    {decision}: {} {:?}", verdict.reasons.join("; "), verdict.trial));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 350, "only {count} cases");
}

#[test]
fn every_case_says_why() {
    for file in std::fs::read_dir("tests/data/rules").expect("the cases").map(|file| file.unwrap().path()) {
        for row in rows(Path::new(&file)) {
            assert!(row["why"].as_str().is_some_and(|why| !why.is_empty()), "{row}");
        }
    }
}
