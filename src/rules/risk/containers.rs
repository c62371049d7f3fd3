//! Containers: what they are given of this machine, and who is inside.

use super::call::{Arg, Call, wants_next};
use super::deception::shown;
use super::scene::Scene;
use super::value::Category;
use super::walk::{self, Handler};

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("docker", docker), ("podman", docker), ("nerdctl", docker), ("docker-compose", compose),
    ("podman-compose", compose), ("lxc", docker), ("distrobox", docker), ("toolbox", docker),
];

#[rustfmt::skip]
const READS: &[&str] = &[
    "ps", "images", "logs", "inspect", "version", "info", "top", "stats", "port", "diff", "history", "search",
    "events", "ls", "list", "help", "df", "config", "show", "healthcheck", "wait", "convert", "volumes",
];
#[rustfmt::skip]
const GROUPS: &[&str] = &[
    "container", "image", "volume", "network", "system", "context", "buildx", "compose", "builder", "manifest",
    "plugin", "node", "service", "stack", "swarm", "secret", "config", "trust", "scout", "pod", "machine",
    "imagetools", "checkpoint", "model", "generate", "secret", "quadlet", "kube", "desktop", "sbom",
];
const LOSES: &[&str] = &["rm", "rmi", "prune", "down", "kill", "remove", "delete", "reset"];
const SENDS: &[&str] = &["push", "login", "logout", "deploy", "sign"];
#[rustfmt::skip]
const TAKES: &[&str] = &[
    "-H", "--host", "-c", "--context", "--config", "-f", "--file", "-p", "--project-name", "-l", "--log-level",
    "--profile", "--env-file", "--project-directory", "--format", "--filter", "--connection", "--url", "--ansi",
    "--limit", "--tlscacert", "--tlscert", "--tlskey", "--parallel", "--progress", "--builder",
];

fn docker(scene: &mut Scene<'_>, call: &Call<'_>) {
    verb(scene, call, &call.operands(TAKES));
}

fn compose(scene: &mut Scene<'_>, call: &Call<'_>) {
    docker(scene, call);
}

fn verb(scene: &mut Scene<'_>, call: &Call<'_>, words: &[&Arg]) {
    let grouped = words.iter().take_while(|a| GROUPS.contains(&a.text.as_str())).count();
    let asked = call.asks_help(grouped + 1) || matches!(call.args, [only] if only.is("-v"));
    let Some(first) = words
        .iter()
        .find(|a| !GROUPS.contains(&a.text.as_str()) || a.is("config") && words.len() > 1 && words[0].is("compose"))
    else {
        return;
    };
    let name = first.text.as_str();
    if asked || READS.contains(&name) {
        return;
    }
    if grave(scene, call, words[0], name) {
        return;
    }
    let rest = call.args.iter().position(|a| a == *first).map_or(&[][..], |at| &call.args[at + 1..]);
    match name {
        "save" | "export" if !words[0].is("compose") && !call.has(&["-o", "--output"]) => {}
        "run" | "create" | "start" | "up" => run(scene, call, &call.with(rest)),
        "exec" | "attach" | "enter" | "ssh" => inside(scene, call, &call.with(rest)),
        "cp" => scene.high(Category::Write, &call.span, "Copies files between this machine and a container."),
        _ if LOSES.contains(&name) => {
            let all =
                name == "prune" || call.has(&["-f", "--force", "-v", "--volumes", "-a", "--all"]) || name == "kill";
            let text = "Removes containers, images or volumes, and the data in them; docker ps -a and docker volume ls show them first.";
            if all || words[0].is("volume") {
                scene.high(Category::Delete, &call.span, text);
            } else {
                scene.medium(Category::Container, &call.span, text);
            }
        }
        _ if SENDS.contains(&name) => {
            scene.high(Category::RemoteChange, &call.span, "Sends an image to others, or signs in there.");
        }
        _ => scene.medium(Category::Container, &call.span, "Builds, fetches or changes containers."),
    }
}

