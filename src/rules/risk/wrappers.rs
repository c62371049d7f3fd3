//! Programs that run another one: `sudo`, `env`, `timeout`, `xargs`, `find -exec`, `ssh`.

use super::call::{Arg, Call, Known, wants_next};
use super::deception::shown;
use super::scene::{Fact, Scene};
use super::value::Category;
use super::walk::{self, Handler};

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("sudo", sudo), ("doas", sudo), ("su", su), ("runuser", su), ("pkexec", sudo), ("chroot", chroot), ("env", env),
    ("timeout", skipping_one), ("repeat", skipping_one), ("-", plain), ("noglob", plain), ("nocorrect", plain),
    ("nice", plain), ("ionice", plain), ("nohup", plain), ("stdbuf", plain), ("time", plain), ("gtime", plain),
    ("setsid", plain), ("chrt", skipping_one), ("taskset", skipping_one), ("builtin", plain), ("command", command),
    ("exec", exec), ("busybox", plain), ("toybox", plain), ("strace", plain), ("ltrace", plain),
    ("caffeinate", plain), ("unbuffer", plain), ("watch", watch), ("flock", flock), ("script", script_tool),
    ("xargs", xargs), ("parallel", parallel), ("find", find), ("gfind", find), ("fd", fd), ("fdfind", fd),
    ("unshare", entered), ("nsenter", entered), ("systemd-run", entered), ("arch", plain), ("rtk", rtk),
    ("ssh", ssh), ("entr", plain), ("direnv", direnv), ("dbus-run-session", plain), ("xvfb-run", plain),
    ("catchsegv", plain), ("faketime", skipping_one), ("proxychains", plain), ("torsocks", plain),
    ("fakeroot", plain), ("sshpass", plain),
];

/// Options whose value is the next word, for each wrapper.
#[rustfmt::skip]
const TAKES: &[(&str, &[&str])] = &[
    ("sudo", &["-u", "-g", "-p", "-C", "-D", "-h", "-R", "-r", "-t", "-T", "-U", "--user", "--group", "--chdir",
        "--prompt", "--host"]), ("doas", &["-u", "-C"]), ("env", &["-u", "-C", "-P", "--unset", "--chdir"]),
    ("timeout", &["-k", "-s", "--kill-after", "--signal"]), ("nice", &["-n", "--adjustment"]),
    ("ionice", &["-c", "-n", "-p", "--class", "--classdata"]),
    ("stdbuf", &["-i", "-o", "-e", "--input", "--output", "--error"]),
    ("time", &["-f", "-o", "--format", "--output"]), ("watch", &["-n", "--interval"]),
    ("strace", &["-o", "-e", "-s", "-p", "-u", "-S", "-P", "-a", "-E"]),
    ("ltrace", &["-o", "-e", "-s", "-p", "-u", "-n"]),
    ("xargs", &["-a", "-d", "-E", "-I", "-J", "-L", "-n", "-P", "-s", "-R", "-S", "--arg-file", "--delimiter",
        "--max-args", "--max-procs", "--max-lines", "--max-chars", "--process-slot-var"]),
    ("parallel", &["-j", "-n", "-N", "-L", "-I", "-a", "-S", "-d", "-C", "--jobs", "--results", "--delay",
        "--timeout", "--colsep", "--arg-file", "--sshlogin", "--joblog", "--tmpdir", "--retries", "--max-args"]),
    ("ssh", &["-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-Q", "-R",
        "-S", "-W", "-w", "-B"]), ("flock", &["-w", "-E", "--timeout", "--conflict-exit-code"]),
    ("chroot", &["-u", "-g"]), ("unshare", &["-S", "-G", "-R", "-w"]), ("nsenter", &["-t", "-S", "-G", "--target"]),
    ("systemd-run", &["-p", "-u", "-H", "-M", "-E", "--unit", "--property", "--uid", "--gid"]),
    ("su", &["-c", "-s", "-g", "-G", "-w", "--command", "--shell"]),
    ("runuser", &["-c", "-s", "-u", "-g", "--command"]), ("exec", &["-a"]), ("entr", &[]), ("setsid", &[]),
    ("xvfb-run", &["-n", "-s", "-e", "-f", "-w"]), ("sshpass", &["-p", "-f", "-d"]), ("caffeinate", &["-t", "-w"]),
    ("taskset", &[]), ("proxychains", &["-f"]), ("arch", &["-e", "-d"]),
];

