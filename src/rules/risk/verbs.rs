//! Programs that only tell or read, and the few options by which some of them do more.

use super::call::{Arg, Call};
use super::scene::{Fact, Scene};
use super::value::Category;

/// Programs that neither read files nor change anything; what is in their arguments is only printed.
pub const PRINTS: &[&str] = &[
    "echo", "printf", "true", "false", ":", "test", "[", "[[", "pwd", "local", "return", "exit", "break", "continue",
    "shift", "read", "let", "wait", "unset", "for", "in", "function", "((",
];

#[rustfmt::skip]
const TELLS: &[&str] = &[
    "whoami", "id", "uname", "uptime", "free", "ps", "printenv", "locale", "tty", "groups", "users", "w", "who",
    "last", "nproc", "lscpu", "lsblk", "lsusb", "lspci", "lsmod", "arch", "getconf", "seq", "sleep", "yes", "type",
    "which", "whereis", "help", "jobs", "cal", "expr", "numfmt", "factor", "basename", "dirname", "tput", "clear",
    "lsof", "ss", "netstat", "pgrep", "pstree", "vmstat", "iostat", "mpstat", "sar", "df", "findmnt", "blkid",
    "getent", "tr", "man", "info", "apropos", "whatis", "getopt", "getopts", "umask", "ulimit",
    "times", "dirs", "fg", "bg", "history", "lsb_release", "sw_vers", "system_profiler", "ioreg", "locate",
    "mdfind", "mdls", "pidof", "top", "htop", "btop", "ipcs", "dmidecode", "sensors", "acpi",
    "fzf", "tldr", "cloc", "tokei", "scc", "logname", "pathchk", "hostid", "popd", "nvidia-smi",
    "lshw", "vm_stat", "klist", "finger", "ruff", "mypy", "black", "isort", "hadolint",
    "flake8", "pylint", "ansible-lint", "ansible-doc", "ansible-inventory", "ansible-config",
    "sample", "symbols", "say", "qlmanage", "compression_tool", "lsns", "lslocks", "lsipc", "lslogins",
    "lsmem", "lsirq", "hwinfo", "inxi", "neofetch", "fastfetch", "glxinfo", "vulkaninfo", "xdpyinfo", "xwininfo",
    "modinfo", "nstat", "ifstat", "iotop", "dstat", "pidstat", "smem", "pmap", "pwdx", "slabtop", "numastat",
    "lstopo", "namei", "systemd-analyze", "systemd-cgls", "systemd-cgtop", "systemd-detect-virt", "systemd-escape",
    "systemd-path", "duf", "procs", "btm", "onefetch", "envsubst", "uuidgen", "actionlint", "pyflakes",
    "pycodestyle", "pydocstyle", "bandit", "vulture", "radon", "vale", "proselint", "cppcheck",
    "diffstat", "htmlq", "pup", "infocmp", "toe", "dpkg-query", "apt-cache",
    "rpmquery", "pkg-config", "pkgconf", "lsattr", "zipdetails", "swift-demangle", "c++filt", "addr2line",
    "rustfilt", "dwarfdump", "fc-list", "fc-match", "fc-query", "xlsclients", "xlsfonts",
    "wayland-info", "getfattr", "sestatus", "getenforce", "aa-status", "zdump", "isutf8",
];

#[rustfmt::skip]
const BAT: &[&str] = &[
    "-l", "--language", "-r", "--line-range", "-H", "--highlight-line", "--theme", "--style", "--paging", "--color",
    "--wrap", "--tabs", "--decorations", "--pager", "--map-syntax", "-m", "--file-name", "--terminal-width",
];

