//! Command lines of services: clouds, code hosts, clusters. Their verbs tell what they do.

use super::call::{Arg, Call};
use super::databases;
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
    ("ansible", ansible), ("ansible-playbook", ansible), ("ansible-pull", ansible),
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
    "test-", "detect", "filter", "find", "verify", "ps", "stat", "du", "cat", "topic", "describe-",
    "can-i", "ack", "compute-", "simulate", "notices", "resources", "dump", "bugreport", "current", "trace",
    "count", "exists", "acl-get", "is-", "read", "metrics", "summary", "usage", "print", "hash", "compare", "monitor", "discover", "dependency", "export", "forecast", "assess", "decode",
    "peek", "resolve", "locate", "mirrors", "advisor", "generate-", "what-if", "ping", "context", "tree", "report",
    "transact-get", "admin-list", "admin-get", "getenv", "installed", "required", "stats", "ports", "trusted-root", "availability", "price", "quota",
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
    "port-forward", "build", "seed", "reinstall", "transition", "assign", "unassign",
];

/// Words that name a secret among the things a service keeps.
#[rustfmt::skip]
const SECRETS: &[&str] = &[
    "get-secret-value", "print-access-token", "print-identity-token", "get-access-token", "get-credentials",
    "list-keys", "get-login-password", "get-session-token", "get-federation-token", "get-role-credentials",
    "secret", "secrets", "access", "get-password-data", "keys", "decrypt", "export-credentials",
    "get-instance-credentials", "list-connection-strings", "connection-string", "credential", "credentials",
    "list-publishing-credentials", "get-parameters-by-path", "show-connection-string",
];

/// Words that are verbs at the end of a command, and things before another verb: `logs delete`.
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "log", "logs", "topic", "env", "template", "events", "metadata", "metrics", "resources", "context", "dashboard",
    "report", "graph", "docs", "search", "query", "filter", "test", "history", "status", "check", "sts", "output",
    "resolve", "locate", "trace", "summary", "usage", "feedback", "advisor", "monitor", "plan", "dependency",
];
const DELETES: &[&str] = &["create", "delete", "remove", "update", "put", "destroy", "purge", "set", "add"];

#[derive(Clone, Copy)]
enum Verb {
    Reads,
    Changes,
    Saves,
    Unclear,
}

/// Words that mean something else with one program than with the others.
#[rustfmt::skip]
const PARTICULAR: &[(&str, &str, Verb)] = &[
    ("terraform", "test", Verb::Changes), ("tofu", "test", Verb::Changes), ("terraform", "select", Verb::Changes),
    ("tofu", "select", Verb::Changes), ("pulumi", "select", Verb::Changes), ("terraform", "console", Verb::Reads),
    ("tofu", "console", Verb::Reads), ("terraform", "pull", Verb::Reads), ("tofu", "pull", Verb::Reads),
    ("helm", "test", Verb::Changes), ("helm", "pull", Verb::Saves), ("helm", "env", Verb::Reads),
    ("cdk", "watch", Verb::Changes), ("auth0", "test", Verb::Changes), ("auth0", "verify", Verb::Changes),
    ("minikube", "ip", Verb::Reads), ("heroku", "apps", Verb::Reads), ("kind", "load", Verb::Changes),
    ("pulumi", "about", Verb::Reads), ("heroku", "psql", Verb::Changes), ("fly", "ssh", Verb::Changes),
    ("flyctl", "ssh", Verb::Changes), ("az", "rest", Verb::Changes), ("gcloud", "ssh", Verb::Changes),
    ("argocd", "rollback", Verb::Changes), ("snyk", "test", Verb::Reads), ("sentry-cli", "info", Verb::Reads),
    ("aws", "start-query", Verb::Reads), ("helm", "build", Verb::Saves),
    ("packer", "console", Verb::Reads), ("az", "url", Verb::Reads),
];

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

