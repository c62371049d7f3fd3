//! The tables: for each program, the options that a rule has to name.

/// Some options of a program.
#[derive(Default)]
pub struct Options {
    /// Long ones, without their dashes; cut short they are the same.
    pub long: &'static [&'static str],
    /// One-letter ones, alone, in a cluster or with a value attached.
    pub letters: &'static str,
    /// Whole words, up to `=`.
    pub exact: &'static [&'static str],
    /// Words that count as the first argument only.
    pub verbs: &'static [&'static str],
    /// Words that look like one of these and are none.
    pub spared: &'static [&'static str],
}

/// Nothing.
pub const NONE: Options = Options { long: &[], letters: "", exact: &[], verbs: &[], spared: &[] };

/// What means the same to so many programs that it counts for all of them.
#[rustfmt::skip]
pub const ANY: Options = Options {
    exact: &[
        "--exec", "--eval", "--pager", "--script-shell", "--shell", "--rsh", "--command", "--init-script", "--plugin",
        "--pre", "--output-file", "--outfile", "--log-file", "--logfile", "--config-file", "--kubeconfig",
        "--preload", "--loader", "--editor", "--upload-pack", "--receive-pack", "--ext-diff", "--to-command",
        "--toolexec", "--filter-program", "--run-under", "--run_under",
    ],
    ..NONE
};

/// Texts that make a program leave its own language.
pub const ESCAPES: &[&str] = &["ext::", "$(shell", "${shell", "fd::"];

/// Programs that run code of the project (from elsewhere it is another's), or write where a word says.
#[rustfmt::skip]
pub const CODE: &[&str] = &[
    "pytest", "py.test", "python", "pypy", "node", "deno", "bun", "npm", "pnpm", "yarn", "go", "make", "gmake",
    "cargo", "jest", "vitest", "mocha", "tsx", "ts-node", "ruby", "rspec", "rake", "php", "phpunit", "perl", "lua",
    "gradle", "gradlew", "mvn", "mvnw", "cmake", "ctest", "ninja", "meson", "just", "task", "tox", "nox", "eslint",
    "prettier", "tsc", "ruff", "mypy", "black", "pylint", "flake8", "isort", "coverage", "webpack", "vite", "turbo",
    "nx", "bazel", "pre-commit", "uv", "poetry", "pdm", "bundle", "npx", "bunx", "uvx", "pnpx", "dotnet", "swift",
    "mix", "sbt", "java", "javac", "rustc", "gcc", "g++", "clang", "clang++", "cc", "pip", "playwright", "stylelint",
    "helm", "terraform", "ansible-playbook", "jq", "sphinx-build", "mkdocs", "tree-sitter", "rubocop", "stack", "zig",
    // And those that pack and unpack, which write to wherever they are told.
    "tar", "gtar", "bsdtar", "zip", "unzip", "gzip", "gunzip", "xz", "zstd", "7z", "rsync", "split", "csplit", "patch",
];

/// Programs whose first word (behind some others) is a program in its turn, with options of its own.
#[rustfmt::skip]
pub const INNER: &[(&str, &[&str])] = &[
    ("npx", &[]), ("bunx", &[]), ("uvx", &[]), ("pnpx", &[]), ("uv", &["run"]), ("poetry", &["run"]),
    ("pdm", &["run"]), ("bundle", &["exec"]), ("npm", &["exec"]), ("npm", &["x"]), ("pnpm", &["exec"]),
    ("pnpm", &["dlx"]), ("yarn", &["exec"]), ("yarn", &["dlx"]), ("bun", &["x"]), ("python", &["-m"]),
    ("pypy", &["-m"]), ("coverage", &["run"]), ("node", &[]), ("ruby", &[]), ("perl", &[]), ("php", &[]),
    ("lua", &[]), ("python", &[]), ("pypy", &[]), ("deno", &["run"]), ("go", &["run"]), ("tsx", &[]), ("java", &[]),
    ("corepack", &[]),
];

