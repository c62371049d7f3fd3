//! What the README says: it names every command, setting and check there is, and nothing that there is not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

const README: &str = include_str!("../README.md");
const CONFIG: &str = include_str!("../assets/config.toml");

/// All between this heading and the next of its rank.
fn section(heading: &str) -> &'static str {
    let (_, behind) = README.split_once(&format!("\n## {heading}\n")).expect("the heading");
    behind.split_once("\n## ").map_or(behind, |(section, _)| section)
}

/// The cells of the tables in it.
fn rows(section: &str) -> Vec<Vec<String>> {
    let table = section.lines().filter(|line| line.starts_with('|'));
    let cells = |line: &str| {
        let whole = line.replace("\\|", "\u{0}");
        let inner = whole.trim_matches('|').split('|');
        inner.map(|cell| cell.trim().replace('\u{0}', "|")).collect()
    };
    table.map(cells).collect()
}

/// What stands between backticks, but for blocks.
fn code(text: &str) -> Vec<String> {
    let spans = Regex::new("`([^`\n]+)`").expect("a pattern");
    spans.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

fn help(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ccmon")).args(words).arg("--help").output().expect("ccmon starts");
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands that a help lists.
fn verbs(help: &str) -> BTreeSet<String> {
    let (_, listed) = help.split_once("Commands:\n").expect("a list");
    let listed = listed.lines().take_while(|line| !line.is_empty());
    // What is deeper is the rest of a description.
    let named = listed.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let names = named.filter_map(|line| Some(line.split_whitespace().next()?.to_owned()));
    names.filter(|name| name != "help").collect()
}

/// Each code span of the table of commands, as the words behind `ccmon`.
fn told() -> Vec<Vec<String>> {
    let rows = rows(section("Commands"));
    let spans = rows.iter().skip(2).flat_map(|row| code(&row[0]));
    let words = |span: String| span.split_whitespace().filter(|word| *word != "ccmon").map(str::to_owned).collect();
    spans.map(words).collect()
}

#[test]
fn every_command_is_in_the_table_and_no_other() {
    let first = |words: &Vec<String>| words[0].clone();
    let told = told();
    assert_eq!(told.iter().map(first).collect::<BTreeSet<_>>(), verbs(&help(&[])));
    let of_rules = told.iter().filter(|words| words[0] == "rules").map(|words| words[1].clone());
    assert_eq!(of_rules.collect::<BTreeSet<_>>(), verbs(&help(&["rules"])));
}

#[test]
fn every_option_in_the_table_is_the_commands() {
    for words in told() {
        let verb: Vec<&str> = words.iter().take(if words[0] == "rules" { 2 } else { 1 }).map(String::as_str).collect();
        let help = help(&verb);
        let options = words.iter().map(|word| word.trim_matches(['[', ']'])).filter(|word| word.starts_with('-'));
        for option in options {
            let known = Regex::new(&format!(r"(^|[\s,]){}([\s,=]|$)", regex::escape(option))).expect("a pattern");
            assert!(known.is_match(&help), "{words:?}: {option} is not in\n{help}");
        }
    }
}

/// The settings of the commented default, with their values.
fn settings() -> BTreeMap<String, String> {
    let (mut table, mut all) = (String::new(), BTreeMap::new());
    let setting = Regex::new("^#([a-z_]+) = (.+)$").expect("a pattern");
    for line in CONFIG.lines() {
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').to_owned();
        } else if let Some(found) = setting.captures(line) {
            all.insert(format!("{table}.{}", &found[1]), found[2].to_owned());
        }
    }
    all
}

#[test]
fn every_setting_is_in_the_table_with_its_default() {
    let mut told = BTreeMap::new();
    for row in rows(section("Configuration")).iter().filter(|row| row.len() == 3 && row[0].starts_with('`')) {
        let names = code(&row[0]);
        let table = names[0].rsplit_once('.').expect("a table and a key").0.to_owned();
        let whole = |name: &String| match name.strip_prefix('.') {
            Some(key) => format!("{table}.{key}"),
            None => name.clone(),
        };
        told.extend(names.iter().map(whole).zip(code(&row[1])));
    }
    let settings = settings();
    assert!(settings.len() > 30, "{settings:?}");
    assert_eq!(told, settings);
}

/// The names under which the doctor looks at things, out of its own text.
fn checks() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor");
    let files = std::fs::read_dir(folder).expect("the doctor").map(|file| file.expect("a file").path());
    let texts = files.map(|file: PathBuf| std::fs::read_to_string(file).expect("a text"));
    let named = Regex::new(concat!(
        r#"(?:(?:Finding::(?:ok|warning|failed)|within|private)\(\s*|let check = |const CHECK: &str = |"#,
        r#"let \(check, \w+\) = \()"([a-zA-Z -]+)"|\("([a-z ]+)", &?paths\."#
    ));
    let named = named.expect("a pattern");
    let name = |found: regex::Captures<'_>| found.get(1).or(found.get(2)).map(|name| name.as_str().to_owned());
    let found = |text: String| named.captures_iter(&text).filter_map(name).collect::<Vec<_>>();
    texts.flat_map(found).collect()
}

#[test]
fn every_check_of_the_doctor_is_in_the_table() {
    let checks = checks();
    assert!(checks.len() >= 18, "{checks:?}");
    let rows = rows(section("Troubleshooting"));
    let told: BTreeSet<String> = rows.iter().skip(2).flat_map(|row| code(&row[0])).collect();
    assert_eq!(told, checks);
}

const DOCUMENTS: [&str; 4] = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// A document with where it stands.
fn documents() -> impl Iterator<Item = (&'static str, String)> {
    DOCUMENTS.into_iter().map(|name| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        (name, std::fs::read_to_string(root.join(name)).expect("a document"))
    })
}

#[test]
fn every_place_in_the_sources_is_there() {
    let place = Regex::new(r"^(src|tests|assets|packaging|benches|hook)(/[a-z0-9_./-]+)?( [a-z-]+)?$");
    let place = place.expect("a pattern");
    for (name, text) in documents() {
        for span in code(&text).into_iter().filter(|span| place.is_match(span)) {
            let path = span.split(' ').next().expect("a path");
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{name}: there is no {path}");
        }
    }
}

/// ccmon sends nothing off the machine: what it is made of could not even speak to a server that wants to be safe.
#[test]
fn no_library_speaks_to_servers_elsewhere() {
    let built: Vec<&str> =
        include_str!("../Cargo.lock").lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    assert!(built.len() > 100, "{built:?}");
    for library in ["rustls", "native-tls", "openssl", "openssl-sys", "reqwest", "ureq", "curl", "hyper-tls", "quinn"] {
        assert!(!built.contains(&format!("{library:?}").as_str()), "{library} is linked");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let anchor = |heading: &str| {
        let kept = heading.to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != ' ' && c != '-', "");
        kept.trim().replace(' ', "-")
    };
    let links = Regex::new(r#"(?:\]\(|srcset="|src=")([^)"]+)[)"]"#).expect("a pattern");
    for (name, text) in documents() {
        let headings: BTreeSet<String> =
            text.lines().filter_map(|l| Some(anchor(l.strip_prefix('#')?.trim_start_matches('#')))).collect();
        for target in links.captures_iter(&text).map(|found| found[1].to_owned()) {
            let there = match target.strip_prefix('#') {
                Some(heading) => headings.contains(heading),
                None => target.starts_with("https://") || Path::new(env!("CARGO_MANIFEST_DIR")).join(&target).is_file(),
            };
            assert!(there, "{name}: {target} leads nowhere");
        }
    }
}
