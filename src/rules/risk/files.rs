//! Programs that read, write, move and delete files.

use super::call::{Arg, Call, Known};
use super::deception::shown;
use super::paths;
use super::scene::{Fact, Scene, guarded};
use super::value::{Category, Finding, Level, Scope};
use super::walk::Handler;

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("rm", rm), ("unlink", rm), ("rmdir", rmdir), ("shred", shred), ("srm", shred), ("wipe", shred),
    ("truncate", truncate), ("trash", rm), ("trash-put", rm), ("cp", copy), ("mv", copy), ("install", copy),
    ("ln", copy), ("dd", dd), ("tee", writer), ("touch", writer), ("mkdir", writer), ("mktemp", temporary),
    ("chmod", chmod), ("chown", owner), ("chgrp", owner), ("setfacl", owner), ("chattr", owner),
    ("setfattr", owner), ("sed", super::sed::sed), ("gsed", super::sed::sed), ("perl-rename", rename), ("rename", rename), ("patch", patch),
    ("cd", cd), ("pushd", cd), ("rsync", super::network::rsync), ("ex", editor), ("ed", editor),
];

const NONE: &[&str] = &[];

/// Options that mean "with all that is in it" or "do not ask".
fn wholesale(call: &Call<'_>) -> Option<&'static str> {
    if call.has(&["-r", "-R", "--recursive"]) {
        Some("and everything in it")
    } else {
        call.has(&["-f", "--force"]).then_some("without asking")
    }
}

fn rm(scene: &mut Scene<'_>, call: &Call<'_>) {
    let all = wholesale(call);
    let found = call.operands(NONE);
    if found.is_empty() && all.is_some() {
        scene.high(Category::Delete, &call.span, "Deletes files whose names are not in this command.");
    }
    for arg in found {
        scene.delete(arg, all);
    }
}

fn rmdir(scene: &mut Scene<'_>, call: &Call<'_>) {
    for arg in call.operands(NONE) {
        if scene.target(&arg.text).scope == Scope::Project {
            scene.medium(Category::Delete, &arg.span, format!("Removes the empty folder {}.", shown(&arg.text)));
        } else {
            scene.delete(arg, None);
        }
    }
}

fn shred(scene: &mut Scene<'_>, call: &Call<'_>) {
    for arg in call.operands(&["-n", "-s", "--iterations", "--size"]) {
        scene.delete(arg, Some("by overwriting it"));
    }
}

fn truncate(scene: &mut Scene<'_>, call: &Call<'_>) {
    for arg in call.operands(&["-s", "-r", "--size", "--reference"]) {
        scene.delete(arg, Some("from a given length on"));
    }
}

fn temporary(scene: &mut Scene<'_>, call: &Call<'_>) {
    if !call.surely(&["-u", "--dry-run"], &["-p", "--tmpdir", "--suffix", "-t"]) {
        let text = "Makes a new, empty temporary file or folder.";
        scene.push(Finding::new(Category::Write, Level::Medium, &call.span, text).undo(true).scope(Scope::Temporary));
    }
}

fn copy(scene: &mut Scene<'_>, call: &Call<'_>) {
    let takes = ["-t", "--target-directory", "-S", "--suffix", "-m", "-o", "-g"];
    let mut files = call.operands(&takes);
    let mut targets = call.values(&["-t", "--target-directory"]);
    let folder = !targets.is_empty();
    if !folder {
        targets.extend(files.pop().cloned());
    }
    for file in &files {
        if call.name == "mv" {
            moved_away(scene, file);
        }
        scene.read(call.index, file);
        if links(call) {
            targets.iter().for_each(|link| linked(scene, file, link));
        }
        targets.iter().for_each(|to| lands(scene, file, to, folder || files.len() > 1));
    }
    for target in &targets {
        scene.write(target);
        if call.name == "mv" && scene.target(&target.text).sink {
            scene.high(Category::Delete, &target.span, "Moves files to where nothing is kept, and may replace that.");
        }
    }
    if call.name == "install"
        && call.has(&["-m"])
        && call.args.iter().any(|a| a.text.starts_with('4') && a.text.len() == 4)
    {
        scene.high(Category::Privilege, &call.span, "Makes a program that runs with its owner's rights for everybody.");
    }
}

/// Whether no copy is made, but another name for the same file.
fn links(call: &Call<'_>) -> bool {
    call.name == "ln" || call.name == "cp" && call.has(&["-s", "-l", "--symbolic-link", "--link"])
}

/// What is written to such a name later lands where it leads: a relative one, from the folder that it stands in.
fn linked(scene: &mut Scene<'_>, file: &Arg, link: &Arg) {
    let beside = link.text.trim_end_matches('/').rsplit_once('/').map_or(".", |(folder, _)| folder);
    let from = [beside, link.text.as_str()].map(|folder| scene.target(folder).path);
    let led = paths::target(&file.text, &from, scene.place);
    if led.scope != Scope::Project || led.guard.is_some() || led.secret || file.known != Known::Yes {
        let text = format!("Makes another name for {}: what is written to it later lands there.", shown(&file.text));
        scene.high(Category::Write, &file.span, text);
    }
}

/// `cp new/.envrc .`: in a folder the copy has the name of what was copied.
fn lands(scene: &mut Scene<'_>, file: &Arg, to: &Arg, folder: bool) {
    let name = file.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let folder = folder || to.text.ends_with('/') || matches!(to.text.rsplit('/').next(), Some("." | ".."));
    let path = format!("{}/{name}", to.text.trim_end_matches('/'));
    let target = scene.target(&path);
    if folder && target.scope == Scope::Project && scene.target(&to.text).guard.is_none() {
        scene.findings.extend(guarded(&target, &file.span, &shown(&path)));
    }
}

fn moved_away(scene: &mut Scene<'_>, file: &Arg) {
    let target = scene.target(&file.text);
    if target.scope >= Scope::Machine || target.guard.is_some() || file.known != Known::Yes {
        scene.high(Category::Write, &file.span, format!("Moves {} away from where it is expected.", shown(&file.text)));
    }
}

fn dd(scene: &mut Scene<'_>, call: &Call<'_>) {
    if let Some(arg) = call.args.iter().find(|a| a.known == Known::Fed) {
        scene.write(arg);
    }
    for arg in call.args {
        for (prefix, write) in [("if=", false), ("of=", true)] {
            if let Some(path) = arg.text.strip_prefix(prefix) {
                let path = Arg { text: path.to_owned(), ..arg.clone() };
                if write { scene.write(&path) } else { scene.read(call.index, &path) }
            }
        }
    }
}

fn writer(scene: &mut Scene<'_>, call: &Call<'_>) {
    for arg in call.operands(&["-m", "--mode", "-d", "-r", "-t", "--date", "--reference"]) {
        scene.write(arg);
    }
}

fn chmod(scene: &mut Scene<'_>, call: &Call<'_>) {
    let mut files = call.operands(&["--reference"]);
    let mode = if files.is_empty() { "" } else { &files.remove(0).text };
    let set_id = mode.contains('s') || mode.len() == 4 && mode.starts_with(['2', '4', '6']);
    let open =
        mode.ends_with('7') && mode.len() >= 3 || mode.contains("o+w") || mode.contains("a+w") || mode.ends_with("666");
    let text = if set_id {
        Some("Makes a program run with its owner's rights for everybody.")
    } else if open {
        Some("Lets every user of this machine change these files.")
    } else {
        call.has(&["-R", "--recursive"]).then_some("Changes the rights of a whole folder, which is hard to put back.")
    };
    if let Some(text) = text {
        return scene.high(Category::Privilege, &call.span, text);
    }
    for file in files {
        if mode.contains('x') || mode.contains(['1', '5', '7']) {
            scene.fact(call.index, &file.span, Fact::RunsFile(file.text.clone()));
        }
        scene.write(file);
    }
}

fn owner(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(Category::Privilege, &call.span, "Changes whom files belong to or what protects them.");
}

fn rename(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.medium(Category::Write, &call.span, "Renames several files at once.");
    // Of the two programs of this name, one takes a program in Perl.
    if let Some(arg) = call.operands(NONE).first().filter(|a| a.text.contains(['/', '`', '(', '{', ';'])) {
        scene.high(Category::Interpreter, &arg.span, "Runs this text as Perl code for the name of every file.");
    }
}

fn patch(scene: &mut Scene<'_>, call: &Call<'_>) {
    super::fed::patch(scene, call);
    let takes = [
        "-p",
        "--strip",
        "-i",
        "--input",
        "-d",
        "--directory",
        "-o",
        "--output",
        "-r",
        "--reject-file",
        "-B",
        "-Y",
        "-z",
        "--prefix",
        "--suffix",
        "-F",
        "--fuzz",
        "-D",
        "--ifdef",
        "-V",
        "-x",
        "-g",
        "--get",
    ];
    if call.surely(&["--dry-run"], &takes) {
        return;
    }
    scene.medium(Category::Write, &call.span, "Changes the files that the patch names.");
    let written = call.values(&["-d", "--directory", "-o", "--output", "-r", "--reject-file", "-B", "--prefix"]);
    // The first word is what is changed, the second the patch.
    for file in call.operands(&takes).into_iter().take(1).chain(&written) {
        scene.write(file);
    }
}

fn cd(scene: &mut Scene<'_>, call: &Call<'_>) {
    let Some(arg) = call.operands(NONE).first().copied() else { return };
    if arg.known != Known::Yes || arg.text == "-" {
        return scene.medium(Category::Dynamic, &arg.span, "Goes to a folder that is only known when it runs.");
    }
    let target = scene.target(&arg.text);
    if target.secret {
        scene.high(Category::Secret, &arg.span, format!("Goes to {}, which holds keys.", shown(&arg.text)));
    }
    if scene.cwds.len() < 8 && !scene.cwds.contains(&target.path) {
        scene.cwds.push(target.path);
    }
}

fn editor(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(
        Category::Interpreter,
        &call.span,
        "Starts an editor that carries out commands, shell commands among them.",
    );
}