/// Programs that run whatever they are given: all of it has to be named.
#[rustfmt::skip]
pub const ANYTHING: &[&str] = &[
    "sudo", "doas", "su", "runuser", "pkexec", "watch", "strace", "ltrace", "setsid", "exec", "eval", "builtin", "ssh",
    "chroot", "flock", "script", "busybox", "toybox", "sh", "bash", "zsh", "dash", "fish", "ksh", "ash", "source", ".",
    "unshare", "nsenter", "systemd-run", "entr", "direnv", "taskset", "chrt", "xvfb-run", "dbus-run-session",
    "hyperfine", "dotenv", "rustup", "xargs", "parallel", "find2perl", "unbuffer", "expect", "at", "batch", "nix-shell",
    "start-stop-daemon", "gdb", "lldb", "perf", "valgrind", "mise", "asdf", "rtk", "caffeinate", "faketime", "fakeroot",
    "proxychains", "torsocks", "crontab", "noglob", "nocorrect", "trap", "alias", "mapfile", "readarray",
];

/// Programs to which a word that begins with `@` is no file with more arguments.
#[rustfmt::skip]
pub const AT_IS_PLAIN: &[&str] = &[
    "git", "gh", "glab", "npm", "pnpm", "yarn", "bun", "npx", "bunx", "pnpx", "nx", "turbo", "bazel", "grep", "egrep",
    "fgrep", "zgrep", "rg", "ag", "ack", "sed", "gsed", "awk", "gawk", "mawk", "nawk", "jq", "yq", "echo", "printf", "ls",
    "find", "fd", "test", "[", "curl", "xmllint", "mkdir", "touch", "date", "sort", "cut", "tr", "jj",
];

/// git's options that are judged by their whole names.
#[rustfmt::skip]
pub const GIT_GRAVE: &[&str] = &[
    "force", "force-with-lease", "force-if-includes", "force-create", "force-rebase", "delete", "mirror", "prune",
    "hard", "merge", "keep", "worktree", "discard-changes", "ignore-other-worktrees", "expire", "repo", "strategy",
    "strategy-option", "exec", "file", "pathspec-from-file", "contents", "output", "no-verify", "orphan", "move", "copy",
    "overwrite-ignore", "amend", "autosquash", "interactive", "receive-pack", "upload-pack", "global", "system",
    "unset", "unset-all", "replace-all", "remove-section", "rename-section", "edit", "directory", "unsafe-paths",
];

/// git's options before the subcommand that change only how it prints.
pub const GIT_PLAIN: &[&str] = &[
    "--no-pager",
    "-P",
    "--no-optional-locks",
    "--literal-pathspecs",
    "--no-replace-objects",
    "--version",
    "--help",
    "--no-advice",
    "--icase-pathspecs",
    "--glob-pathspecs",
    "--noglob-pathspecs",
];

/// git's options behind the subcommand.
#[rustfmt::skip]
pub const GIT_SUBS: &[(&[&str], Options)] = &[
    (&["cherry-pick", "revert", "rebase", "merge", "pull", "am", "subtree"], Options {
        long: &["strategy", "strategy-option"], letters: "X", ..NONE
    }),
    (&["rebase", "merge", "pull"], Options { letters: "s", ..NONE }),
    (&["blame", "annotate", "praise"], Options { long: &["contents", "ignore-revs-file"], letters: "S", ..NONE }),
    (&["add", "stage", "commit", "checkout", "reset", "restore", "rm", "stash"], Options {
        long: &["pathspec-from-file"], spared: &["--patch"], ..NONE
    }),
    (&["commit", "tag", "notes"], Options { long: &["file", "template"], letters: "Ft", ..NONE }),
    (
        &["log", "diff", "show", "whatchanged", "reflog", "diff-tree", "diff-files", "diff-index", "stash", "range-diff",
            "shortlog", "blame", "rev-list"],
        Options { long: &["output", "ext-diff", "no-index"], ..NONE },
    ),
    (&["grep"], Options { long: &["open-files-in-pager", "no-index", "ext-grep"], letters: "O", ..NONE }),
    (&["clone"], Options {
        long: &["upload-pack", "template", "config", "separate-git-dir", "reference"], letters: "uc", ..NONE
    }),
    (&["fetch", "pull", "ls-remote", "push", "fetch-pack", "send-pack", "submodule", "remote"], Options {
        long: &["upload-pack", "receive-pack", "exec"], verbs: &["foreach", "add", "set-url"], ..NONE
    }),
    (&["rebase"], Options { long: &["exec", "interactive"], letters: "xi", ..NONE }),
    (&["bisect"], Options { verbs: &["run"], ..NONE }),
    (&["difftool", "mergetool"], Options { long: &["extcmd", "tool"], letters: "xt", ..NONE }),
    (&["archive", "bundle", "format-patch", "bugreport", "diagnose", "fast-export"], Options {
        long: &["output", "output-directory", "remote", "exec", "export-marks"],
        letters: "o",
        verbs: &["create"],
        ..NONE
    }),
    (&["init"], Options { long: &["template", "separate-git-dir"], ..NONE }),
    (&["archive", "format-patch"], Options { long: &["add-file", "signature-file", "description-file"], ..NONE }),
    (&["help"], Options { letters: "w", long: &["web"], ..NONE }),
    (&["config"], Options { letters: "f", long: &["file", "edit", "global", "system"], exact: &["-e"], ..NONE }),
    (&["hook", "filter-branch", "credential", "daemon", "instaweb", "send-email", "p4", "svn", "web--browse", "help",
        "maintenance", "shell", "remote-ext", "remote-fd", "replace", "update-index", "worktree"], Options {
        verbs: &["run", "fill", "approve", "-w", "--web", "register", "start", "add"],
        long: &["tree-filter", "index-filter", "msg-filter", "env-filter", "edit"],
        ..NONE
    }),
    (&["apply", "am", "checkout-index", "read-tree"], Options {
        long: &["unsafe-paths", "directory", "prefix", "build-fake-ancestor", "index-output"], ..NONE
    }),
];

