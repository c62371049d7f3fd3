//! The judge: bash itself. Every command that it runs has to be among those that were seen.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use ccmon::rules::shell::{Dynamic, Line, Simple, Word, parse};
use proptest::prelude::*;

use crate::soup;

/// Every command that is not found tells its words; with no PATH that is every one but builtins, and `cat`.
const HARNESS: &str = r#"
cat() { local text; IFS= read -r -d '' text; printf %s "$text"; }
command_not_found_handle() {
  local all
  printf -v all '%s\037' "$@"
  all=${all//$'\n'/$'\035'}
  printf '%s\036' "$all" >&9
}
x='v w' eval "$1""#;

/// In a directory of its own, where lines may write: no name in a soup has a slash.
fn bash(args: &[&str]) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().ok()?;
    std::fs::write(dir.path().join("n"), "").ok()?;
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "5", "bash", "--norc", "--noprofile", "-c"]).args(args);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").current_dir(dir.path());
    command.stdin(Stdio::null()).stderr(Stdio::null());
    Some(command.output().ok()?.stdout)
}

/// What bash ran for the line. The commands must not exist, and the line must end by itself.
fn ran(line: &str) -> BTreeSet<Vec<String>> {
    let script = format!("exec 9>&1 1>/dev/null; PATH=/nonexistent; FUNCNEST=5; {HARNESS}");
    let out = bash(&[&script, "bash", line]).unwrap_or_default();
    // A line end would have the record written in two halves, and another's between them.
    let text = String::from_utf8_lossy(&out).replace('\u{1d}', "\n");
    let records = text.split_terminator('\u{1e}');
    records.map(|record| record.split_terminator('\u{1f}').map(str::to_owned).collect()).collect()
}

/// Whether the command may run as these words: exactly, when they are known; by its name otherwise. `time`
/// is a word of the shell's at the beginning of a pipeline, and a program behind a `|`.
fn covers(simple: &Simple, words: &[String]) -> bool {
    let timed = |word: &Word| matches!(word.text.as_deref(), Some("time" | "-p"));
    let first = simple.argv.iter().position(|word| !timed(word)).unwrap_or(0);
    [0, first].iter().any(|&from| matches(&simple.argv[from..], words))
}

fn matches(argv: &[Word], words: &[String]) -> bool {
    let literal = |word: &Word| !word.expands && word.dynamic.iter().all(|part| *part == Dynamic::HereDocument);
    if argv.iter().all(literal) {
        return argv.iter().map(|word| word.text.as_deref()).eq(words.iter().map(|word| Some(word.as_str())));
    }
    match argv.first() {
        Some(name) if literal(name) => name.text.as_ref() == words.first(),
        name => name.is_some(),
    }
}

fn unseen(line: &str, parsed: &Line) -> Option<Vec<String>> {
    ran(line).into_iter().find(|words| !parsed.commands.iter().any(|one| covers(one, words)))
}

fn judge(line: &str) -> Result<(), TestCaseError> {
    // A function may call itself for ever, and `exec` may take the judge away.
    if line.contains("()") || line.contains("function") {
        return Ok(());
    }
    if let Ok(parsed) = parse(line) {
        let unseen = unseen(line, &parsed);
        prop_assert!(unseen.is_none(), "{line:?}\nran {unseen:?}\nseen {parsed:#?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nothing_runs_unseen(line in soup::lines()) {
        judge(&line)?;
    }

    #[test]
    fn nothing_runs_unseen_in_damaged_lines(line in soup::damaged()) {
        judge(&line)?;
    }

    /// Words without expansions are what bash makes of them.
    #[test]
    fn literal_words_are_bashs(words in prop::collection::vec(literal(), 1..5)) {
        let line = format!("printf {}", words.join(" "));
        // Rejecting would end the test: too many are no literals.
        let Ok(Line { commands, .. }) = parse(&line) else { return Ok(()) };
        let one = &commands[0];
        if commands.len() > 1 || one.argv.iter().any(|word| word.expands || !word.dynamic.is_empty()) {
            return Ok(());
        }
        let script = format!("printf '%s\\0' {}", words.join(" "));
        let out = bash(&[&script]).unwrap_or_default();
        let seen: Vec<u8> = one.argv.iter().skip(1).flat_map(|word| [word.text.clone().unwrap().into_bytes(), vec![0]].concat()).collect();
        prop_assert_eq!(String::from_utf8_lossy(&seen), String::from_utf8_lossy(&out), "{}", line);
    }
}

/// A word of bits that are quoted in all ways.
fn literal() -> impl Strategy<Value = String> {
    let bare = "[a-zA-Z0-9_./:,@%+{}~^!\\]-]{1,5}";
    let bit = prop_oneof![
        bare.prop_map(|text: String| text),
        "'[ -&(-~é\n]{0,6}'".prop_map(|text: String| text),
        "\"([ !#%-&(-\\[\\]^_a-~é\n]|\\\\[\"\\\\$`a-z\n]){0,6}\"".prop_map(|text: String| text),
        "\\\\[ -~é]".prop_map(|text: String| text),
        "\\$'([ -&(-\\[\\]-~]|\\\\[abefnrtv\\\\'\"?]|\\\\x[0-7][0-9a-f]|\\\\[0-1][0-7]{2}|\\\\u00[c-f][0-9a-f]){0,6}'"
            .prop_map(|text: String| text),
        Just("$".to_owned()),
        Just("\\\n".to_owned()),
    ];
    prop::collection::vec(bit, 1..4).prop_map(|bits| bits.concat())
}
