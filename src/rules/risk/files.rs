//! Programs that read, write, move and delete files.

use super::call::{Arg, Call, Known};
use super::deception::shown;
use super::scene::{Fact, Scene};
use super::value::{Category, Finding, Level, Scope};
use super::walk::Handler;

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("rm", rm), ("unlink", rm), ("rmdir", rmdir), ("shred", shred), ("srm", shred), ("wipe", shred),
    ("truncate", truncate), ("trash", rm), ("trash-put", rm), ("cp", copy), ("mv", copy), ("install", copy),
    ("ln", copy), ("dd", dd), ("tee", writer), ("touch", writer), ("mkdir", writer), ("mktemp", temporary),
    ("chmod", chmod), ("chown", owner), ("chgrp", owner), ("setfacl", owner), ("chattr", owner),
    ("setfattr", owner), ("sed", super::sed::sed), ("gsed", super::sed::sed), ("perl-rename", rename), ("rename", rename), ("patch", patch),
    ("split", split), ("csplit", split), ("tar", tar), ("gtar", tar), ("bsdtar", tar), ("unzip", unzip),
    ("zip", archive), ("7z", seven), ("7zz", seven), ("7za", seven), ("gzip", gzip), ("gunzip", gzip), ("xz", gzip),
    ("unxz", gzip), ("bzip2", gzip), ("bunzip2", gzip), ("zstd", gzip), ("cd", cd), ("pushd", cd),
    ("rsync", super::network::rsync), ("cpio", archive), ("ex", editor), ("ed", editor),
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
    if targets.is_empty() {
        targets.extend(files.pop().cloned());
    }
    for file in files {
        if call.name == "mv" {
            moved_away(scene, file);
        }
        scene.read(call.index, file);
    }
    for target in &targets {
        scene.write(target);
    }
    if call.name == "install"
        && call.has(&["-m"])
        && call.args.iter().any(|a| a.text.starts_with('4') && a.text.len() == 4)
    {
        scene.high(Category::Privilege, &call.span, "Makes a program that runs with its owner's rights for everybody.");
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
}

