//! More rows of the table: managers of packages, containers, clusters and databases.

use super::tables::{NONE, Options};

/// Options that a rule has to name.
#[rustfmt::skip]
pub const RARER: &[(&[&str], Options)] = &[
    (&["cargo"], Options {
        long: &["tool-config-file", "archive-file", "extract-to", "binaries-metadata", "cargo-metadata",
            "workspace-remap", "target-dir-remap", "output-path", "output-dir"],
        verbs: &["generate"],
        spared: &["--bin", "--target"],
        ..NONE
    }),
    (&["npm", "pnpm"], Options {
        long: &["location", "onload-script"],
        verbs: &["setup", "self-update", "env"],
        ..NONE
    }),
    (&["pnpm", "yarn"], Options { verbs: LANGUAGES, ..NONE }),
    (&["yarn"], Options { verbs: &["policies"], ..NONE }),
    (&["bun"], Options {
        long: &["reporter-outfile", "require", "import"], letters: "r", verbs: &["upgrade"], spared: &["--reporter"], ..NONE
    }),
    (&["deno"], Options {
        long: &["junit-path", "import-map", "lock", "preload"], verbs: &["upgrade", "x"], ..NONE
    }),
    (&["uv"], Options {
        long: &["index", "default-index", "index-url", "extra-index-url", "find-links", "python", "output-file", "output",
            "out-dir", "clear", "system", "target", "prefix", "with", "with-editable", "with-requirements", "env-file",
            "directory", "project", "cache-dir", "script", "module", "gui-script", "allow-insecure-host",
            "keyring-provider", "publish-url", "break-system-packages", "break-system", "root"],
        letters: "pofism",
        verbs: &["publish", "self", "auth", "x"],
        ..NONE
    }),
    (&["poetry", "pdm"], Options {
        long: &["directory", "project", "output"],
        letters: "CPo",
        verbs: &["config", "self", "source", "plugin", "use"],
        ..NONE
    }),
    (&["bundle"], Options { long: &["gemfile", "path"], verbs: &["config", "plugin", "open", "console"], ..NONE }),
    (&["tox"], Options { long: &["discover", "override"], verbs: &["exec", "e", "devenv", "d"], ..NONE }),
    (&["pre-commit"], Options { verbs: &["hook-impl", "hazmat"], ..NONE }),
    (&["pytest", "py.test"], Options {
        long: &["tx", "rsyncdir", "ds", "dc", "benchmark-json", "benchmark-storage", "json-report-file", "report-log",
            "resultlog", "alluredir", "output", "envfile", "driver-path"],
        spared: &["--json-report", "--benchmark"],
        ..NONE
    }),
    (&["pylint"], Options { long: &["import-graph", "ext-import-graph", "int-import-graph"], ..NONE }),
    (&["cmake"], Options {
        long: &["install", "toolchain", "graphviz", "trace-redirect", "profiling-output", "debugger-dap-log"],
        spared: &["--trace"],
        ..NONE
    }),
    (&["docker-compose", "podman-compose"], Options {
        long: &["host", "context", "tlscacert", "tlscert", "tlskey", "file", "project-directory", "env-file", "output",
            "volume", "environment"],
        letters: "Ho",
        ..NONE
    }),
    (&["docker", "podman", "nerdctl"], Options {
        exact: &["--allow", "--cache-to", "--cache-from", "--push", "--use-api-socket", "--device-cgroup-rule",
            "--volumes-from", "--network-cmd-path", "--storage-opt", "--tmpdir", "--imagestore", "--volumepath",
            "--runtime-flag", "--cgroup-manager", "--environment", "--label-file"],
        verbs: &["unshare"],
        ..NONE
    }),
    (&["kubectl", "oc"], Options {
        long: &["kuberc", "as-uid", "as-user-extra", "log_file", "log-dir", "log_dir", "output-directory", "flatten"],
        spared: &["--output"],
        ..NONE
    }),
    (&["helm"], Options {
        long: &["values", "set-file", "kube-token", "kube-as-user", "kube-as-group", "kube-ca-file",
            "kube-insecure-skip-tls-verify", "kube-tls-server-name", "untardir", "destination", "key-file"],
        letters: "d",
        spared: &["--set"],
        ..NONE
    }),
    (&["go"], Options {
        exact: &["-extld", "-extldflags", "-tools", "-output", "-debug-actiongraph", "--debug-actiongraph",
            "-debug-runtime-trace", "--debug-runtime-trace", "--debug-trace", "--mutexprofile", "--blockprofile",
            "-test.trace", "-test.memprofile", "-test.blockprofile", "-test.mutexprofile", "-test.testlogfile",
            "-test.fuzzcachedir", "-test.gocoverdir", "-test.coverprofile"],
        ..NONE
    }),
    (&["gh", "glab"], Options { verbs: &["browse"], ..NONE }),
    (&["terraform", "tofu"], Options {
        exact: &["-generate-config-out", "--generate-config-out", "-var-file", "--var-file"], verbs: &["console"], ..NONE
    }),
    (&["mysqldump", "mariadb-dump", "pg_dump", "pg_dumpall", "mongodump"], Options {
        long: &["result-file", "tab", "file", "out", "archive", "defaults-file", "defaults-extra-file"], ..NONE
    }),
    (&["bc"], Options { long: &["file"], letters: "f", ..NONE }),
    (&["wget"], Options {
        long: &["trust-server-names", "content-disposition", "default-page", "no-host-directories", "cut-dirs",
            "no-directories"],
        exact: &["-nH", "-nd"],
        ..NONE
    }),
    (&["dig"], Options { letters: "fk", ..NONE }),
    (&["hexdump"], Options { letters: "f", long: &["format-file"], ..NONE }),
    (&["ack"], Options { long: &["files-from"], ..NONE }),
    (&["xz", "zstd"], Options { long: &["files", "files0", "filelist"], ..NONE }),
    (&["man"], Options { long: &["local-file", "manpath"], ..NONE }),
    (&["just", "task"], Options {
        long: &["chooser", "choose", "edit", "cygpath", "tempdir", "global"], exact: &["-t", "-g"], ..NONE
    }),
    (&["rake"], Options { letters: "R", ..NONE }),
    (&["tsc"], Options { long: &["generateCpuProfile", "plugins"], ..NONE }),
    (&["eslint"], Options { long: &["suppressions-location"], ..NONE }),
    (&["jest", "vitest", "mocha"], Options {
        long: &["globalTeardown", "testResultsProcessor", "prettierPath", "moduleNameMapper", "snapshotResolver",
            "dependencyExtractor", "execArgv", "poolOptions", "snapshotEnvironment", "outputJson", "attachmentsDir",
            "package", "opts", "compilers", "reporter-option", "reporter-options", "file"],
        letters: "O",
        spared: &["--pool", "--reporter"],
        ..NONE
    }),
    (&["playwright"], Options { long: &["config", "output"], letters: "c", ..NONE }),
    (&["rspec"], Options {
        long: &["require", "options", "out", "deprecation-out", "default-path", "drb"], letters: "rIOo", ..NONE
    }),
    (&["phpunit", "pest"], Options {
        long: &["bootstrap", "configuration", "include-path", "extension", "log-junit", "log-teamcity", "log-events-text",
            "log-events-verbose-text", "coverage-html", "coverage-clover", "coverage-cobertura", "coverage-crap4j",
            "coverage-php", "coverage-xml", "testdox-html", "testdox-text", "testdox-xml", "generate-baseline",
            "cache-directory", "list-tests-xml", "cache-result-file", "printer", "loader"],
        letters: "cd",
        spared: &["--coverage", "--testdox", "--list-tests", "--cache-result"],
        ..NONE
    }),
    (&["mkdocs", "coverage"], Options { long: &["data-file", "rcfile", "site-dir", "config-file"], letters: "dof", ..NONE }),
];

