//! What containers, clusters and code hosts are told by words that no table of options catches.

use super::super::risk::Place;
use super::leads_out;
use super::operands::reads_more;

/// Options of docker's own, before what it is to do, that only change what it prints.
const PLAIN: &[&str] = &["-D", "--debug", "-l", "--log-level", "-v", "--version", "--help", "--ansi", "--progress"];

/// Marks such words.
pub fn look<'a>(name: &str, args: &[&'a str], place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    match name {
        "docker" | "podman" | "nerdctl" => docker(args, place, push),
        "docker-compose" | "podman-compose" => folders(args, place, push),
        "kubectl" | "oc" if args.contains(&"kustomize") => kustomize(args, place, push),
        "xmllint" | "helm" => words(args, push, |word| word.contains("://")),
        "gh" | "glab" => asks(args, push),
        "mysqldump" | "mariadb-dump" => words(args, push, |word| gives(word, "hupPSWTr", "Tr")),
        "pg_dump" | "pg_dumpall" => words(args, push, |word| gives(word, "fFhUpdtTnNjZlE", "f")),
        "mongodump" => words(args, push, |word| gives(word, "o", "o")),
        "rsync" => words(args, push, merges),
        // What is sent from a file: `a@file`, `a=@file`.
        "http" | "https" | "xh" | "xhs" => words(args, push, |word| !word.contains("://") && word.contains('@')),
        "7z" | "7zz" | "7za" => words(args, push, |word| word.contains('@')),
        // An archive on another machine, which is reached by a program.
        "tar" | "gtar" | "bsdtar" => {
            let file = |word: &str| !word.starts_with("--") || word.starts_with("--file");
            words(args, push, |word| word.contains(':') && file(word));
        }
        "just" | "task" => words(args, push, |word| !word.starts_with('-') && word.contains('=')),
        "openssl" => openssl(args, push),
        "jest" | "vitest" | "mocha" | "ava" | "playwright" | "eslint" | "stylelint" => loads(args, push),
        _ => {}
    }
}

/// What only looks, and makes text of text; `engine` loads a library, `s_server` offers files.
#[rustfmt::skip]
const OPENSSL: &[&str] = &[
    "version", "x509", "verify", "dgst", "rand", "s_client", "req", "crl", "asn1parse", "rsa", "pkey", "ec", "enc", "base64",
    "ciphers", "prime", "errstr", "speed", "list", "help", "sha256", "sha1", "sha512", "md5", "pkcs7", "ocsp",
];

fn openssl<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    if let Some(verb) = args.first().filter(|verb| !OPENSSL.contains(verb)) {
        push(0, verb);
    }
    words(args, push, |word| {
        word.starts_with("file:") || word.starts_with("env:") || word.trim_start_matches('-') == "kfile"
    });
}

/// A file of rules; of what it cannot read as one, rsync shows the text.
fn merges(word: &str) -> bool {
    let per_folder = word.rsplit('=').next().is_some_and(|rule| rule.starts_with(':') && !rule.ends_with("ignore"));
    per_folder || word.contains("merge") || word.contains(". ") || word.contains(".,")
}

/// Options of test runners whose value may be a name, or a module that is loaded.
const MODULES: &[&str] =
    &["--reporters", "--reporter", "-R", "--pool", "--environment", "--env", "--ui", "-u", "--format"];

/// `--runner=./x`, `--reporters ./x`: a module that is loaded.
fn loads<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    for (at, word) in args.iter().enumerate() {
        let value = at > 0 && MODULES.contains(&args[at - 1]) && word.starts_with(['.', '/']);
        if value || word.starts_with('-') && word.contains("=./") {
            push(at, word);
        }
    }
}

fn words<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str), more: impl Fn(&str) -> bool) {
    args.iter().enumerate().filter(|(_, word)| more(word)).for_each(|(at, word)| push(at, word));
}

/// Which machine is meant, by which programs, and what is built: a folder elsewhere, or a file that is none.
fn docker<'a>(args: &[&'a str], place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    let sub = args.iter().position(|word| !word.starts_with('-')).unwrap_or(args.len());
    for (at, word) in args[..sub].iter().enumerate() {
        if !PLAIN.contains(&word.split('=').next().unwrap_or_default()) {
            push(at, word);
        }
    }
    // Glued to its letter, which means nothing else to any of its commands.
    words(args, push, |word| word.starts_with("-H"));
    let verbs: Vec<&str> = args.iter().copied().filter(|word| !word.starts_with('-')).take(2).collect();
    if verbs.iter().any(|verb| matches!(*verb, "build" | "buildx" | "compose" | "bake")) {
        folders(args, place, push);
    }
}

/// Words that lead out, up to where the words of a command inside a container begin.
fn folders<'a>(args: &[&'a str], place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    let end = args.iter().position(|word| matches!(*word, "run" | "exec")).unwrap_or(args.len());
    words(&args[..end], push, |word| leads_out(word, place));
}

/// It writes a file, takes folders from elsewhere, and fetches what an address says.
fn kustomize<'a>(args: &[&'a str], place: &Place, push: &mut impl FnMut(usize, &'a str)) {
    words(args, push, |word| {
        let option = ["-o", "--o", "-e", "--e", "--mou", "--net"].iter().any(|option| word.starts_with(option));
        option || word.contains("://") || word.contains("::") || leads_out(word, place)
    });
}

/// What the answer is put through may read the environment; an address is not the service's own.
fn asks<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let before = |at: usize| at.checked_sub(1).map_or("", |at| args[at]);
    for (at, word) in args.iter().enumerate() {
        let glued = word.starts_with("-q") || word.starts_with("--jq") || word.starts_with("--q");
        let program = matches!(before(at), "-q" | "--jq") || glued;
        if program && reads_more(word.strip_prefix("-q").unwrap_or(word)) || args[0] == "api" && word.contains("://") {
            push(at, word);
        }
    }
}

/// Whether a cluster of letters gives one of `wanted` its value: the first that takes one has all the rest.
fn gives(word: &str, valued: &str, wanted: &str) -> bool {
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    letters.and_then(|rest| rest.chars().find(|c| valued.contains(*c))).is_some_and(|c| wanted.contains(c))
}