/// What reaches the whole machine, a cluster, or what docker is told from now on.
fn grave(scene: &mut Scene<'_>, call: &Call<'_>, group: &Arg, verb: &str) -> bool {
    if let Some(push) = call.args.iter().find(|a| a.is("--push")) {
        scene.high(Category::Upload, &push.span, "Sends the image to others once it is built.");
    }
    let text = match (group.text.as_str(), verb) {
        ("swarm" | "service" | "node" | "stack", _) => "Changes a cluster of machines.",
        ("plugin" | "extension", _) => "Changes what is built into docker, with rights over this machine.",
        ("context", "use" | "import" | "create" | "update") => "Changes which machine docker reaches.",
        ("context", "export") => {
            scene.high(Category::Secret, &call.span, "Prints or writes the keys to another machine.");
            return true;
        }
        ("compose", "publish") => "Sends the project's containers to others.",
        ("unshare", _) => {
            inside(scene, call, &call.with(&call.args[..0]));
            return true;
        }
        _ => return false,
    };
    scene.high(Category::RemoteChange, &call.span, text);
    true
}

#[rustfmt::skip]
const RUN_TAKES: &[&str] = &[
    "-v", "--volume", "-e", "--env", "-p", "--publish", "--name", "-w", "--workdir", "-u", "--user", "--mount",
    "--network", "--net", "--entrypoint", "--platform", "-h", "--hostname", "-m", "--memory", "--cpus",
    "--env-file", "-l", "--label", "--add-host", "--cap-add", "--device", "--security-opt", "--pid", "--ipc",
    "--userns", "--restart", "--volumes-from", "--tmpfs", "--shm-size", "--gpus",
];

fn run(scene: &mut Scene<'_>, call: &Call<'_>, rest: &Call<'_>) {
    for (at, arg) in rest.args.iter().enumerate() {
        let value = arg
            .text
            .split_once('=')
            .map(|(_, v)| v)
            .or_else(|| rest.args.get(at + 1).map(|a| a.text.as_str()))
            .unwrap_or_default();
        let name = arg.text.split('=').next().unwrap_or_default();
        match name {
            "--privileged"
            | "--device"
            | "--cap-add"
            | "--security-opt"
            | "--use-api-socket"
            | "--device-cgroup-rule" => {
                scene.high(Category::Container, &arg.span, "Gives the container rights over this machine.");
            }
            "--pid" | "--ipc" | "--userns" | "--network" | "--net" | "--uts" if value == "host" => scene.high(
                Category::Container,
                &arg.span,
                "Lets the container into this machine's own processes or network.",
            ),
            "-v" | "--volume" | "--mount" => mount(scene, arg, value),
            _ if !name.starts_with("--") => attached(scene, arg, value),
            _ => {}
        }
    }
    scene.medium(
        Category::Container,
        &call.span,
        "Starts a container, whose programs are fetched when they are not there.",
    );
    inner(scene, rest, RUN_TAKES);
}

/// `-v/:/h`, `-itv /:/h`: the letter may stand behind others, and its value right behind it.
fn attached(scene: &mut Scene<'_>, arg: &Arg, next: &str) {
    let Some((before, rest)) = arg.text.strip_prefix('-').and_then(|letters| letters.split_once('v')) else { return };
    if before.chars().all(|c| c.is_ascii_alphabetic() && !"eplwuhmac".contains(c)) {
        mount(scene, arg, if rest.is_empty() { next } else { rest.trim_start_matches('=') });
    }
}

fn mount(scene: &mut Scene<'_>, arg: &Arg, value: &str) {
    let source = value
        .split(',')
        .map(|part| part.trim_matches('"'))
        .find_map(|part| part.strip_prefix("source=").or_else(|| part.strip_prefix("src=")))
        .or_else(|| value.split(':').next())
        .unwrap_or_default();
    if source.starts_with(['/', '.', '~', '$', '\u{FFFD}']) {
        let text = format!("Gives the container the folder {} of this machine.", shown(source));
        scene.high(Category::Container, &arg.span, text);
    }
}

fn inside(scene: &mut Scene<'_>, call: &Call<'_>, rest: &Call<'_>) {
    scene.high(
        Category::Container,
        &call.span,
        "Runs a command inside a running container, where it can change or delete its data.",
    );
    inner(scene, rest, RUN_TAKES);
}

/// The command after the options and the image's or container's name.
fn inner(scene: &mut Scene<'_>, rest: &Call<'_>, takes: &[&str]) {
    let mut at = 0;
    while let Some(arg) = rest.args.get(at).filter(|a| a.is_option()) {
        at += if wants_next(&arg.text, takes) { 2 } else { 1 };
    }
    if let Some(found) = rest.args.get(at + 1..).and_then(|argv| Call::of(argv, rest.simple, rest.index)) {
        walk::call(scene, &found);
    }
}