/// Programs that read the files in their arguments: name, how many arguments before them are not files,
/// options that take a value.
#[rustfmt::skip]
const READERS: &[(&str, usize, &[&str])] = &[
    ("cat", 0, &[]), ("nl", 0, &[]), ("head", 0, &["-n", "-c", "--lines", "--bytes"]),
    ("tail", 0, &["-n", "-c", "--lines", "--bytes", "-s", "--pid"]), ("less", 0, &["-p", "-j"]), ("more", 0, &[]),
    ("zless", 0, &[]), ("zcat", 0, &[]), ("bzcat", 0, &[]), ("xzcat", 0, &[]), ("zgrep", 1, &[]),
    ("batcat", 0, BAT), ("bat", 0, BAT), ("wc", 0, &[]), ("rev", 0, &[]), ("tac", 0, &["-s", "--separator"]),
    ("cut", 0, &["-b", "-c", "-d", "-f", "--bytes", "--characters", "--delimiter", "--fields", "--output-delimiter"]),
    ("column", 0, &["-c", "-s", "-o", "-N", "-R", "-H", "-T", "-E", "-O", "-W", "-n", "-l", "-r", "-i", "-p",
        "--separator", "--output-separator", "--table-columns", "--table-right", "--table-hide"]),
    ("shuf", 0, &["-n", "-i", "-o", "--head-count", "--input-range", "--output"]), ("bc", 0, &[]),
    ("dc", 0, &["-e", "--expression"]), ("shellcheck", 0, &["-e", "-f", "-s", "-S", "-i", "-o", "--exclude",
        "--format", "--shell", "--severity"]), ("yamllint", 0, &["-d", "-f"]), ("jsonlint", 0, &[]),
    ("gron", 0, &[]), ("hexyl", 0, &["-n", "-s"]), ("glow", 0, &["-s", "-w"]), ("mdcat", 0, &[]), ("ccze", 0, &[]),
    ("sort", 0, &["-k", "-t", "-S", "-T", "--key", "--field-separator", "--buffer-size"]),
    ("uniq", 0, &["-f", "-s", "-w"]), ("paste", 0, &["-d"]), ("join", 0, &["-t", "-1", "-2", "-o", "-j"]),
    ("comm", 0, &[]), ("diff", 0, &["-U", "-C", "-W", "-x", "-I", "--exclude"]), ("colordiff", 0, &[]),
    ("delta", 0, &[]), ("diff3", 0, &[]), ("sdiff", 0, &[]), ("cmp", 0, &["-n", "-i"]),
    ("grep", 1, &["-A", "-B", "-C", "-m", "-e", "-f", "--include", "--exclude", "--exclude-dir", "-d", "-D"]),
    ("egrep", 1, &["-A", "-B", "-C", "-m"]), ("fgrep", 1, &["-A", "-B", "-C", "-m"]),
    ("rg", 1, &["-A", "-B", "-C", "-m", "-g", "-t", "-T", "-e", "-f", "--glob", "--type", "--max-count", "--sort",
        "-M", "-j", "-r", "--max-depth", "--color", "--colors", "--pre", "--iglob"]),
    ("ag", 1, &["-A", "-B", "-C", "-G", "-m", "--pager"]), ("ack", 1, &["-A", "-B", "-C"]),
    ("file", 0, &["-m", "-F"]), ("stat", 0, &["-c", "-f", "--format", "--printf"]), ("ls", 0, &["-I", "-w", "-T"]),
    ("exa", 0, &[]), ("eza", 0, &[]), ("dir", 0, &[]), ("tree", 0, &["-L", "-I", "-P", "--charset", "--filelimit"]),
    ("du", 0, &["-d", "--max-depth", "--exclude", "-t"]), ("ncdu", 0, &[]), ("realpath", 0, &["--relative-to"]),
    ("readlink", 0, &[]), ("md5sum", 0, &[]), ("sha1sum", 0, &[]), ("sha256sum", 0, &[]), ("sha512sum", 0, &[]),
    ("shasum", 0, &["-a"]), ("b2sum", 0, &[]), ("cksum", 0, &[]), ("md5", 0, &[]), ("sum", 0, &[]),
    ("xxd", 0, &["-l", "-s", "-c", "-g", "-o"]), ("hexdump", 0, &["-n", "-s", "-e", "-f"]), ("hd", 0, &[]),
    ("od", 0, &["-A", "-t", "-N", "-j"]), ("strings", 0, &["-n"]), ("base64", 0, &["-w", "--wrap", "-b"]),
    ("base32", 0, &["-w"]), ("jq", 1, &["--indent", "-f", "--from-file"]),
    ("yq", 1, &["-o", "-p"]), ("xmllint", 0, &["--xpath", "--schema"]), ("fold", 0, &["-w"]),
    ("fmt", 0, &["-w"]), ("pr", 0, &[]), ("nm", 0, &[]), ("objdump", 0, &["-j", "-M"]), ("readelf", 0, &[]),
    ("ldd", 0, &[]), ("size", 0, &[]), ("iconv", 0, &["-f", "-t", "--from-code", "--to-code"]), ("look", 1, &[]),
    ("tsort", 0, &[]), ("expand", 0, &["-t"]), ("unexpand", 0, &["-t"]), ("zipinfo", 0, &[]), ("exiftool", 0, &[]),
    ("identify", 0, &[]), ("pdftotext", 0, &[]), ("getfacl", 0, &[]), ("lsattr", 0, &[]), ("mediainfo", 0, &[]),
    ("ffprobe", 0, &["-v", "-of"]), ("dot", 0, &[]), ("codesign", 0, &[]), ("lipo", 0, &[]), ("otool", 0, &[]),
    ("plutil", 0, &[]), ("zdiff", 0, &[]), ("zcmp", 0, &[]), ("bzgrep", 1, &[]), ("xzgrep", 1, &[]),
    ("zstdcat", 0, &[]), ("zstdgrep", 1, &[]), ("lz4cat", 0, &[]), ("lzcat", 0, &[]), ("gzcat", 0, &[]),
    ("xzless", 0, &[]), ("wdiff", 0, &[]), ("difft", 0, &[]), ("b3sum", 0, &[]), ("xxhsum", 0, &[]),
    ("sha224sum", 0, &[]), ("sha384sum", 0, &[]), ("crc32", 0, &[]), ("pdfinfo", 0, &[]), ("pdffonts", 0, &[]),
    ("jless", 0, &[]), ("csvstat", 0, &[]), ("csvlook", 0, &[]), ("csvgrep", 0, &["-c", "-m", "-r"]),
    ("csvcut", 0, &["-c"]), ("csvsort", 0, &["-c"]), ("csvjson", 0, &[]), ("msgunfmt", 0, &[]), ("img2txt", 0, &[]),
    ("jp", 1, &[]), ("soxi", 0, &[]),
];

