//! Words without a dash by which a program does more than its name says: programs in languages of its own,
//! tasks, and names of what is secret.

/// A word that no pattern spells out: what a program does without any word to say so.
const NEVER: (usize, &str) = (usize::MAX >> 1, "\0");

/// Marks such words.
pub fn look<'a>(name: &str, args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    match name {
        "sqlite" => sqlite(args, push),
        "psql" => queries(args, &["-c", "--command"], PSQL, push),
        "mysql" | "mariadb" => queries(args, &["-e", "--execute"], MYSQL, push),
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

/// Whether one of the words of a query is one of these, in any case.
fn says(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    lower.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| words.contains(&word))
}

/// Functions and statements that read or write files, or run something.
const SQLITE: &[&str] = &[
    "edit",
    "writefile",
    "readfile",
    "load_extension",
    "fts3_tokenizer",
    "attach",
    "vacuum",
    "fsdir",
    "zipfile",
    "lsmode",
    "sqlar_compress",
    "csv",
    "vfstrace",
    "shell_add_schema",
];
/// The shell's own commands that only answer.
const DOTS: &[&str] =
    &["tables", "schema", "indexes", "indices", "headers", "header", "mode", "databases", "fullschema"];

fn sqlite<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let operands = args.iter().filter(|word| !word.starts_with('-')).count();
    // Without a statement it takes its commands from the input.
    if operands < 2 && !args.iter().any(|word| word.ends_with("-version")) {
        push(NEVER.0, NEVER.1);
    }
    each(args, push, |word| {
        let dotted = |line: &str| {
            line.trim_start().strip_prefix('.').is_some_and(|rest| {
                let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
                !rest.starts_with('/') && !DOTS.contains(&name) || rest.contains('|')
            })
        };
        !word.starts_with('-') && (says(word, SQLITE) || word.lines().any(dotted))
    });
}

const PSQL: &[&str] = &[
    "copy",
    "program",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "lo_import",
    "lo_export",
    "pg_stat_file",
    "dblink",
    "dblink_exec",
    "load",
    "do",
    "pg_write_file",
    "language",
];
const MYSQL: &[&str] =
    &["system", "source", "tee", "pager", "edit", "outfile", "dumpfile", "load_file", "load", "infile", "sys_exec"];

/// Options with a value: a word behind one of them is that, whatever it looks like.
const VALUED: &[&str] = &["--dbname", "--host", "--port", "--username", "--user", "--database", "--field-separator"];

/// Queries stand in the command; without any the program takes its commands from the input.
fn queries<'a>(args: &[&'a str], options: &[&str], words: &[&str], push: &mut impl FnMut(usize, &'a str)) {
    let is_value = |at: usize| {
        at.checked_sub(1).and_then(|before| args.get(before)).is_some_and(|before| {
            let short = before.starts_with('-') && !before.starts_with("--");
            VALUED.contains(before) || short && before.ends_with(['d', 'h', 'p', 'U', 'F', 'u', 'P', 'D'])
        })
    };
    let asks = |word: &str| {
        let clustered = word.starts_with('-') && !word.starts_with("--") && word.ends_with(['c', 'e', 'l', 'V']);
        clustered || word == "--version" || options.iter().any(|option| word.starts_with(option))
    };
    if !args.iter().enumerate().any(|(at, word)| asks(word) && !is_value(at)) {
        push(NEVER.0, NEVER.1);
    }
    each(args, push, |word| word.contains('\\') || says(word, words));
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

fn reads_more(word: &str) -> bool {
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
