//! Sessions as people read them, and what they try to smuggle in.

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::timeline::Agent;

fn item(kind: Kind, at: u64, preview: &str) -> Item {
    Item {
        id: 1,
        at,
        ended: None,
        kind,
        tool: None,
        preview: preview.into(),
        input: None,
        text: None,
        failed: false,
        error: None,
        agent: None,
        approval: None,
        items: vec![],
    }
}

fn turn(items: Vec<Item>) -> Turn {
    let prompt = Some("fix ```it```\n<script>alert(1)</script>".to_owned());
    Turn { id: 5, at: 1_700_000_000_000, ended: Some(1_700_000_200_000), prompt, outcome: Some(Outcome::Done), items }
}

fn writer() -> Writer {
    Writer::new(TimeZone::UTC)
}

fn session() -> Value {
    json!({
        "key": "7-9", "session_id": "e8fa", "project": "shop`s", "branch": "main", "cwd": "/p", "state": "ended",
        "title": "Fix [the](javascript:alert(1)) <b>shop</b> www.example.org\u{1b}[2J", "model": null,
        "started": 1_700_000_000_000_u64, "last_activity": 1_700_000_200_000_u64, "tools": 2, "approvals": 1,
    })
}

#[test]
fn a_session_is_readable() {
    let call = Item {
        ended: Some(1_700_000_004_300),
        tool: Some("Bash".into()),
        input: Some(json!({ "command": "cargo test\n# ```", "description": "Test" })),
        failed: true,
        error: Some("Exit code 1".into()),
        approval: Some(Asked { id: "a".into(), outcome: Some("allowed".into()), by: Some("popup".into()) }),
        ..item(Kind::Tool, 1_700_000_002_000, "Bash: cargo test")
    };
    let inner = Item { input: Some(json!({ "file_path": "/x" })), ..item(Kind::Tool, 1_700_000_006_000, "Read: /x") };
    let agent = Item {
        agent: Some(Agent { id: "x".into(), kind: "general-purpose".into() }),
        text: Some("Looked.".into()),
        items: vec![inner],
        ..item(Kind::Agent, 1_700_000_005_000, "Agent: look")
    };
    let said = Item { text: Some("All **done**.".into()), ..item(Kind::Message, 1_700_000_200_000, "") };
    let end = Item { text: Some("The session ended".into()), ..item(Kind::Notice, 1_700_000_201_000, "") };
    let mut writer = writer();
    let head = writer.head(&session(), Some("The shop was fixed."));
    let text = head + &writer.turn(&turn(vec![call, agent])) + &writer.turn(&turn(vec![said, end]));
    assert_snapshot!(text, @r#"
    # Fix \[the\]\(javascript\:alert\(1\)\) \<b\>shop\<\/b\> www\.example\.org\\u\{1b\}\[2J

    - Project: ``shop`s``
    - Branch: `main`
    - Directory: `/p`
    - State: `ended`
    - Session: `7-9`
    - Claude's id: `e8fa`
    - Started: 2023-11-14 22:13:20
    - Last activity: 2023-11-14 22:16:40
    - Tool calls: 2, requests: 1

    ## Summary

    ```text
    The shop was fixed.
    ```

    ## 1. 2023-11-14 22:13:20, 3 min, done

    ````text
    fix ```it```
    <script>alert(1)</script>
    ````

    22:13:22 `Bash: cargo test`, 2.3 s, allowed by popup

    ````sh
    cargo test
    # ```
    ````

    Failed:

    ```text
    Exit code 1
    ```

    22:13:25 `Agent: look`

    22:13:26 `Read: /x`, agent `general-purpose`

    ```json
    {
      "file_path": "/x"
    }
    ```

    The agent `general-purpose` said:

    ```text
    Looked.
    ```

    22:16:40 Claude:

    ```text
    All **done**.
    ```

    22:16:41 `The session ended`
    "#);
}

#[test]
fn nothing_is_too_odd() {
    assert!(writer().head(&Value::Null, None).starts_with("# A session\n"));
    let odd = Turn { id: 1, at: u64::MAX, ended: None, prompt: None, outcome: None, items: vec![] };
    assert!(writer().turn(&odd).contains("## 1. "));
}

/// What stands outside of code: all of it is ours, or escaped.
fn outside(markdown: &str) -> String {
    let (mut out, mut fence) = (String::new(), None::<usize>);
    for line in markdown.lines() {
        let run = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if run >= open && line.len() == run => fence = None,
            None if run >= 3 && !line[run..].contains('`') => fence = Some(run),
            Some(_) => {}
            None => out += &format!("{}\n", without_spans(line)),
        }
    }
    assert!(fence.is_none(), "a fence is open:\n{markdown}");
    out
}

fn without_spans(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some(at) = rest.find(['`', '\\']) {
        let (before, from) = rest.split_at(at);
        out += before;
        if let Some(escaped) = from.strip_prefix('\\') {
            rest = escaped.get(1..).unwrap_or("");
            continue;
        }
        let run = from.len() - from.trim_start_matches('`').len();
        let mut end = run;
        loop {
            let next = from[end..].find('`').map(|at| end + at).expect("a span ends");
            let length = from[next..].len() - from[next..].trim_start_matches('`').len();
            end = next + length;
            if length == run {
                break;
            }
        }
        rest = &from[end..];
    }
    out + rest
}

proptest! {
    #[test]
    fn no_text_breaks_out(texts in prop::collection::vec("(\\PC|[`~\\[\\]<>()!\r\n\t#*\\\\ EVIL])*", 6)) {
        let [prompt, said, preview, command, error, title] = <[String; 6]>::try_from(texts).expect("six");
        let evil = |text: &str| text.replace("EVIL", "") + "EVIL";
        let call = Item {
            input: Some(json!({ "command": evil(&command) })),
            error: Some(evil(&error)),
            ..item(Kind::Tool, 0, &evil(&preview))
        };
        let said = Item { text: Some(evil(&said)), ..item(Kind::Message, 0, "") };
        let told = Turn { prompt: Some(evil(&prompt)), ..turn(vec![call, said]) };
        let mut writer = writer();
        let head = writer.head(&json!({ "title": "plain", "tag": evil(&title), "cwd": evil(&error) }), Some(&evil(&prompt)));
        let markdown = head + &writer.turn(&told);
        prop_assert!(!outside(&markdown).contains("EVIL"), "{}", markdown);
        let heading = writer.head(&json!({ "title": evil(&title) }), None);
        let words = without_spans(heading.lines().next().unwrap_or_default());
        prop_assert!(!words.trim_start_matches("# ").contains(|c: char| c.is_ascii_punctuation()), "{}", heading);
    }
}
