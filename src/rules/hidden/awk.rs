//! awk's language runs programs and writes files; so do most of its options.

/// Variables of awk's own that only shape what is read and written.
const SHAPES: &[&str] =
    &["FS", "OFS", "RS", "ORS", "OFMT", "CONVFMT", "FPAT", "FIELDWIDTHS", "IGNORECASE", "SUBSEP", "NR", "FNR"];

/// Marks every option but `-F` and `-v`, and a program that does more than print.
pub fn look<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let (mut value_of, mut options, mut program) = (None, true, true);
    for (at, word) in args.iter().enumerate() {
        if let Some(letter) = value_of.take() {
            if letter == 'v' && !sets_plainly(word) {
                push(at, word);
            }
        } else if options && program && *word == "--" {
            options = false;
        } else if options && word.starts_with('-') && word.len() > 1 {
            match word[1..].split_at_checked(1) {
                Some(("F", "")) => value_of = Some('F'),
                Some(("v", "")) => value_of = Some('v'),
                Some(("F", _)) => {}
                Some(("v", set)) if sets_plainly(set) => {}
                _ => push(at, word),
            }
        } else if std::mem::take(&mut program) {
            if !only_prints(word) {
                push(at, word);
            }
        } else if word.contains('=') && !sets_plainly(word) {
            push(at, word);
        }
    }
}

/// `name=value`, of a variable that means nothing to awk or only shapes its text.
fn sets_plainly(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let own = !name.is_empty() && !name.bytes().any(|b| b.is_ascii_lowercase());
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && (!own || SHAPES.contains(&name))
    })
}

/// Whether a program neither runs anything, nor writes, nor reads what is not given to it.
fn only_prints(program: &str) -> bool {
    let text = without_strings(program);
    let bare = text.replace("||", "");
    let writes = text.contains("print") && text.replace(">=", "").contains('>');
    let more = ["system", "getline", "close", "fflush", "@", "ARGV", "ENVIRON", "PROCINFO", "SYMTAB"];
    !writes && !bare.contains('|') && !more.iter().any(|it| text.contains(it))
}

/// The program without its strings, where it is certain which they are: a regex, comment or backslash may
/// hold a quote that begins none, and then all of the text counts.
fn without_strings(program: &str) -> String {
    let quotes = program.matches('"').count();
    if program.contains(['/', '\\', '#', '\n']) || !quotes.is_multiple_of(2) {
        return program.to_owned();
    }
    program.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}