fn takes(name: &str) -> &'static [&'static str] {
    TAKES.iter().find(|(known, _)| *known == name).map_or(&[], |(_, options)| options)
}

/// The words after the wrapper's own options.
fn rest<'a>(call: &Call<'a>) -> &'a [Arg] {
    let takes = takes(&call.name);
    let mut at = 0;
    while let Some(arg) = call.args.get(at) {
        if arg.text == "--" {
            return &call.args[at + 1..];
        }
        if !arg.is_option() && arg.text != "-" {
            break;
        }
        at += if arg.is_option() && wants_next(&arg.text, takes) { 2 } else { 1 };
    }
    call.args.get(at..).unwrap_or_default()
}

fn assignments(args: &[Arg]) -> &[Arg] {
    let count = args.iter().take_while(|a| a.text.contains('=') && !a.is_option()).count();
    &args[count..]
}

/// Looks at the command that `argv` is.
fn inner(scene: &mut Scene<'_>, call: &Call<'_>, argv: &[Arg]) {
    if let Some(found) = Call::of(argv, call.simple, call.index) {
        walk::call(scene, &found);
    }
}

/// A program that only runs the rest of its words.
pub fn plain(scene: &mut Scene<'_>, call: &Call<'_>) {
    if matches!(call.name.as_str(), "strace" | "ltrace" | "time")
        && let Some(file) = call.valued(&["-o", "--output"])
    {
        scene.write(&file);
    }
    inner(scene, call, rest(call));
}

fn skipping_one(scene: &mut Scene<'_>, call: &Call<'_>) {
    inner(scene, call, rest(call).get(1..).unwrap_or_default());
}

/// `direnv allow` and the like: from then on a file runs by itself in every shell that comes to the folder.
fn direnv(scene: &mut Scene<'_>, call: &Call<'_>) {
    match rest(call).first().map_or("", |a| a.text.as_str()) {
        "allow" | "permit" | "grant" | "edit" | "reload" | "hook" | "stdlib" => {
            scene.high(Category::Interpreter, &call.span, "Lets .envrc run by itself in every shell in this folder.");
        }
        "" | "status" | "version" | "help" | "deny" | "block" | "revoke" => {}
        _ => skipping_one(scene, call),
    }
}

/// `rtk`, which shortens what other programs print, and counts how much that saved.
fn rtk(scene: &mut Scene<'_>, call: &Call<'_>) {
    match rest(call) {
        [first, ..] if matches!(first.text.as_str(), "gain" | "discover" | "version" | "session") => {}
        [first, inside @ ..] if first.is("proxy") => inner(scene, call, inside),
        all => inner(scene, call, all),
    }
}

fn command(scene: &mut Scene<'_>, call: &Call<'_>) {
    let rest = rest(call);
    if !(call.has(&["-v", "-V"]) && rest.len() < 2) {
        inner(scene, call, rest);
    }
}

fn exec(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.medium(Category::Dynamic, &call.program.span, "Replaces the shell with another program.");
    plain(scene, call);
}

fn sudo(scene: &mut Scene<'_>, call: &Call<'_>) {
    let rest = assignments(rest(call));
    if rest.is_empty() && call.has(&["-l", "-V", "-v", "-k", "--list", "--version"]) {
        return scene.medium(Category::Privilege, &call.span, "Asks what may be run with administrator rights.");
    }
    scene.high(
        Category::Privilege,
        &call.program.span,
        "Runs with administrator rights, so that nothing on this machine is out of reach.",
    );
    inner(scene, call, rest);
}