fn patch(scene: &mut Scene<'_>, call: &Call<'_>) {
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

fn split(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.has(&["--filter"]) {
        scene.high(Category::Interpreter, &call.span, "Runs a command for every piece of the file.");
    }
    scene.medium(Category::Write, &call.span, "Writes the pieces of a file.");
    let takes =
        ["-b", "-l", "-n", "-C", "-a", "-t", "--bytes", "--lines", "--number", "--suffix-length", "-f", "--prefix"];
    let words = call.operands(&takes);
    if let Some(file) = words.first() {
        scene.read(call.index, file);
    }
    let prefix = if call.name == "csplit" { None } else { words.get(1).copied() };
    for prefix in prefix.into_iter().chain(&call.values(&["-f", "--prefix"])).filter(|p| p.text.contains('/')) {
        scene.write(prefix);
    }
}

fn tar(scene: &mut Scene<'_>, call: &Call<'_>) {
    let runs =
        ["--checkpoint-action", "--to-command", "--use-compress-program", "--rsh-command", "--info-script", "-I", "-F"];
    if let Some(arg) = call.option(&runs) {
        scene.high(Category::Interpreter, &arg.span, "Makes tar run another program.");
    }
    if call.has(&["--remove-files"]) {
        scene.high(Category::Delete, &call.span, "Deletes the files after packing them.");
    }
    for file in call.values(&["--index-file", "--listed-incremental", "--volno-file"]) {
        scene.write(&file);
    }
    // `tar czf a.tar x`: without a dash, the options and the archive are the first two words.
    let old_style = if call.args.first().is_some_and(|a| a.text.starts_with('-')) { 0 } else { 2 };
    if only_lists(call) {
        return;
    }
    if call.has(&["-P", "--absolute-names"]) {
        return scene.high(
            Category::Write,
            &call.span,
            "Unpacks or packs files wherever on the machine their names say.",
        );
    }
    for file in call.operands(&["-f", "-C", "--file", "--directory"]).into_iter().skip(old_style) {
        if scene.target(&file.text).secret {
            scene.read(call.index, file);
        }
    }
    let folders = call.values(&["-C", "--directory", "--one-top-level"]);
    if folders.is_empty() {
        scene.medium(Category::Write, &call.span, "Packs or unpacks files, and may replace what is there.");
    }
    for folder in &folders {
        scene.write(folder);
    }
}

const TAR_TAKES: &[&str] = &[
    "-f",
    "-C",
    "-b",
    "-T",
    "-X",
    "-I",
    "-F",
    "-K",
    "-L",
    "-N",
    "-V",
    "-g",
    "-H",
    "--file",
    "--directory",
    "--exclude",
    "--files-from",
    "--exclude-from",
    "--transform",
    "--strip-components",
    "--index-file",
    "--format",
];

/// Whether tar only lists or compares, in whichever of its styles that is said.
fn only_lists(call: &Call<'_>) -> bool {
    let old = call.args.first().filter(|a| a.known == Known::Yes && !a.is_option());
    let changes = ["-x", "--extract", "--get", "-c", "--create", "-r", "--append", "-u", "--update", "-A"];
    let letters = |a: &Arg| a.text.contains(['t', 'd']) && !a.text.contains(['x', 'c', 'r', 'u', 'A']);
    old.map_or_else(
        || call.surely(&["-t", "--list", "-d", "--diff", "--compare"], TAR_TAKES) && !call.surely(&changes, TAR_TAKES),
        letters,
    )
}

/// Only these letters alone keep unzip from writing: `--l` takes `-l` back, `-d` says where to.
fn unzip(scene: &mut Scene<'_>, call: &Call<'_>) {
    let harmless = |a: &&Arg| a.text[1..].chars().all(|c| "ltvzZpqhcC1".contains(c));
    let options: Vec<&Arg> = call.args.iter().filter(|a| a.is_option()).collect();
    let looks = options.iter().any(|a| a.text[1..].contains(['l', 't', 'v', 'z', 'Z', 'p', 'h', 'c']));
    if looks && options.iter().all(harmless) {
        return;
    }
    let folders = call.values(&["-d"]);
    if folders.is_empty() {
        scene.medium(Category::Write, &call.span, "Unpacks files, and may replace what is there.");
    }
    for folder in &folders {
        scene.write(folder);
    }
}

fn archive(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.has(&["-TT", "--unzip-command", "--rsh-command"]) {
        scene.high(Category::Interpreter, &call.span, "Makes the packer run another program.");
    }
    if call.has(&["-m", "--move"]) {
        scene.high(Category::Delete, &call.span, "Deletes the files after packing them.");
    }
    scene.medium(Category::Write, &call.span, "Packs or unpacks files, and may replace what is there.");
}

fn seven(scene: &mut Scene<'_>, call: &Call<'_>) {
    match call.args.first().map(|a| a.text.as_str()) {
        Some("l" | "t" | "i" | "h" | "b" | "-h" | "--help") | None => {}
        Some("d") => scene.high(Category::Delete, &call.span, "Deletes files from an archive."),
        Some(_) => archive(scene, call),
    }
}

fn gzip(scene: &mut Scene<'_>, call: &Call<'_>) {
    let shows = ["-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test", "-V", "-L", "-h"];
    let stream = call.surely(&shows, &["-S", "--suffix", "-o", "-D", "-T", "-M"]);
    for file in call.values(&["-o"]).iter().filter(|_| call.name == "zstd") {
        scene.write(file);
    }
    for file in call.operands(&["-S", "--suffix"]) {
        if stream { scene.read(call.index, file) } else { scene.write(file) }
    }
    if call.has(&["-d", "--decompress", "--uncompress"])
        || call.name.starts_with("un")
        || call.name == "gunzip"
        || call.name == "bunzip2"
    {
        scene.fact(call.index, &call.span, Fact::Decode);
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