/// Pairs of words by which a program does what its first word alone does not say.
#[rustfmt::skip]
const PAIRS: &[(&[&str], &str, &[&str])] = &[
    (&["bun"], "pm", &["pkg", "trust", "version"]), (&["yarn"], "npm", &["publish", "login", "logout", "tag", "token"]),
    (&["yarn"], "tag", &["add", "rm", "remove"]), (&["yarn"], "run", LANGUAGES), (&["yarn"], "workspace", IN_WORKSPACE),
    (&["yarn"], "workspaces", IN_WORKSPACE), (&["uv"], "tool", &["install", "run", "upgrade", "uninstall", "update-shell"]),
    (&["uv"], "python", &["install", "uninstall", "upgrade", "update-shell"]), (&["poetry"], "env", &["use", "remove"]),
    (&["docker"], "context", &["use", "export", "import", "create", "update", "rm"]),
    (&["docker"], "plugin", &["install", "enable", "set", "upgrade", "create"]), (&["docker"], "compose", &["publish"]),
    (&["docker"], "extension", &["install", "update"]), (&["podman"], "system", &["connection", "reset", "migrate"]),
    (&["cargo"], "nextest", &["self"]), (&["cargo"], "vendor", &["*"]), (&["go"], "tool", &["*"]),
    (&["git"], "interpret-trailers", &["*"]), (&["git"], "mailinfo", &["*"]), (&["git"], "mailsplit", &["*"]),
    (&["git"], "subtree", &["push"]), (&["git"], "submodule", &["set-url"]),
];
/// What is run like a script, and runs whatever it is given.
const LANGUAGES: &[&str] = &["node", "tsx", "ts-node", "deno", "bun", "sh", "bash", "zsh", "python", "python3", "env"];
const IN_WORKSPACE: &[&str] = &["exec", "dlx", "node", "npm", "config", "set", "plugin", "policies", "link"];

/// Marks the second word of such a pair, among some; for `*`, whichever comes next.
pub fn pairs<'a>(name: &str, args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let words: Vec<usize> = (0..args.len()).filter(|at| !args[*at].starts_with('-')).collect();
    for (_, first, second) in PAIRS.iter().filter(|(names, ..)| names.contains(&name)) {
        let Some(at) = words.iter().take(3).position(|at| args[*at] == *first) else { continue };
        let any = second.contains(&"*");
        let after = words.iter().skip(at + 1).take(if any { 1 } else { 5 });
        after.filter(|at| any || second.contains(&args[**at])).for_each(|at| push(*at, args[*at]));
    }
}
