//! Words without a dash by which a program does more than its name says: programs in languages of its own,
//! tasks, and names of what is secret.

/// A word that no pattern spells out: what a program does without any word to say so.
const NEVER: (usize, &str) = (usize::MAX >> 1, "\0");

/// Marks such words.
pub fn look<'a>(name: &str, args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    match name {
        "jq" | "jaq" | "gojq" | "yq" => each(args, push, reads_more),
        "kubectl" | "oc" => each(args, push, |word| {
            let lower = word.to_lowercase();
            !word.starts_with('-') && lower.contains("secret") || lower.contains("-file=")
        }),
        "date" => date(args, push),
        "man" => each(args, push, |word| word.contains('/') || word.starts_with('.')),
        "mvn" | "mvnw" | "gradle" | "gradlew" => tasks(args, push),
        "pdftotext" | "pdftohtml" => {
            let second = args.iter().enumerate().filter(|(_, word)| !word.starts_with('-')).nth(1);
            second.into_iter().for_each(|(at, word)| push(at, word));
        }
        "dc" => {
            push(NEVER.0, NEVER.1);
        }
        _ => {}
    }
}

fn each<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str), more: impl Fn(&str) -> bool) {
    args.iter().enumerate().filter(|(_, word)| more(word)).for_each(|(at, word)| push(at, word));
}

/// Names by which jq's and yq's programs read files and the environment.
const READS: &[&str] = &[
    "import",
    "include",
    "env",
    "strenv",
    "envsubst",
    "load",
    "load_str",
    "load_xml",
    "load_props",
    "load_base64",
    "system",
    "eval",
    "input_filename",
    "modulemeta",
    "get_search_list",
    "ENV",
];

/// Whether a program for jq reads more than it is given.
pub fn reads_more(word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    READS.iter().any(|name| {
        word.match_indices(name).any(|(at, _)| {
            // `.env` is a field; `env` is the environment.
            let before = &word[..at];
            let field = before.ends_with('.') && !before.ends_with("..");
            !field && !before.ends_with(part) && !word[at + name.len()..].starts_with(part)
        })
    })
}

/// A time to set the clock to.
fn date<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let mut value = false;
    for (at, word) in args.iter().enumerate() {
        if !std::mem::replace(&mut value, matches!(*word, "-d" | "--date" | "-r" | "-ud" | "--reference"))
            && !word.starts_with(['-', '+'])
        {
            push(at, word);
        }
    }
}

/// What only builds and tests.
const TASKS: &[&str] = &[
    "test",
    "compile",
    "test-compile",
    "testCompile",
    "package",
    "verify",
    "validate",
    "clean",
    "build",
    "check",
    "assemble",
    "classes",
    "testClasses",
    "tasks",
    "dependencies",
    "projects",
    "properties",
    "help",
    "lint",
    "jar",
    "compileJava",
    "compileKotlin",
    "compileTestJava",
    "compileTestKotlin",
    "dependency:tree",
    "lintDebug",
    "testDebugUnitTest",
    "assembleDebug",
    "ktlintCheck",
    "detekt",
    "spotlessCheck",
    "javadoc",
    "integrationTest",
];

fn tasks<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let mut value = false;
    for (at, word) in args.iter().enumerate() {
        let given = std::mem::replace(&mut value, matches!(*word, "--tests" | "--console" | "-pl" | "-x" | "-T"));
        let task = if word.starts_with(':') { word.rsplit(':').next().unwrap_or_default() } else { word };
        if !given && !word.starts_with('-') && !TASKS.contains(&task) {
            push(at, word);
        }
    }
}
