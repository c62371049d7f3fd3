//! sed's scripts: only those that print, delete and replace are read; `e` runs programs, `w` writes files,
//! `r` reads them.

/// Marks the scripts that do more, and the options that bring others.
pub fn look<'a>(args: &[&'a str], push: &mut impl FnMut(usize, &'a str)) {
    let mut script = !args.iter().any(|word| *word == "-e" || word.starts_with("--exp"));
    let mut next = false;
    for (at, word) in args.iter().enumerate() {
        let plain = matches!(*word, "-n" | "-E" | "-r" | "-s" | "-u" | "-z" | "-nE" | "-nr" | "-En" | "-rn")
            || matches!(*word, "--quiet" | "--silent" | "--regexp-extended" | "--posix" | "--debug" | "--sandbox");
        let is_script = std::mem::take(&mut next) || script && !word.starts_with('-');
        if is_script {
            script = false;
            if !is_plain(word) {
                push(at, word);
            }
        } else if matches!(*word, "-e" | "-ne" | "-Ee" | "-nEe" | "-re") {
            next = true;
            script = false;
        } else if word.starts_with('-') && word.len() > 1 && !plain {
            push(at, word);
        }
    }
}

/// Whether a script only prints, deletes and replaces.
fn is_plain(script: &str) -> bool {
    let mut rest = script;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ';', '\n', '{', '}']);
        if rest.is_empty() {
            return true;
        }
        let Some(after) = addresses(rest).and_then(command) else {
            return false;
        };
        let end = after.trim_start_matches([' ', '\t']);
        if !(end.is_empty() || end.starts_with([';', '\n', '}', '{'])) {
            return false;
        }
        rest = end;
    }
}

/// What follows the addresses of a command.
fn addresses(text: &str) -> Option<&str> {
    let mut rest = text;
    for _ in 0..2 {
        rest = address(rest)?.trim_start_matches(' ');
        let Some(more) = rest.strip_prefix(',') else {
            break;
        };
        rest = more.trim_start_matches(' ');
    }
    Some(rest.trim_start_matches(['!', ' ']))
}

fn address(text: &str) -> Option<&str> {
    match text.chars().next()? {
        '/' => delimited(&text[1..], '/').map(|rest| rest.trim_start_matches(['I', 'M'])),
        '\\' => None,
        _ => Some(text.trim_start_matches(|c: char| c.is_ascii_digit() || "$+~".contains(c))),
    }
}

fn command(text: &str) -> Option<&str> {
    let letter = text.chars().next()?;
    let rest = &text[letter.len_utf8()..];
    match letter {
        '{' => Some(text),
        'p' | 'P' | 'd' | 'D' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'q' | 'Q' | 'l' => {
            Some(rest.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        's' | 'y' => {
            let mark = rest.chars().next().filter(char::is_ascii_punctuation).filter(|mark| *mark != '\\')?;
            let second = delimited(delimited(&rest[1..], mark)?, mark)?;
            let flags = |c: char| c.is_ascii_digit() || "gpiI".contains(c);
            Some(if letter == 's' { second.trim_start_matches(flags) } else { second })
        }
        _ => None,
    }
}

/// What follows the next `mark` that no backslash takes. A mark in brackets is one to some seds only.
fn delimited(text: &str, mark: char) -> Option<&str> {
    let mut escaped = false;
    let mut bracket = false;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => return None,
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            _ if c == mark => return (!bracket).then(|| &text[at + c.len_utf8()..]),
            '[' => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_that_print_delete_and_replace_are_plain() {
        for plain in
            ["1,5p", "$p", "s/a/b/g", "/a/,/b/p", "s|a|b|;3d", "/x/!d", "1{p;q}", "s/[a-z]*/x/gI", "5q", "2,+3p"]
        {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [
            "1e touch x",
            "e",
            "s/a/b/e",
            "s/a/b/w f",
            "w f",
            "1w f",
            "r f",
            "W f",
            "R f",
            "s/[/]e/x/",
            "a\\\ntext",
            "\\xexe",
            "1!e x",
            "s\\a\\b\\e",
            "/a/e",
            "s/x/touch f/;e",
            "1~2e",
            "b x;e",
            "{e}",
            "}e x",
            "s/a/b/gew",
            "F",
            "v",
            "0,/x/e",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
