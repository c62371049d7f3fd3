//! The API's description says what the router does: every route, and every answer that a test of this room gets.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../assets/openapi.json")).expect("JSON"));

/// Where the router is built.
const ROUTER: [&str; 2] = [include_str!("../../src/api/mod.rs"), include_str!("../../src/api/history.rs")];
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[test]
fn every_route_is_described_and_nothing_else() {
    // Answered before any route, by the guard.
    let pages = ["/", "/openapi.json"].map(|path| (path.to_owned(), "get".to_owned()));
    let routes: BTreeSet<_> = routes().chain(pages).collect();
    let described: BTreeSet<_> = operations().map(|(path, method, _)| (path, method)).collect();
    assert!(routes.len() > 30, "{routes:?}");
    assert!(routes.iter().all(|(_, method)| method != "put"), "the guard asks it for no content type");
    assert_eq!(routes.difference(&described).collect::<Vec<_>>(), [] as [&(String, String); 0], "not described");
    assert_eq!(described.difference(&routes).collect::<Vec<_>>(), [] as [&(String, String); 0], "not there");
}

#[test]
fn the_description_holds_together() {
    assert_eq!(DOCUMENT["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations() {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id.to_owned()), "{id} twice");
        let named = path.split('/').filter(|part| part.starts_with('{')).count();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let given = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(named, given, "{method} {path}");
        assert!(operation["summary"].is_string() && operation["responses"].is_object(), "{method} {path}");
    }
    let mut refs = Vec::new();
    collect_refs(&DOCUMENT, &mut refs);
    for name in refs {
        let pointer = name.strip_prefix('#').expect("a place in this document");
        assert!(DOCUMENT.pointer(pointer).is_some(), "{name} leads nowhere");
    }
}

/// A request of a test and the status of its answer: one that is described. What goes to no route at all is not
/// looked at.
pub fn is_documented(request: &str, status: u16) {
    let mut words = request.split([' ', '\r']);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return;
    };
    let path = target.split('?').next().unwrap_or_default();
    let found = operations().find(|(template, of, _)| of.eq_ignore_ascii_case(method) && fits(template, path));
    if let Some((template, _, operation)) = found.filter(|_| status != 0) {
        let described = operation["responses"].get(status.to_string()).is_some();
        assert!(described, "{method} {template} is not described to answer {status}");
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut ours, mut theirs) = (template.split('/'), path.split('/'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(our), Some(their)) if our == their || (our.starts_with('{') && !their.is_empty()) => {}
            _ => return false,
        }
    }
}

/// What the router's source says, as paths and methods.
fn routes() -> impl Iterator<Item = (String, String)> {
    let source: String = ROUTER.concat().split_whitespace().collect();
    let source = source.replace(".route(LOGIN", ".route(\"/login\"");
    let routes: Vec<String> = source.split(".route(\"").skip(1).map(str::to_owned).collect();
    routes.into_iter().flat_map(|route| {
        let (path, rest) = route.split_once('"').expect("a path");
        let handlers = within(rest);
        let has =
            |method: &&str| handlers.contains(&format!(",{method}(")) || handlers.contains(&format!(").{method}("));
        METHODS.into_iter().filter(has).map(|method| (path.to_owned(), method.to_owned())).collect::<Vec<_>>()
    })
}

/// Up to the bracket that closes what was opened before.
fn within(rest: &str) -> &str {
    let mut depth = 1;
    let end = rest.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    &rest[..end.expect("a closing bracket")]
}

/// Path, method and what is said of them.
fn operations() -> impl Iterator<Item = (String, String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").iter();
        methods.map(move |(method, operation)| (path.clone(), method.clone(), operation))
    })
}

fn collect_refs<'a>(value: &'a Value, refs: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            refs.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| collect_refs(member, refs));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_refs(item, refs)),
        _ => {}
    }
}
