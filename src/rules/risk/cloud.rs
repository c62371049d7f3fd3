//! Command lines of services: clouds, code hosts, clusters, databases. Their verbs tell what they do.

use super::call::{Arg, Call};
use super::deception::shown;
use super::scene::{Fact, Scene};
use super::value::Category;
use super::walk::{self, Handler};

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("aws", service), ("az", service), ("gcloud", service), ("gsutil", service), ("bq", service), ("gh", gh),
    ("glab", service), ("kubectl", kubectl), ("oc", kubectl), ("helm", service), ("terraform", service),
    ("tofu", service), ("pulumi", service), ("auth0", service), ("cdk", service), ("packer", service),
    ("heroku", service), ("fly", service), ("flyctl", service), ("vercel", service), ("netlify", service),
    ("wrangler", service), ("firebase", service), ("doctl", service), ("linode-cli", service),
    ("supabase", service), ("railway", service), ("stripe", service), ("eksctl", service), ("minikube", service),
    ("kind", service), ("k9s", service), ("argocd", service), ("flux", service), ("nomad", service),
    ("consul", service), ("serverless", service), ("sls", service), ("sam", service), ("copilot", service),
    ("render", service), ("jira", service), ("linear", service), ("sentry-cli", service), ("snyk", service),
    ("ansible", ansible), ("ansible-playbook", ansible), ("ansible-pull", ansible), ("psql", sql), ("mysql", sql),
    ("mariadb", sql), ("sqlite3", sql), ("duckdb", sql), ("mongosh", sql), ("mongo", sql), ("redis-cli", sql),
    ("cockroach", sql), ("clickhouse-client", sql), ("snowsql", sql), ("sqlcmd", sql), ("cqlsh", sql),
    ("influx", sql), ("dropdb", drops), ("createdb", drops), ("dropuser", drops), ("mysqladmin", drops),
    ("pg_restore", drops), ("mongorestore", drops), ("pg_dump", dumps), ("mysqldump", dumps), ("mongodump", dumps),
    ("prisma", service), ("alembic", service), ("flyway", service), ("liquibase", service), ("diesel", service),
    ("sqlx", service),
];

/// Verbs, or their beginnings, that only tell something.
#[rustfmt::skip]
const READS: &[&str] = &[
    "list", "ls", "describe", "get", "show", "view", "help", "version", "search", "lookup", "validate", "status",
    "diff", "log", "logs", "history", "explain", "top", "preview", "plan", "estimate", "wait", "tail", "query",
    "head", "select", "scan", "info", "inspect", "output", "graph", "providers", "fmt-check", "events", "checks",
    "check", "browse", "cluster-info", "api-resources", "api-versions", "whoami", "state-list", "batch-get",
    "template", "lint", "env", "docs", "doctor", "metadata", "synth", "synthesize", "auth-status", "completion",
    "test", "detect", "filter", "find", "verify", "ps", "stat", "du", "cat", "download", "topic", "describe-",
    "can-i", "ack", "compute-", "simulate", "notices", "resources", "dump", "sts", "bugreport", "current", "trace",
    "count", "exists", "acl-get", "is-", "read", "metrics", "summary", "usage", "print", "hash", "feedback",
    "survey", "compare", "monitor", "watch", "discover", "dependency", "export", "forecast", "assess", "decode",
    "peek", "resolve", "locate", "mirrors", "advisor", "generate-", "what-if", "ping", "context", "tree", "report",
    "evaluate", "sample", "dashboard", "required_plugins",
];
/// Verbs, or their beginnings, that change something.
#[rustfmt::skip]
const CHANGES: &[&str] = &[
    "create", "delete", "update", "put", "run", "start", "stop", "apply", "destroy", "remove", "rm", "add", "set",
    "edit", "import", "deploy", "scale", "patch", "replace", "rollback", "install", "uninstall", "upgrade",
    "terminate", "reboot", "restart", "modify", "attach", "detach", "associate", "disassociate", "enable",
    "disable", "register", "deregister", "send", "publish", "invoke", "exec", "cp", "mv", "sync", "merge", "close",
    "reopen", "comment", "fork", "clone", "rename", "transfer", "archive", "lock", "unlock", "pin", "login",
    "logout", "taint", "untaint", "cancel", "rerun", "approve", "review", "upload", "push", "tag", "untag", "grant",
    "revoke", "purge", "reset", "restore", "drain", "cordon", "uncordon", "label", "annotate", "expose",
    "autoscale", "rollout", "config", "configure", "init", "up", "down", "mb", "rb", "write", "assume", "issue-",
    "new", "move", "swap", "failover", "rotate", "cancel", "accept", "reject", "ready", "checkout", "migrate", "db",
    "bootstrap", "resume", "suspend", "link", "unlink", "release", "allocate", "authorize", "copy", "execute",
    "force", "promote", "switch", "refresh", "trigger", "activate", "deactivate", "shutdown", "proxy",
    "port-forward", "taint", "build", "seed", "reinstall", "transition", "assign", "unassign",
];