/// Options by which a program that reads writes a file after all.
#[rustfmt::skip]
const WRITES: &[(&str, &[&str])] = &[
    ("sort", &["-o", "--output"]), ("tree", &["-o"]), ("iconv", &["-o", "--output"]), ("shuf", &["-o", "--output"]),
    ("less", &["-o", "-O", "--log-file", "--LOG-FILE"]), ("xmllint", &["--output"]), ("man", &["-T"]), ("sample", &["-file"]), ("say", &["-o", "--output-file"]), ("qlmanage", &["-o"]),
    ("symbols", &["-saveSignature", "-symbolsPackageDir"]),
    ("compression_tool", &["-o"]), ("ansible-inventory", &["--output"]), ("cloc", &["--out", "--report-file"]),
    ("htmlq", &["-o", "--output"]), ("msgunfmt", &["-o", "--output-file"]), ("radon", &["-O", "--output-file"]),
    ("ncdu", &["-o"]), ("ffprobe", &["-o"]),
    ("glow", &["-o"]), ("bandit", &["-o", "--output"]), ("cppcheck", &["--output-file"]),
];

/// Options by which a program that reads runs another one.
#[rustfmt::skip]
const RUNS: &[(&str, &[&str])] = &[
    ("rg", &["--pre", "--hostname-bin"]), ("ag", &["--pager"]), ("ack", &["--pager"]),
    ("sort", &["--compress-program"]), ("man", &["-P", "-H", "--pager", "--html"]), ("bat", &["--pager"]),
    ("batcat", &["--pager"]), ("less", &["-k", "--lesskey-file", "--lesskey-src"]), ("xxd", &[]), ("date", &[]),
    ("ldd", &[]), ("nm", &["--plugin"]), ("sdiff", &["--diff-program"]), ("diff3", &["--diff-program"]),
    ("neofetch", &["--config"]), ("fastfetch", &["-c", "--config", "--load-config", "--command-text"]),
    ("rpmquery", &["-E", "--eval", "--define", "-D", "--pipe", "--load", "--macros", "--rcfile"]),
    ("jobs", &["-x"]), ("cppcheck", &["--addon"]), ("cloc", &["--vcs"]),
];

/// Options whose value is one more file that is read, and perhaps quoted.
#[rustfmt::skip]
const READS: &[(&str, &[&str])] = &[
    ("wc", &["--files0-from"]), ("sort", &["--files0-from", "--random-source"]), ("shuf", &["--random-source"]),
    ("du", &["--files0-from", "--exclude-from", "-X"]), ("diff", &["--to-file", "--from-file", "--exclude-from", "-X"]),
    ("colordiff", &["--to-file", "--from-file"]), ("grep", &["-f", "--file", "--exclude-from", "--include"]),
    ("egrep", &["-f", "--file"]), ("fgrep", &["-f", "--file"]), ("zgrep", &["-f", "--file"]),
    ("rg", &["-f", "--file", "--ignore-file", "-g", "--glob", "--iglob"]), ("ack", &["--files-from"]),
    ("hexdump", &["-f"]), ("xmllint", &["--schema", "--relaxng", "--dtdvalid"]), ("bc", &["-f", "--file"]), ("jq", &["-f", "--from-file", "-L"]), ("yq", &["--from-file"]),
    ("file", &["-f", "--files-from", "-m", "--magic-file"]), ("tree", &["--info-file", "--gitfile"]),
    ("info", &["-f", "--file"]), ("yamllint", &["-c"]),
];