/// Every other program that has such options.
#[rustfmt::skip]
pub const TABLE: &[(&[&str], Options)] = &[
    (&["find", "gfind"], Options {
        exact: &["-exec", "-execdir", "-ok", "-okdir", "-delete", "-fprint", "-fprint0", "-fprintf", "-fls",
            "-files0-from"],
        ..NONE
    }),
    (&["fd", "fdfind"], Options { letters: "xX", long: &["exec", "exec-batch"], ..NONE }),
    (&["rg"], Options { long: &["pre", "hostname-bin", "search-zip"], ..NONE }),
    (&["ag", "ack", "bat", "batcat", "delta"], Options {
        long: &["pager", "ackrc", "output", "config-file", "diff", "map-syntax"], ..NONE
    }),
    (&["sort"], Options {
        long: &["output", "compress-program", "files0-from", "temporary-directory"], letters: "oT", ..NONE
    }),
    (&["shuf", "iconv", "tree", "xmllint", "base64"], Options { long: &["output"], letters: "o", ..NONE }),
    (&["tree"], Options { letters: "R", long: &["fromfile", "fromtabfile", "infofile"], ..NONE }),
    (&["xxd"], Options { letters: "r", long: &["revert"], ..NONE }),
    (&["eslint", "prettier", "stylelint"], Options {
        long: &["write", "fix", "fix-dry-run", "inspect-config", "init", "stdin-filepath"], letters: "w", ..NONE
    }),
    (&["kustomize"], Options {
        long: &["helm-command", "enable-helm", "enable-exec", "enable-alpha-plugins", "load-restrictor", "output",
            "mount", "network", "env"],
        letters: "oe",
        ..NONE
    }),
    (&["helmfile"], Options {
        long: &["helm-binary", "kustomize-binary", "file", "state-values-file", "state-values-set", "enable-live-output"],
        letters: "bf",
        ..NONE
    }),
    (&["hg"], Options {
        long: &["config", "cwd", "repository", "pager", "tool", "debugger", "profile", "hidden"], letters: "R", ..NONE
    }),
    (&["jj"], Options {
        long: &["config", "config-toml", "config-file", "tool", "repository", "editor"], letters: "R", ..NONE
    }),
    (&["svn"], Options {
        long: &["diff-cmd", "config-option", "config-dir", "editor-cmd", "diff3-cmd", "file", "targets", "extensions"],
        letters: "Fx",
        ..NONE
    }),
    (&["ss"], Options { long: &["kill", "diag", "filter"], letters: "KDF", ..NONE }),
    (&["jobs"], Options { letters: "x", ..NONE }),
    (&["openssl"], Options {
        exact: &["-writerand", "-out", "-engine", "-provider", "-provider-path", "-config", "-rand", "--writerand", "--out",
            "--engine", "--provider", "--provider-path", "--config", "--rand", "-keyout", "-CAcreateserial", "-signature"],
        ..NONE
    }),
    (&["objdump", "readelf", "ld", "ar", "objcopy", "strip", "ranlib", "size", "strings"], Options {
        long: &["plugin", "dwarf-dwo", "dwarf-dwp", "output", "script"], letters: "@", ..NONE
    }),
    (&["split"], Options { long: &["filter"], ..NONE }),
    (&["tar", "gtar", "bsdtar"], Options {
        long: &["checkpoint-action", "to-command", "use-compress-program", "rsh-command", "rmt-command", "info-script",
            "new-volume-script", "files-from", "index-file", "volno-file", "listed-incremental", "absolute-names", "remove-files"],
        letters: "IFTP",
        ..NONE
    }),
    (&["zip"], Options { long: &["unzip-command", "move"], letters: "Tm", ..NONE }),
    (&["rsync"], Options {
        long: &["rsh", "rsync-path", "delete", "remote-option", "write-batch", "only-write-batch", "log-file",
            "remove-source-files", "daemon", "config", "password-file", "files-from", "read-batch"],
        letters: "eM",
        ..NONE
    }),
    (&["wget"], Options {
        long: &["use-askpass", "execute", "output-document", "output-file", "append-output", "directory-prefix",
            "input-file", "post-data", "post-file", "body-data", "body-file", "config", "warc-file", "ca-certificate",
            "load-cookies", "save-cookies", "rejected-log", "hsts-file", "base", "method", "http-passwd"],
        letters: "eoaOPiB",
        ..NONE
    }),
    (&["man"], Options { long: &["pager", "html", "config-file", "troff", "preprocessor"], letters: "PHCtTXZplEM", ..NONE }),
    (&["less", "more", "most"], Options {
        long: &["lesskey-file", "lesskey-src", "lesskey-content", "log-file", "LOG-FILE", "tag-file"],
        letters: "koOtT+",
        exact: &["+"],
        ..NONE
    }),
    (&["cargo"], Options {
        long: &["config", "manifest-path", "target-dir", "artifact-dir", "out-dir", "root", "path", "git", "registry",
            "index", "lockfile-path", "build-plan", "fix"],
        exact: &["-C", "-Z"],
        verbs: &["rustc", "rustdoc", "install", "publish", "login", "owner", "yank", "add", "watch"],
        spared: &["--con", "--in", "--re", "--reg"],
        ..NONE
    }),
    (&["make", "gmake"], Options {
        long: &["file", "makefile", "eval", "directory", "include-dir", "environment-overrides", "old-file"],
        letters: "fCIEe",
        spared: &["--no-print-directory", "--keep-going", "-ke"],
        ..NONE
    }),
    (&["npm", "pnpm", "yarn", "bun"], Options {
        long: &["prefix", "dir", "script-shell", "node-options", "userconfig", "globalconfig", "cwd", "shell", "git",
            "registry", "call", "modules-dir", "editor", "viewer", "browser", "shell-emulator", "preload", "config",
            "pnpmfile", "global-pnpmfile", "use-yarnrc", "modules-folder", "cache", "global"],
        letters: "C",
        exact: &["-C", "-c", "-g", "-r"],
        verbs: &["exec", "x", "dlx", "explore", "pkg", "config", "set", "edit", "init", "create", "c", "link", "publish",
            "login", "token", "unpublish", "set-script", "owner", "access", "plugin", "patch-commit"],
        spared: &["-r"],
    }),
    (&["go"], Options {
        exact: &["-exec", "--exec", "-toolexec", "--toolexec", "-vettool", "--vettool", "-C", "-modfile", "--modfile",
            "-overlay", "--overlay", "-ldflags", "--ldflags", "-gcflags", "--gcflags", "-asmflags", "-gccgoflags",
            "--asmflags", "--gccgoflags", "-compiler", "-o", "--o", "-pkgdir", "--pkgdir", "-cpuprofile", "-memprofile",
            "-blockprofile", "-mutexprofile", "-trace", "-outputdir", "-w", "-u", "-pgo", "-fixtool", "-test.cpuprofile",
            "--cpuprofile", "--memprofile", "--outputdir", "--trace", "-test.outputdir", "-debug-trace", "-args"],
        ..NONE
    }),
    (&["pytest", "py.test"], Options {
        long: &["rootdir", "config-file", "confcutdir", "basetemp", "junitxml", "junit-xml", "junit-prefix", "log-file",
            "override-ini", "pdbcls", "cov-config", "pastebin", "pyargs", "html", "debug", "inifile",
            "result-log", "pythonpath"],
        letters: "poc",
        spared: &["--co", "--log-level", "--log-cli-level", "--pdb", "--cov", "--color"],
        ..NONE
    }),
    (&["mocha", "jest", "vitest", "ava", "tap", "nyc", "c8"], Options {
        long: &["require", "import", "loader", "node-option", "node-options", "config", "globalSetup", "setupFiles",
            "testEnvironment", "runner", "reporter", "reporters", "transform", "rootDir", "outputFile", "preset",
            "setupFilesAfterEnv", "resolver", "coverageDirectory", "cacheDirectory", "coverageReporters", "root", "dir",
            "environment", "pool", "ui", "globals", "notify", "filter", "testRunner", "haste", "snapshotSerializers",
            "watchPlugins", "testSequencer", "modulePaths", "roots", "projects", "workspace"],
        letters: "rcnR",
        spared: &["--coverage", "--notify", "--run", "--no", "--ui", "-u", "-run", "--reporter", "--reporters", "--pool",
            "--globals", "--environment", "--dir", "--changed"],
        ..NONE
    }),
    (&["eslint", "prettier", "stylelint", "tsc", "webpack", "vite", "rollup", "esbuild"], Options {
        long: &["config", "rulesdir", "resolve-plugins-relative-to", "plugin", "parser", "format", "formatter",
            "output-file", "outFile", "outDir", "require", "parser-options", "project", "declarationDir", "outfile",
            "outdir", "custom-formatter", "custom-syntax", "cache-location", "cache-file", "generateTrace",
            "tsBuildInfoFile", "plugin-search-dir", "ignore-path"],
        letters: "cfop",
        spared: &["--cache", "--no-config-lookup"],
        ..NONE
    }),
    (&["tox", "nox", "pre-commit", "just", "task", "ninja", "rake", "turbo", "nx", "bazel", "cmake", "ctest", "meson"],
        Options {
            long: &["config", "conf", "file", "noxfile", "justfile", "shell", "command", "set", "working-directory",
                "workdir", "taskfile", "dir", "rakefile", "require", "execute", "trace-rules", "cwd", "run_under",
                "script_path", "bazelrc", "override_repository", "script", "build-and-test", "rakelib", "libdir",
                "shell-arg", "dotenv-path", "eval", "execute-print", "native-file", "cross-file", "build-config"],
            letters: "cfCdrePSEpID",
            verbs: &["try-repo", "init-templatedir"],
            ..NONE
        }),
    (&["gradle", "gradlew", "mvn", "mvnw"], Options {
        long: &["init-script", "build-file", "settings-file", "project-dir", "gradle-user-home", "include-build", "file",
            "settings", "global-settings", "toolchains", "project-cache-dir", "project-prop", "system-prop", "define",
            "log-file"],
        letters: "IbcpgfsDPltx",
        spared: &["--stacktrace", "-x", "-t", "-DskipTests", "-DskipITs", "-pl"],
        ..NONE
    }),
    (&["pip"], Options {
        long: &["index-url", "extra-index-url", "find-links", "target", "prefix", "root", "python", "log", "editable",
            "config-settings", "global-option", "build-option", "install-option", "cache-dir", "trusted-host", "proxy",
            "requirement", "report", "src", "cert", "client-cert", "keyring-provider", "build", "dest"],
        letters: "iftredC",
        verbs: &["config", "install", "download", "wheel"],
        ..NONE
    }),
    (&["docker", "podman", "nerdctl"], Options {
        long: &["host", "context", "config", "tlscacert", "tlscert", "tlskey", "log-file", "volume", "mount",
            "privileged", "output", "build-context", "secret", "ssh", "iidfile", "cidfile", "env-file", "file",
            "project-directory", "entrypoint", "device", "pid", "cap-add", "security-opt", "connection", "url",
            "identity", "hooks-dir", "module", "runtime", "conmon", "root", "storage-driver", "metadata-file"],
        exact: &["-H", "-c", "-v", "-o"],
        spared: &["--no-trunc", "--filter", "--format"],
        ..NONE
    }),
    (&["kubectl", "oc", "helm", "k9s"], Options {
        long: &["kubeconfig", "server", "token", "as", "as-group", "cache-dir", "profile-output", "profile", "raw",
            "certificate-authority", "client-key", "client-certificate", "insecure-skip-tls-verify", "username",
            "password", "user", "cluster", "kustomize", "post-renderer", "output-dir", "kube-apiserver", "registry-config",
            "repository-config", "filename", "tls-server-name", "template",
            "helm-command", "enable-helm", "enable-exec", "enable-alpha-plugins", "load-restrictor"],
        letters: "sfk",
        spared: &["--show-labels", "--c", "--output"],
        ..NONE
    }),
    (&["gh", "glab"], Options {
        long: &["web", "field", "raw-field", "input", "method", "editor", "hostname", "body-file", "template"],
        letters: "wfFXet",
        verbs: &["alias", "extension", "auth", "config", "secret", "ssh-key", "gpg-key", "codespace", "ext"],
        ..NONE
    }),
    (&["gcc", "g++", "clang", "clang++", "cc", "c++", "rustc", "javac", "ld"], Options {
        long: &["codegen", "sysroot", "linker", "plugin", "specs"],
        exact: &["-wrapper", "-specs", "-fplugin", "-o", "-C", "-J", "-processorpath", "-processor", "-Xplugin", "--emit"],
        letters: "@B",
        ..NONE
    }),
    (&["jq"], Options { long: &["in-place", "library-path", "from-file", "slurpfile", "rawfile"], letters: "Lif", ..NONE }),
    (&["yq"], Options {
        long: &["inplace", "split-exp", "split-exp-file", "in-place", "front-matter"], letters: "is", ..NONE
    }),
    (&["ruff", "black", "isort", "mypy", "pylint", "flake8"], Options {
        long: &["config", "config-file", "fix", "python-executable", "rcfile", "init-hook", "load-plugins", "output-file",
            "junit-xml", "custom-typeshed-dir", "cache-dir", "settings-path", "append-config", "format-only", "html-report",
            "txt-report", "xml-report", "linecount-report", "any-exprs-report", "lineprecision-report", "cobertura-xml-report",
            "shadow-file", "install-types", "output", "add-noqa", "fix-only", "unsafe-fixes", "timing-stats",
            "line-checking-stats", "package-root", "cache-map"],
        letters: "o",
        spared: &["--output-format"],
        ..NONE
    }),
    (&["grep", "egrep", "fgrep", "zgrep"], Options { long: &["file"], exact: &["-f"], ..NONE }),
    (&["journalctl"], Options {
        long: &["vacuum-size", "vacuum-time", "vacuum-files", "rotate", "flush", "sync", "relinquish-var", "directory",
            "file", "root", "image", "cursor-file", "setup-keys", "smart-relinquish-var", "update-catalog"],
        letters: "DMi",
        ..NONE
    }),
    (&["systemctl", "loginctl", "hostnamectl", "timedatectl"], Options {
        long: &["host", "machine", "root", "image", "force"], letters: "HMf", ..NONE
    }),
    (&["apt-cache"], Options { long: &["option", "config-file"], letters: "oc", ..NONE }),
    (&["date"], Options { long: &["set", "file"], letters: "sf", ..NONE }),
    (&["file"], Options { long: &["compile", "magic-file", "files-from"], letters: "Cmf", ..NONE }),
    (&["wc", "du"], Options { long: &["files0-from"], ..NONE }),
    (&["terraform", "tofu"], Options { exact: &["-chdir", "--chdir", "-out", "-plugin-dir", "-auto-approve"], ..NONE }),
    (&["java"], Options { exact: &["-jar", "-cp", "-classpath", "--class-path", "-javaagent", "-agentpath", "-agentlib"],
        letters: "@", ..NONE }),
    (&["python", "pypy"], Options { letters: "cimWX", spared: &["-m"], ..NONE }),
    (&["node", "deno", "ruby", "perl", "php", "lua", "tsx", "ts-node"], Options {
        long: &["eval", "print", "require", "import", "loader", "experimental-loader", "env-file", "inspect",
            "inspect-brk", "openssl-config", "config", "allow-all", "allow-run", "run", "interactive", "test-reporter",
            "test-reporter-destination", "watch-path", "report-dir", "diagnostic-dir", "redirect-warnings"],
        letters: "eprCcIEBRMdinAl",
        ..NONE
    }),
    (&["bash", "sh", "zsh", "dash", "fish", "ksh"], Options { letters: "cisoOx", long: &["rcfile", "init-file"], ..NONE }),
];