/// Words that name a secret among the things a service keeps.
#[rustfmt::skip]
const SECRETS: &[&str] = &[
    "get-secret-value", "print-access-token", "print-identity-token", "get-access-token", "get-credentials",
    "list-keys", "get-login-password", "get-session-token", "get-federation-token", "get-role-credentials",
    "secret", "secrets", "access", "get-password-data", "keys", "decrypt", "export-credentials",
    "get-instance-credentials", "list-connection-strings", "connection-string", "credential", "credentials",
    "list-publishing-credentials", "get-parameters-by-path", "keyvault", "show-connection-string",
];

/// Words that are verbs at the end of a command, and things before another verb: `logs delete`.
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "log", "logs", "topic", "env", "template", "events", "metadata", "metrics", "resources", "context", "dashboard",
    "report", "graph", "docs", "search", "query", "filter", "test", "history", "status", "check", "sts", "output",
    "resolve", "locate", "trace", "summary", "usage", "feedback", "advisor", "monitor", "plan", "dependency",
];
const DELETES: &[&str] = &["create", "delete", "remove", "update", "put", "destroy", "purge", "set", "add"];

enum Verb {
    Reads,
    Changes,
    Unclear,
}

/// Words that change something at the end of a command, and are things before a verb: `release list`.
#[rustfmt::skip]
const NOUNS: &[&str] = &[
    "config", "db", "label", "release", "tag", "run", "lock", "import", "issue", "link", "configure", "build",
    "rollout", "archive", "migrate", "restore", "copy",
];

fn begins(word: &str, verbs: &[&str]) -> bool {
    let goes_on = |verb: &str, rest: &str| rest.is_empty() || rest.starts_with('-') || verb.ends_with('-');
    verbs.iter().any(|verb| word.strip_prefix(verb).is_some_and(|rest| goes_on(verb, rest)))
}

fn verb_of(words: &[&Arg]) -> Verb {
    for (at, word) in words.iter().take(6).enumerate() {
        let word = word.text.as_str();
        let soon = |verbs: &[&str]| words[at + 1..].iter().take(3).any(|w| begins(&w.text, verbs));
        let last = at + 1 == words.len().min(6);
        let group = word.ends_with("-group") || word.ends_with("-groups");
        if begins(word, READS) || word.ends_with("-list") {
            return if THINGS.contains(&word) && soon(DELETES) { Verb::Changes } else { Verb::Reads };
        }
        if begins(word, CHANGES) && !group && (last || !NOUNS.contains(&word) || !soon(READS)) {
            return Verb::Changes;
        }
    }
    Verb::Unclear
}

#[rustfmt::skip]
const TAKES: &[&str] = &[
    "-t", "--tenant", "--profile", "--region", "--project", "-n", "--namespace", "--context", "-R", "--repo", "-g",
    "--resource-group", "--output", "-o", "--kubeconfig", "-c", "--cluster", "--account", "--subscription",
    "--format", "--query", "--name", "--filter", "-f", "-L", "--limit", "--endpoint-url", "--vault-name",
    "--server",
];

/// Whether the words name a secret's content, and not only which secrets there are.
fn is_secret(words: &[&Arg]) -> bool {
    let word = |at: usize| words.get(at).map_or("", |a| a.text.as_str());
    let lists = words.iter().take(5).any(|w| matches!(w.text.as_str(), "list" | "ls") || w.text == "list-secrets");
    let certificate = word(0) == "keyvault" && matches!(word(1), "certificate" | "key");
    let kms = word(0) == "kms";
    let always = words.iter().take(5).any(|w| matches!(w.text.as_str(), "list-keys" | "list-connection-strings"));
    let named = words.iter().take(4).any(|w| SECRETS.contains(&w.text.as_str()));
    named && !certificate && !kms && (always || !lists)
}