fn verb_of(name: &str, words: &[&Arg]) -> Verb {
    let particular = |word: &&Arg| PARTICULAR.iter().find(|(program, own, _)| *program == name && word.is(own));
    if let Some((_, _, verb)) = words.iter().take(4).find_map(particular) {
        return *verb;
    }
    for (at, word) in words.iter().take(6).enumerate() {
        let word = word.text.as_str();
        let soon = |verbs: &[&str]| words[at + 1..].iter().take(3).any(|w| begins(&w.text, verbs));
        let last = at + 1 == words.len().min(6);
        let group = word.ends_with("-group") || word.ends_with("-groups");
        if begins(word, READS) || word.ends_with("-list") {
            return if THINGS.contains(&word) && soon(DELETES) { Verb::Changes } else { Verb::Reads };
        }
        if begins(word, &["download"]) {
            return Verb::Saves;
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
    // What a secret is called, and since when, but not what it is.
    let lists = lists || words.iter().take(5).any(|w| begins(&w.text, &["describe"]));
    let kms = word(0) == "kms";
    let always = words.iter().take(5).any(|w| matches!(w.text.as_str(), "list-keys" | "list-connection-strings"));
    let named = words.iter().take(4).any(|w| SECRETS.contains(&w.text.as_str()));
    named && !kms && (always || !lists)
}

/// What the words and options of a call do.
fn verb(call: &Call<'_>, words: &[&Arg]) -> Verb {
    let name = call.name.as_str();
    let formats = matches!(name, "terraform" | "tofu" | "packer") && words.first().is_some_and(|a| a.is("fmt"));
    let only_says = formats && call.args.iter().any(|a| matches!(a.text.as_str(), "-check" | "-write=false" | "-diff"));
    if name == "cdk" && call.has(&["--reset", "--clear"]) {
        Verb::Changes
    } else if only_says || call.args.iter().any(|a| a.is("--list")) {
        Verb::Reads
    } else {
        verb_of(name, words)
    }
}

fn service(scene: &mut Scene<'_>, call: &Call<'_>) {
    let first = call.args.first().map_or("help", |a| a.text.as_str());
    if call.asks_help(4) || first == "help" || matches!(first, "version" | "-V" | "--version") && call.args.len() < 3 {
        return;
    }
    let words = call.operands(TAKES);
    let name = &call.name;
    files(scene, call);
    if matches!(name.as_str(), "glab" | "auth0") && words.first().is_some_and(|a| a.is("api")) {
        return api(scene, call, &words);
    }
    if is_secret(&words) || call.has(&["--with-decryption"]) {
        scene.fact(call.index, &call.span, Fact::Secret);
        let text = format!("Reads or changes keys or tokens that {name} keeps.");
        return scene.high(Category::Secret, &call.span, text);
    }
    if let Some(text) = statement(call, &words) {
        return databases::statements(scene, call, &text);
    }
    let tries = call.plainly(&["--dry-run", "--dryrun", "--check", "-check"]) && call.name != "aws";
    match verb(call, &words) {
        Verb::Reads => {}
        Verb::Saves => scene.medium(Category::Write, &call.span, "Saves what it fetches in a file."),
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

/// Files that are read, and shown in what comes of it; or written.
fn files(scene: &mut Scene<'_>, call: &Call<'_>) {
    match call.name.as_str() {
        "helm" => {
            call.values(&["-f", "--values"]).iter().for_each(|file| scene.read(call.index, file));
            for set in call.values(&["--set-file"]) {
                let file = set.text.split_once('=').map_or("", |(_, file)| file).to_owned();
                scene.read(call.index, &Arg { text: file, ..set });
            }
            call.values(&["-d", "--destination", "--untardir", "--output-dir"]).iter().for_each(|to| scene.write(to));
        }
        "terraform" | "tofu" => {
            for arg in call.args {
                let file = arg.text.trim_start_matches('-').strip_prefix("var-file=").map(str::to_owned);
                file.into_iter().for_each(|text| scene.read(call.index, &Arg { text, ..arg.clone() }));
            }
        }
        _ => {}
    }
}

/// The text of a query for a database that the service keeps: that says what it does, not the verb.
fn statement(call: &Call<'_>, words: &[&Arg]) -> Option<String> {
    let asks = words.iter().take(2).any(|a| matches!(a.text.as_str(), "athena" | "timestream-query"));
    let exact = if asks { ["--query-string", "", ""] } else { ["--sql", "--statement", "--sqls"] };
    for (at, arg) in call.args.iter().enumerate() {
        let (name, joined) = arg.text.split_once('=').map_or((arg.text.as_str(), None), |(name, v)| (name, Some(v)));
        if exact.contains(&name) {
            return joined.or_else(|| call.args.get(at + 1).map(|a| a.text.as_str())).map(str::to_owned);
        }
    }
    let query = call.name == "bq" && words.first().is_some_and(|a| a.is("query")) && words.len() > 1;
    query.then(|| words[1..].iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" "))
}

/// What the answer is put through may print the environment.
fn answers(scene: &mut Scene<'_>, call: &Call<'_>) {
    for query in call.values(&["-q", "--jq"]) {
        if query
            .text
            .split(|c: char| !(c.is_alphanumeric() || "_$.".contains(c)))
            .any(|word| matches!(word.split('.').next(), Some("$ENV" | "env")))
        {
            scene.high(Category::Secret, &query.span, "Prints variables of the environment, which may hold tokens.");
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
    answers(scene, call);
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
            "list" | "view" | "status" | "checks" | "diff" | "watch" | "ls" | "get" | "check",
        ) => {}
        ("run" | "release", "download") => {
            let to = call.values(&["-D", "--dir", "-O", "--output"]);
            to.iter().for_each(|to| scene.write(to));
            scene.medium(Category::Write, &call.span, "Saves what it fetches in a file.");
        }
        _ => service(scene, call),
    }
}

fn api(scene: &mut Scene<'_>, call: &Call<'_>, words: &[&Arg]) {
    let method = call.value(&["-X", "--method"]).map(|(v, _)| v.to_ascii_uppercase());
    let fields = call.has(&["-f", "-F", "-d", "--data", "--field", "--raw-field", "--input"]);
    let spelled = words.get(1).map(|a| a.text.to_ascii_uppercase());
    let spelled = spelled.filter(|word| matches!(word.as_str(), "POST" | "PUT" | "PATCH" | "DELETE"));
    let method = method.or(spelled);
    let graph = words.get(1).is_some_and(|a| a.text == "graphql");
    let mutation = call.args.iter().any(|a| a.text.contains("mutation"));
    let changes = method.as_deref().map_or(fields && !graph, |m| m != "GET" && m != "HEAD") || mutation;
    if changes {
        scene.high(Category::RemoteChange, &call.span, "Asks the service to change something in your name.");
    }
}

/// Whether the content of secrets is asked for: `Secret db`, `pods,secrets`, `secret/db`. A file that says how
/// the answer is printed is printed with it.
fn prints_secrets(scene: &mut Scene<'_>, call: &Call<'_>, words: &[&Arg]) -> bool {
    let formats = call.values(&["-o", "--output", "--template"]);
    for format in &formats {
        if let Some((_, file)) = format.text.split_once("-file=") {
            scene.read(call.index, &Arg { text: file.to_owned(), ..format.clone() });
        }
    }
    let whole = formats.iter().any(|f| !matches!(f.text.trim_start_matches('='), "" | "wide" | "name"));
    let secret = |word: &str| word.split(',').any(|kind| kind.to_ascii_lowercase().starts_with("secret"));
    let raw = call.values(&["--raw"]).iter().any(|path| path.text.to_ascii_lowercase().contains("/secrets"));
    raw || whole && words.iter().skip(1).any(|w| secret(&w.text))
}

fn kustomize(scene: &mut Scene<'_>, call: &Call<'_>, words: &[&Arg]) {
    call.values(&["-o", "--output"]).iter().for_each(|file| scene.write(file));
    if words.iter().any(|a| a.text.contains("://") || a.text.contains("::")) {
        scene.medium(Category::NetworkRead, &call.span, "Fetches what it builds from another machine.");
    }
}

#[rustfmt::skip]
const KUBECTL_TAKES: &[&str] = &[
    "-n", "--namespace", "--context", "-o", "--output", "-l", "--selector", "--kubeconfig", "-f",
    "--filename", "-c", "--container", "--as", "--token", "--tail", "--since",
];

fn kubectl(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(KUBECTL_TAKES);
    let at = |i: usize| words.get(i).map_or("", |a| a.text.as_str());
    let secret = prints_secrets(scene, call, &words);
    match at(0) {
        "exec" => {
            scene.high(Category::Container, &call.span, "Runs a command inside a running container of the cluster.");
            let dashes = call.args.iter().position(|a| a.text == "--").map_or(call.args.len(), |i| i + 1);
            if let Some(inner) = Call::of(&call.args[dashes..], call.simple, call.index) {
                walk::call(scene, &inner);
            }
        }
        "kustomize" => kustomize(scene, call, &words),
        "config" if call.has(&["--raw", "--flatten"]) => {
            scene.high(Category::Secret, &call.span, "Prints the keys to the cluster.");
        }
        "get" | "describe" if secret => scene.high(Category::Secret, &call.span, "Reads secrets of the cluster."),
        "config" if matches!(at(1), "view" | "get-contexts" | "current-context" | "get-clusters" | "get-users") => {}
        "rollout" if matches!(at(1), "status" | "history") => {}
        "get" | "describe" | "diff" | "options" | "auth" | "plugin" => {}
        _ if call.plainly(&["--dry-run"]) => {}
        _ => service(scene, call),
    }
}

/// Options of ansible whose value is the next word.
#[rustfmt::skip]
const ANSIBLE_TAKES: [&str; 38] = [
    "-i", "--inventory", "-e", "--extra-vars", "-l", "--limit", "-t", "--tags", "--skip-tags", "-u", "--user", "-m",
    "--module-name", "-a", "--args", "-f", "--forks", "--start-at-task", "-M", "--module-path", "-c",
    "--connection", "-T", "--timeout", "--private-key", "--key-file", "--vault-id", "--vault-password-file", "-U",
    "--url", "-d", "-B", "-P", "-o", "--become-user", "--become-method", "--ssh-common-args", "--ssh-extra-args",
];

fn ansible(scene: &mut Scene<'_>, call: &Call<'_>) {
    let tells = ["--check", "--list-hosts", "--list-tasks", "--list-tags", "--syntax-check"];
    // For `ansible-pull`, `-C` names a branch.
    let tries = call.name != "ansible-pull" && call.args.iter().any(|a| a.is("-C"));
    if !(call.surely(&tells, &ANSIBLE_TAKES) || tries || call.asks_help(0)) {
        scene.high(Category::RemoteChange, &call.span, "Changes the machines that the playbook names.");
    }
}