/// Options that change files in place.
#[rustfmt::skip]
const CHANGES: &[(&str, &[&str])] = &[
    ("yq", &["-i", "--inplace"]), ("ruff", &["--fix", "--fix-only", "--unsafe-fixes", "--add-noqa", "format", "clean"]),
    ("exiftool", &["-all", "-overwrite_original"]), ("codesign", &["-s", "--sign", "--remove-signature", "-f"]),
    ("lipo", &["-create", "-output"]), ("plutil", &["-convert", "-insert", "-replace", "-remove"]),
    ("blkid", &["-g"]), ("systemd-analyze", &["log-level"]),
];

fn row<'a>(table: &'a [(&str, &'a [&'a str])], name: &str) -> &'a [&'a str] {
    table.iter().find(|(known, _)| *known == name).map_or(&[], |(_, options)| options)
}

/// Looks at a program that reads or tells; `false` when it is none that is known.
pub fn known(scene: &mut Scene<'_>, call: &Call<'_>) -> bool {
    let name = call.name.as_str();
    let reader = READERS.iter().find(|(known, ..)| *known == name);
    if reader.is_none() && !TELLS.contains(&name) && !PRINTS.contains(&name) {
        return false;
    }
    if let Some(file) = written(call) {
        scene.write(&file);
    }
    if let Some(arg) = call.option(row(RUNS, name)) {
        scene.high(Category::Interpreter, &arg.span, format!("Makes {name} run another program."));
    }
    let plain = |arg: &Arg| arg.text.split_once('=').map_or(arg.text.as_str(), |(option, _)| option).to_owned();
    if let Some(arg) = call.args.iter().find(|a| row(CHANGES, name).contains(&plain(a).as_str())) {
        scene.medium(Category::Write, &arg.span, format!("Makes {name} change files in place."));
    }
    // `-g '!.env'` leaves it out.
    for file in call.values(row(READS, name)).into_iter().filter(|file| !file.text.starts_with('!')) {
        scene.read(call.index, &file);
    }
    special(scene, call);
    if let Some((_, skip, takes)) = reader {
        files(scene, call, *skip, takes);
    }
    true
}

/// Programs whose options are words behind one dash: `-decode` is not `-d -e -c …`.
const ONE_DASH: &[&str] = &["compression_tool", "qlmanage", "sample", "symbols", "say", "ffprobe"];

/// The file that an option makes a reading program write.
fn written(call: &Call<'_>) -> Option<Arg> {
    let options = row(WRITES, &call.name);
    if !ONE_DASH.contains(&call.name.as_str()) {
        return call.valued(options);
    }
    let split = |arg: &Arg| arg.text.split_once('=').map(|(option, file)| (option.to_owned(), file.to_owned()));
    let joined = call.args.iter().find_map(|arg| {
        let (_, text) = split(arg).filter(|(option, _)| options.contains(&option.as_str()))?;
        Some(Arg { text, ..arg.clone() })
    });
    let at = call.args.iter().position(|a| options.contains(&a.text.as_str()));
    joined.or_else(|| at.and_then(|at| call.args.get(at + 1)).cloned())
}