fn service(scene: &mut Scene<'_>, call: &Call<'_>) {
    let first = call.args.first().map_or("help", |a| a.text.as_str());
    if call.has(&["--help"]) || matches!(first, "help" | "-h" | "version" | "--version" | "-V") {
        return;
    }
    let words = call.operands(TAKES);
    let name = &call.name;
    if is_secret(&words) || call.has(&["--with-decryption"]) {
        scene.fact(call.index, &call.span, Fact::Secret);
        let text = format!("Reads or changes keys or tokens that {name} keeps.");
        return scene.high(Category::Secret, &call.span, text);
    }
    let tries = call.has(&["--dry-run", "--dryrun", "--check", "-check"]) && call.name != "aws";
    match verb_of(&words) {
        Verb::Reads => {}
        _ if tries => {}
        Verb::Changes => {
            let text =
                format!("Changes something on the service that {name} reaches, where it may cost money or data.");
            scene.high(Category::RemoteChange, &call.span, text);
        }
        Verb::Unclear => {
            let text = format!("Runs a command of {name} that is not known here.");
            scene.medium(Category::Unknown, &call.span, text);
        }
    }
}

fn gh(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&[
        "-R",
        "--repo",
        "-X",
        "--method",
        "-H",
        "--header",
        "-q",
        "--jq",
        "-t",
        "--template",
        "-L",
        "--limit",
    ]);
    let at = |i: usize| words.get(i).map_or("", |a| a.text.as_str());
    match (at(0), at(1)) {
        ("api", _) => api(scene, call, &words),
        ("auth", "token") => {
            scene.fact(call.index, &call.span, Fact::Secret);
            scene.high(Category::Secret, &call.span, "Prints the token of your GitHub account.");
        }
        ("auth", "status") if call.has(&["-t", "--show-token"]) => {
            scene.high(Category::Secret, &call.span, "Prints the token of your GitHub account.");
        }
        (
            "secret" | "variable" | "gist" | "pr" | "issue" | "run" | "release" | "repo" | "workflow" | "label"
            | "cache" | "ruleset",
            "list" | "view" | "status" | "checks" | "diff" | "watch" | "ls" | "get" | "check" | "download",
        ) => {}
        _ => service(scene, call),
    }
}

fn api(scene: &mut Scene<'_>, call: &Call<'_>, words: &[&Arg]) {
    let method = call.value(&["-X", "--method"]).map(|(v, _)| v.to_ascii_uppercase());
    let fields = call.has(&["-f", "-F", "--field", "--raw-field", "--input"]);
    let graph = words.get(1).is_some_and(|a| a.text == "graphql");
    let mutation = call.args.iter().any(|a| a.text.contains("mutation"));
    let changes = method.as_deref().map_or(fields && !graph, |m| m != "GET" && m != "HEAD") || mutation;
    if changes {
        scene.high(Category::RemoteChange, &call.span, "Asks GitHub to change something in your name.");
    }
}

fn kubectl(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&[
        "-n",
        "--namespace",
        "--context",
        "-o",
        "--output",
        "-l",
        "--selector",
        "--kubeconfig",
        "-f",
        "--filename",
        "-c",
        "--container",
        "--as",
        "--token",
        "--tail",
        "--since",
    ]);
    let at = |i: usize| words.get(i).map_or("", |a| a.text.as_str());
    let secret = words.iter().skip(1).any(|w| w.text.starts_with("secret")) && call.has(&["-o", "--output"]);
    match at(0) {
        "exec" => {
            scene.high(Category::Container, &call.span, "Runs a command inside a running container of the cluster.");
            let dashes = call.args.iter().position(|a| a.text == "--").map_or(call.args.len(), |i| i + 1);
            if let Some(inner) = Call::of(&call.args[dashes..], call.simple, call.index) {
                walk::call(scene, &inner);
            }
        }
        "config" if call.has(&["--raw"]) => scene.high(Category::Secret, &call.span, "Prints the keys to the cluster."),
        "get" | "describe" if secret => scene.high(Category::Secret, &call.span, "Reads secrets of the cluster."),
        "config" if matches!(at(1), "view" | "get-contexts" | "current-context" | "get-clusters" | "get-users") => {}
        "rollout" if matches!(at(1), "status" | "history") => {}
        "diff" | "kustomize" | "options" | "auth" | "plugin" => {}
        _ if call.has(&["--dry-run"]) => {}
        _ => service(scene, call),
    }
}

fn ansible(scene: &mut Scene<'_>, call: &Call<'_>) {
    let asks =
        call.has(&["--check", "--list-hosts", "--list-tasks", "--list-tags", "--syntax-check", "--help", "--version"])
            || call.args.len() == 1 && call.has(&["-h"]);
    if !asks {
        scene.high(Category::RemoteChange, &call.span, "Changes the machines that the playbook names.");
    }
}