fn su(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(Category::Privilege, &call.program.span, "Becomes another user of this machine.");
    if let Some((text, arg)) = call.value(&["-c", "--command"]) {
        walk::script(scene, &text, &arg.span);
    }
}

fn chroot(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(
        Category::Privilege,
        &call.program.span,
        "Runs with another folder as the root of all files, with administrator rights.",
    );
    skipping_one(scene, call);
}

fn entered(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(
        Category::Privilege,
        &call.program.span,
        "Runs in another part of the system, outside the limits of this session.",
    );
    plain(scene, call);
}

fn env(scene: &mut Scene<'_>, call: &Call<'_>) {
    if let Some((text, arg)) = call.value(&["-S", "--split-string"]) {
        walk::script(scene, &text, &arg.span);
    }
    let all = rest(call);
    let rest = assignments(all);
    for set in &all[..all.len() - rest.len()] {
        let name = set.text.split('=').next().unwrap_or_default();
        if name == "LD_PRELOAD"
            || name == "BASH_ENV"
            || name == "GIT_SSH_COMMAND"
            || name == "PATH" && !set.text.ends_with("/bin")
        {
            scene.high(
                Category::Interpreter,
                &set.span,
                format!("Sets {}, which can make the command after it run other code.", shown(name)),
            );
        }
    }
    let rest = if call.has(&["-S"]) && rest.first().is_some_and(|a| a.text.contains(' ')) { &rest[1..] } else { rest };
    if rest.is_empty() && all.is_empty() && !call.has(&["-S", "--split-string"]) {
        return scene.medium(Category::Read, &call.span, "Prints every variable of the environment, tokens included.");
    }
    inner(scene, call, rest);
}

fn words(args: &[Arg]) -> String {
    args.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn cover(args: &[Arg]) -> std::ops::Range<usize> {
    let start = args.first().map_or(0, |a| a.span.start);
    start..args.iter().map(|a| a.span.end).max().unwrap_or(start).max(start)
}

fn watch(scene: &mut Scene<'_>, call: &Call<'_>) {
    let rest = rest(call);
    if rest.len() == 1 { walk::script(scene, &rest[0].text, &rest[0].span) } else { inner(scene, call, rest) }
}

fn flock(scene: &mut Scene<'_>, call: &Call<'_>) {
    match call.value(&["-c", "--command"]) {
        Some((text, arg)) => walk::script(scene, &text, &arg.span),
        None => skipping_one(scene, call),
    }
}

fn script_tool(scene: &mut Scene<'_>, call: &Call<'_>) {
    if let Some((text, arg)) = call.value(&["-c", "--command"]) {
        return walk::script(scene, &text, &arg.span);
    }
    let rest = rest(call);
    match rest.first() {
        Some(file) => scene.write(file),
        None => scene.medium(Category::Write, &call.span, "Records the terminal in a file of this folder."),
    }
    inner(scene, call, rest.get(1..).unwrap_or_default());
}

fn xargs(scene: &mut Scene<'_>, call: &Call<'_>) {
    let mut argv = rest(call).to_vec();
    let joined = call.args.iter().find_map(|a| a.text.strip_prefix("--replace="));
    let token = call.value(&["-I", "-J"]).map(|(v, _)| v.into_owned()).or_else(|| joined.map(str::to_owned));
    fill(&mut argv, token.as_deref().filter(|t| !t.is_empty()).unwrap_or("{}"));
    if let Some(last) = argv.last().cloned() {
        argv.push(Arg::fed(&last.span));
    }
    inner(scene, call, &argv);
}

/// Marks the arguments that stand for what is filled in later.
fn fill(argv: &mut [Arg], token: &str) {
    argv.iter_mut().filter(|a| a.text == token).for_each(|a| a.known = Known::Fed);
}

fn parallel(scene: &mut Scene<'_>, call: &Call<'_>) {
    let rest = rest(call);
    let cut = rest.iter().position(|a| a.text.starts_with(":::")).unwrap_or(rest.len());
    let (argv, given) = rest.split_at(cut);
    if argv.is_empty() {
        for arg in given.iter().filter(|a| !a.text.starts_with(":::")) {
            walk::script(scene, &arg.text, &arg.span);
        }
        return;
    }
    if argv.len() == 1 && argv[0].text.contains(' ') {
        return walk::script(scene, &argv[0].text, &argv[0].span);
    }
    let mut argv = argv.to_vec();
    fill(&mut argv, "{}");
    let end = argv.last().map_or(0..0, |a| a.span.clone());
    argv.push(Arg::fed(&end));
    inner(scene, call, &argv);
}

const FIND_RUNS: &[&str] = &["-exec", "-execdir", "-ok", "-okdir"];
const FIND_WRITES: &[&str] = &["-fprint", "-fprint0", "-fprintf", "-fls"];
/// Tests that take a word which only looks like an action.
#[rustfmt::skip]
const FIND_TAKES: &[&str] = &[
    "-name", "-iname", "-path", "-ipath", "-regex", "-iregex", "-newer", "-type", "-user", "-group", "-printf",
    "-wholename", "-lname", "-perm", "-size",
];

fn find(scene: &mut Scene<'_>, call: &Call<'_>) {
    let args = call.args;
    for root in args.iter().take_while(|a| !a.is_option() && a.text != "(" && a.text != "!") {
        scene.read(call.index, root);
    }
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let word = arg.text.as_str();
        at += 1;
        if FIND_TAKES.contains(&word) {
            feeds_options(scene, call, args.get(at).filter(|_| word == "-printf"));
            at += 1;
        } else if FIND_RUNS.contains(&word) {
            let length =
                args[at..].iter().position(|a| matches!(a.text.as_str(), ";" | "+" | "\\;")).unwrap_or(args.len() - at);
            let mut argv = args[at..at + length].to_vec();
            argv.iter_mut().filter(|a| a.text == "{}").for_each(|a| a.known = Known::Fed);
            inner(scene, call, &argv);
            at += length + 1;
        } else if word == "-delete" {
            scene.high(
                Category::Delete,
                &arg.span,
                "Deletes every file that find matches, for good; run it with -print first to see them.",
            );
        } else if FIND_WRITES.contains(&word) {
            args.get(at).into_iter().for_each(|file| scene.write(file));
            at += 1;
        }
    }
}