/// What no table says.
fn special(scene: &mut Scene<'_>, call: &Call<'_>) {
    let name = call.name.as_str();
    if name == "fzf"
        && call.args.iter().any(|a| {
            a.text.contains("execute(")
                || a.text.contains("become(")
                || a.text.contains("execute-silent")
                || a.text.contains("execute:")
                || a.text.contains("become:")
                || a.text.starts_with("--listen")
                || a.text == "--preview"
                || a.text.starts_with("--preview=")
                || ["reload", "transform", "preview(", "preview:"].iter().any(|action| a.text.contains(action))
        })
    {
        scene.high(Category::Interpreter, &call.span, "Makes fzf run other commands.");
    }
    let takes = ["-l", "--line-length", "-t", "-c", "--config", "--include", "--exclude", "--settings-path"];
    if matches!(name, "black" | "isort")
        && !call.surely(&["--check", "--check-only", "--diff", "--show-files", "--show-settings"], &takes)
        && !call.operands(&[]).is_empty()
    {
        scene.medium(Category::Write, &call.span, format!("Makes {name} change files in place."));
    }
    queries(scene, call);
    // Of a page with a slash in its name, man shows the file itself.
    for page in call.operands(&[]).into_iter().filter(|a| name == "man" && a.text.contains('/')) {
        scene.read(call.index, page);
    }
    if name == "tree" && call.has(&["-R"]) {
        scene.medium(Category::Write, &call.span, "Writes a page into every folder that is too deep to show.");
    }
    if let Some(arg) = call.args.iter().find(|a| name == "dc" && a.text.contains('!')) {
        scene.high(Category::Interpreter, &arg.span, "Makes dc run a command.");
    }
    environment(scene, call);
}

/// What prints the environment, of this program or of others.
fn environment(scene: &mut Scene<'_>, call: &Call<'_>) {
    let name = call.name.as_str();
    if name == "printenv" && call.args.is_empty() {
        scene.medium(Category::Read, &call.span, "Prints every variable of the environment, tokens included.");
    }
    let secret = |a: &&Arg| {
        let upper = a.text.to_ascii_uppercase();
        ["KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH"].iter().any(|part| upper.contains(part))
    };
    if let Some(arg) = call.args.iter().find(secret).filter(|_| name == "printenv") {
        scene.high(Category::Secret, &arg.span, "Prints a variable of the environment that may hold a token.");
    }
    // `ps auxe`: without a dash, `e` shows what every program was given.
    let shows = |a: &&Arg| !a.is_option() && a.text.contains('e') && a.text.bytes().all(|b| b.is_ascii_alphabetic());
    if let Some(arg) = call.args.first().filter(shows).filter(|_| name == "ps") {
        scene.high(Category::Secret, &arg.span, "Prints the environment of other programs, tokens included.");
    }
}

/// What a query of jq or yq reaches beside its input: the environment, other files.
fn queries(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !matches!(call.name.as_str(), "jq" | "yq" | "jaq" | "gojq") {
        return;
    }
    for (at, arg) in call.args.iter().enumerate() {
        if matches!(arg.text.as_str(), "--rawfile" | "--slurpfile" | "--argfile") {
            call.args.get(at + 2).into_iter().for_each(|file| scene.read(call.index, file));
        }
        let words = || arg.text.split(|c: char| !(c.is_alphanumeric() || "_$.".contains(c)));
        let dense: String = arg.text.chars().filter(|c| !c.is_whitespace()).collect();
        if ["import\"", "include\"", "load(", "load_"].iter().any(|form| dense.contains(form)) {
            scene.high(Category::Secret, &arg.span, format!("Makes {} read other files than it is given.", call.name));
        } else if words().any(|w| matches!(w.split('.').next(), Some("$ENV" | "strenv" | "env"))) {
            let text = "Prints variables of the environment, which may hold tokens.";
            scene.high(Category::Secret, &arg.span, text);
        }
    }
}

/// Programs that look at a file's name and rights, and not into it.
const LOOKS: &[&str] = &["ls", "dir", "exa", "eza", "tree", "stat", "readlink", "realpath"];

fn is_device(scene: &Scene<'_>, file: &Arg) -> bool {
    let target = scene.target(&file.text);
    target.device && !target.secret
}

fn files(scene: &mut Scene<'_>, call: &Call<'_>, skip: usize, takes: &[&str]) {
    let given = skip > 0 && call.has(&["-e", "-f", "--regexp", "--file", "--files", "--from-file"]);
    let second = matches!(call.name.as_str(), "uniq" | "xxd");
    for (at, file) in call.operands(takes).into_iter().skip(if given { 0 } else { skip }).enumerate() {
        if LOOKS.contains(&call.name.as_str()) && is_device(scene, file) {
            continue;
        }
        if second && at == 1 { scene.write(file) } else { scene.read(call.index, file) }
    }
    let decodes = match call.name.as_str() {
        "base64" | "base32" => call.has(&["-d", "-D", "--decode"]),
        "xxd" => call.has(&["-r"]),
        "zcat" | "bzcat" | "xzcat" | "rev" => true,
        _ => false,
    };
    if decodes {
        scene.fact(call.index, &call.span, Fact::Decode);
    }
}