#[rustfmt::skip]
const SQL_READS: &[&str] = &[
    "select", "show", "describe", "desc", "explain", "with", "pragma", "values", "table", "\\d", "\\l", "\\dt",
    "\\?", "\\conninfo", ".tables", ".schema", "get", "keys", "info", "ping", "exists", "ttl", "type", "scan",
    "hgetall", "dbsize", ".mode", ".headers", ".dump", "summarize", ".databases", ".indexes", "use",
];
#[rustfmt::skip]
const SQL_RUNS: &[&str] = &[
    "\\!", ".shell", ".system", "copy ", "into outfile", "load_extension", "into dumpfile", "lo_export",
    "pg_read_file", "system ", "\\copy", "\\o", "\\w", ".output", ".once", "install ", "attach ",
];

/// The database commands that are given as text. `-column` of sqlite3 and duckdb is one option, and no `-c`.
fn given(call: &Call<'_>) -> Option<String> {
    let one_dash = matches!(call.name.as_str(), "sqlite3" | "duckdb");
    let exact = call.args.windows(2).find(|w| matches!(w[0].text.as_str(), "-c" | "-e" | "-cmd" | "-s"));
    if let Some(pair) = exact {
        return Some(pair[1].text.clone());
    }
    let takes = ["-h", "-p", "-U", "-d", "-u", "-n", "-a", "-P", "-D", "--host", "--user", "--dbname", "--port"];
    if call.name == "redis-cli" {
        return call.operands(&takes).first().map(|a| a.text.clone());
    }
    if one_dash {
        let words = call.operands(&["-separator", "-nullvalue", "-newline"]);
        return words.last().filter(|_| words.len() > 1).map(|a| a.text.clone());
    }
    let options = ["-c", "-e", "--command", "--execute", "--eval", "-Q", "-q", "--query"];
    call.value(&options).map(|(text, _)| text.into_owned())
}

fn sql(scene: &mut Scene<'_>, call: &Call<'_>) {
    let asked = ["--help", "--version", "-l", "--list", "-V"];
    if call.args.iter().any(|a| asked.contains(&a.text.as_str())) && !call.has(&["-c", "--command"]) {
        return;
    }
    let from_file = call.args.iter().any(|a| matches!(a.text.as_str(), "-f" | "-init") || a.text.starts_with("--file"));
    let piped = call.simple.place.reads_from.is_some() || !call.simple.redirects.is_empty();
    match given(call) {
        _ if from_file || call.name == "redis-cli" && call.has(&["--eval"]) => {
            let text = "Runs a file of database commands that are not visible here.";
            scene.high(Category::RemoteChange, &call.span, text);
        }
        Some(text) => statements(scene, call, &text),
        None if piped => {
            scene.high(Category::RemoteChange, &call.span, "Runs database commands that are not visible here.");
        }
        None => {
            scene.medium(Category::Unknown, &call.span, "Opens a database, for commands that are not visible here.");
        }
    }
}

fn statements(scene: &mut Scene<'_>, call: &Call<'_>, text: &str) {
    let lower = text.to_lowercase();
    if let Some(run) = SQL_RUNS.iter().find(|run| lower.contains(*run)) {
        return scene.high(
            Category::Interpreter,
            &call.span,
            format!("Makes the database read or write files or run programs ({}).", shown(run.trim())),
        );
    }
    let writes = ["insert ", "update ", "delete ", "drop ", "truncate ", "alter ", "create "]
        .iter()
        .any(|w| lower.starts_with("with") && lower.contains(w))
        || lower.starts_with("pragma") && lower.contains('=');
    let reads = lower.split(';').map(str::trim).filter(|s| !s.is_empty()).all(|s| {
        s.split_whitespace().next().is_some_and(|w| {
            SQL_READS.contains(&w) || w.starts_with("\\d") || w.starts_with("\\l") || w.starts_with("select")
        })
    });
    if !reads
        || writes
        || lower.contains("for update")
        || lower.contains(" into ") && !lower.contains("insert") && lower.starts_with("select")
    {
        scene.high(
            Category::RemoteChange,
            &call.span,
            "Changes or deletes data in a database; only a backup brings it back.",
        );
    }
}

fn drops(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(
        Category::RemoteChange,
        &call.span,
        "Makes, replaces or deletes a whole database; only a backup brings it back.",
    );
}

fn dumps(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.medium(Category::Read, &call.span, "Copies everything out of a database.");
}
