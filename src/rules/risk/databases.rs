//! Databases: what the commands that are given to them do.

use super::call::Call;
use super::deception::shown;
use super::scene::Scene;
use super::value::Category;
use super::walk::Handler;

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("psql", sql), ("mysql", sql),
    ("mariadb", sql), ("sqlite3", sql), ("duckdb", sql), ("mongosh", sql), ("mongo", sql), ("redis-cli", sql),
    ("cockroach", sql), ("clickhouse-client", sql), ("snowsql", sql), ("sqlcmd", sql), ("cqlsh", sql),
    ("influx", sql), ("dropdb", drops), ("createdb", drops), ("dropuser", drops), ("mysqladmin", drops),
    ("pg_restore", drops), ("mongorestore", drops), ("pg_dump", dumps), ("mysqldump", dumps), ("mongodump", dumps),
];

#[rustfmt::skip]
const SQL_READS: &[&str] = &[
    "select", "show", "describe", "desc", "explain", "with", "pragma", "values", "table", "\\d", "\\l", "\\dt",
    "\\?", "\\conninfo", ".tables", ".schema", "get", "keys", "info", "ping", "exists", "ttl", "type", "scan",
    "hgetall", "dbsize", ".mode", ".headers", ".dump", "summarize", ".databases", ".indexes", "use",
];
#[rustfmt::skip]
const SQL_RUNS: &[&str] = &[
    "\\!", ".shell", ".system", "copy ", "into outfile", "load_extension", "into dumpfile", "lo_export",
    "pg_read_file", "pg_read_binary_file", "pg_read_server", "pg_ls_", "pg_file_", "pg_stat_file", "lo_import", "lo_put",
    "lo_from_bytea", "_to_xml", "dblink", "set_config", "pg_reload_conf", "pg_terminate", "pg_cancel", "pg_authid",
    "pg_shadow", "mysql.user", "load_file", "writefile", "readfile", "system ", "\\copy", "\\o", "\\w", ".output", ".once", "install ", "attach ",
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
    let asked = ["--help", "--version", "-l", "--list", "-V", "-help", "-version"];
    let runs = ["-c", "--command", "-e", "--execute", "-f", "--file", "--eval", "-Q"];
    if call.plainly(&asked) && !call.has(&runs) || call.asks_help(0) {
        return;
    }
    let from_file = call.args.iter().any(|a| matches!(a.text.as_str(), "-f" | "-init") || a.text.starts_with("--file"));
    let piped = call.simple.place.reads_from.is_some() || !call.simple.redirects.is_empty();
    if matches!(call.name.as_str(), "sqlite3" | "duckdb") {
        let words = call.operands(&["-separator", "-nullvalue", "-newline", "-cmd", "-init"]);
        for file in words.into_iter().take(1) {
            let path = file.text.strip_prefix("file:").unwrap_or(&file.text);
            let path = path.split('?').next().unwrap_or_default().to_owned();
            scene.read(call.index, &super::call::Arg { text: path, ..file.clone() });
        }
    }
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

/// Looks at the text of database commands.
pub fn statements(scene: &mut Scene<'_>, call: &Call<'_>, text: &str) {
    let lower = text.to_lowercase();
    if let Some(run) = SQL_RUNS.iter().find(|run| lower.contains(*run)) {
        return scene.high(
            Category::Interpreter,
            &call.span,
            format!("Makes the database read or write files or run programs ({}).", shown(run.trim())),
        );
    }
    let mut statements = lower.split(';').map(without_comments).filter(|one| !one.is_empty()).peekable();
    if statements.peek().is_none() || !statements.all(only_reads) {
        scene.high(
            Category::RemoteChange,
            &call.span,
            "Changes or deletes data in a database; only a backup brings it back.",
        );
    }
}

#[rustfmt::skip]
const SQL_WRITES: &[&str] = &[
    "insert ", "update ", "delete ", "drop ", "truncate ", "alter ", "create ", "replace ", "merge ", "grant ",
];

fn only_reads(statement: &str) -> bool {
    let Some(first) = statement.split_whitespace().next() else { return true };
    let known = SQL_READS.contains(&first) || first.starts_with("\\d") || first.starts_with("\\l");
    let writes = match first {
        // `with x as (…) delete from y`, `explain analyze delete from y`: the second runs it.
        "with" | "explain" => SQL_WRITES.iter().any(|word| statement.contains(word)),
        "pragma" => statement.contains('='),
        _ => false,
    };
    (known || first.starts_with("select("))
        && !writes
        && !(first.starts_with("select") && statement.contains(" into "))
        && !statement.contains("for update")
}

/// The statement without the comments before it. `/*! … */` is none for `MySQL`.
fn without_comments(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    loop {
        let after = match rest.strip_prefix("/*") {
            Some(comment) if !comment.starts_with('!') => comment.split_once("*/"),
            _ => rest.strip_prefix("--").and_then(|comment| comment.split_once('\n')),
        };
        let Some((_, after)) = after else { return rest };
        rest = after.trim_start();
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
    let to: &[&str] = match call.name.as_str() {
        "pg_dump" => &["--file"],
        "mysqldump" => &["--result-file", "--tab"],
        _ => &["--out"],
    };
    call.values(to).iter().for_each(|file| scene.write(file));
    scene.medium(Category::Read, &call.span, "Copies everything out of a database.");
}