/// `find -printf '--files0-from=…' | xargs wc`: what it prints is an option to the program after it.
fn feeds_options(scene: &mut Scene<'_>, call: &Call<'_>, format: Option<&Arg>) {
    let Some(format) = format.filter(|_| call.simple.place.piped_on) else { return };
    let within = ["\\n-", "\\0-", "\n-"].iter().any(|dash| format.text.contains(dash));
    if within || format.text.starts_with('-') {
        scene.high(Category::Interpreter, &format.span, "Prints options for the program after it, which nobody sees.");
    }
}

fn fd(scene: &mut Scene<'_>, call: &Call<'_>) {
    let Some(option) = call.option(&["-x", "-X", "--exec", "--exec-batch"]) else { return };
    let Some(at) = call.args.iter().position(|a| a == option) else { return };
    let mut argv = call.args[at + 1..].to_vec();
    if let Some(last) = argv.last().cloned() {
        argv.push(Arg::fed(&last.span));
    }
    inner(scene, call, &argv);
}

fn ssh(scene: &mut Scene<'_>, call: &Call<'_>) {
    let rest = rest(call);
    let Some(host) = rest.first() else { return };
    scene.fact(call.index, &call.span, Fact::Network);
    let command = &rest[1..];
    let what = if command.is_empty() { "Opens a shell on" } else { "Runs a command on" };
    scene.high(Category::RemoteChange, &host.span, format!("{what} another machine, {}.", shown(&host.text)));
    if !command.is_empty() {
        walk::script(scene, &words(command), &cover(command));
    }
    if call.args.iter().any(|a| a.text.contains("ProxyCommand") || a.text.contains("LocalCommand")) {
        scene.high(Category::Interpreter, &call.span, "Makes ssh run another program on this machine.");
    }
}
