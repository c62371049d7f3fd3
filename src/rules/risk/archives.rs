//! Programs that pack and unpack, and cut files into pieces.

use super::call::{Arg, Call, Known};
use super::deception::shown;
use super::scene::{Fact, Scene, guarded};
use super::value::Category;
use super::walk::Handler;

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("split", split), ("csplit", split), ("tar", tar), ("gtar", tar), ("bsdtar", tar), ("unzip", unzip),
    ("zip", archive), ("7z", seven), ("7zz", seven), ("7za", seven), ("gzip", gzip), ("gunzip", gzip), ("xz", gzip),
    ("unxz", gzip), ("bzip2", gzip), ("bunzip2", gzip), ("zstd", gzip), ("cpio", archive), ("uudecode", uudecode),
];

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
    let old = call.args.get(1).filter(|_| old_style > 0);
    call.values(&["-f", "--file"]).iter().chain(old).for_each(|packed| named(scene, packed));
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

/// What is packed begins with a name or more that somebody chose: as a script, it runs that.
fn named(scene: &mut Scene<'_>, packed: &Arg) {
    let target = scene.target(&packed.text);
    scene.findings.extend(guarded(&target, &packed.span, &shown(&packed.text)));
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
    call.operands(&[]).into_iter().take(1).for_each(|packed| named(scene, packed));
    for file in call.operands(&[]).into_iter().skip(1) {
        if scene.target(&file.text).secret {
            scene.read(call.index, file);
        }
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

/// Endings of packed files.
const PACKED: &[&str] = &[".gz", ".xz", ".bz2", ".zst", ".lzma", ".Z"];

fn gzip(scene: &mut Scene<'_>, call: &Call<'_>) {
    let shows = ["-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test", "-V", "-L", "-h"];
    let stream = call.surely(&shows, &["-S", "--suffix", "-o", "-D", "-T", "-M"]);
    for file in call.values(&["-o"]).iter().filter(|_| call.name == "zstd") {
        scene.write(file);
    }
    for file in call.operands(&["-S", "--suffix"]) {
        if stream {
            scene.read(call.index, file);
        } else {
            // What is unpacked has the name without its ending.
            let name = PACKED.iter().find_map(|end| file.text.strip_suffix(end)).unwrap_or(&file.text);
            scene.write(&Arg { text: name.to_owned(), ..file.clone() });
        }
    }
    if call.has(&["-d", "--decompress", "--uncompress"])
        || call.name.starts_with("un")
        || call.name == "gunzip"
        || call.name == "bunzip2"
    {
        scene.fact(call.index, &call.span, Fact::Decode);
    }
}

/// It writes to whatever file its input names, wherever that is.
fn uudecode(scene: &mut Scene<'_>, call: &Call<'_>) {
    let takes = ["-o", "--output-file"];
    for file in call.operands(&takes) {
        scene.read(call.index, file);
    }
    scene.fact(call.index, &call.span, Fact::Decode);
    match call.valued(&takes) {
        Some(file) => scene.write(&file),
        None if call.surely(&["-p"], &takes) => {}
        None => scene.high(Category::Write, &call.span, "Writes to the file that its input names, wherever that is."),
    }
}
