//! `sed`, whose programs can run commands and write files.

use super::call::{Arg, Call};
use super::scene::Scene;
use super::value::Category;

/// Looks at a call of sed.
pub fn sed(scene: &mut Scene<'_>, call: &Call<'_>) {
    let Options { programs, mut files, in_place, from_file } = Options::of(call);
    let mut programs = programs;
    if programs.is_empty() && !from_file && !files.is_empty() {
        let first = files.remove(0);
        programs.push((first.text.clone(), first));
    }
    if from_file {
        scene.medium(Category::Unknown, &call.span, "Runs a sed program from a file; what it does is not known here.");
    }
    for (text, arg) in programs {
        program(scene, call, &text, arg);
    }
    for file in files {
        if in_place { scene.write(file) } else { scene.read(call.index, file) }
    }
}

#[derive(Default)]
struct Options<'a> {
    programs: Vec<(String, &'a Arg)>,
    files: Vec<&'a Arg>,
    in_place: bool,
    from_file: bool,
}

impl<'a> Options<'a> {
    fn of(call: &Call<'a>) -> Self {
        let mut found = Self::default();
        let mut args = call.args.iter();
        while let Some(arg) = args.next() {
            if arg.text == "--" {
                found.files.extend(args.by_ref());
            } else if let Some(long) = arg.text.strip_prefix("--") {
                found.long(long, arg, &mut args);
            } else if arg.is_option() {
                found.short(&arg.text[1..], arg, &mut args);
            } else {
                found.files.push(arg);
            }
        }
        found
    }

    fn long(&mut self, option: &str, arg: &'a Arg, rest: &mut std::slice::Iter<'a, Arg>) {
        let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let is = |long: &str| !name.is_empty() && long.starts_with(name);
        if is("expression") {
            match value {
                Some(text) => self.programs.push((text.to_owned(), arg)),
                None => self.programs.extend(rest.next().map(|next| (next.text.clone(), next))),
            }
        } else if is("file") {
            self.from_file = true;
            _ = value.is_none().then(|| rest.next());
        } else if is("line-length") {
            _ = value.is_none().then(|| rest.next());
        } else if is("in-place") {
            self.in_place = true;
        }
    }

    fn short(&mut self, letters: &str, arg: &'a Arg, rest: &mut std::slice::Iter<'a, Arg>) {
        for (at, letter) in letters.char_indices() {
            let joined = &letters[at + letter.len_utf8()..];
            match letter {
                'e' if joined.is_empty() => self.programs.extend(rest.next().map(|next| (next.text.clone(), next))),
                'e' => self.programs.push((joined.to_owned(), arg)),
                'i' | 'I' => self.in_place = true,
                'f' | 'l' => {
                    self.from_file |= letter == 'f';
                    _ = joined.is_empty().then(|| rest.next());
                }
                _ => continue,
            }
            return;
        }
    }
}

fn program(scene: &mut Scene<'_>, call: &Call<'_>, text: &str, arg: &Arg) {
    let Some(effects) = effects(text) else {
        let text = "Runs a sed program that is not understood here; it may write files or run commands.";
        return scene.medium(Category::Unknown, &arg.span, text);
    };
    for effect in effects {
        match effect {
            Effect::Runs => {
                scene.high(
                    Category::Interpreter,
                    &arg.span,
                    "Makes sed run commands made from the text that it reads.",
                );
            }
            Effect::Writes(file) if !scene.target(&file).sink => {
                scene.high(Category::Write, &arg.span, "Makes sed write to another file.");
            }
            Effect::Writes(_) => {}
            Effect::Reads(file) => scene.read(call.index, &Arg { text: file, ..arg.clone() }),
        }
    }
}

/// What a program does beside changing the text that it prints.
#[derive(Debug, PartialEq, Eq)]
enum Effect {
    Runs,
    Writes(String),
    Reads(String),
}

/// `None` when the program is not understood.
fn effects(text: &str) -> Option<Vec<Effect>> {
    let mut script = Script { rest: text, found: Vec::new() };
    while script.command()? {}
    Some(script.found)
}

struct Script<'a> {
    rest: &'a str,
    found: Vec<Effect>,
}

impl<'a> Script<'a> {
    /// One command; `false` at the end.
    fn command(&mut self) -> Option<bool> {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '{' || c == '}');
        self.addresses()?;
        self.rest = self.rest.trim_start_matches([' ', '\t', '!']);
        let Some(name) = self.next() else { return Some(false) };
        match name {
            '{' | '}' | '=' | 'd' | 'D' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' | 'z' | 'F' => {}
            'l' | 'q' | 'Q' | 'L' => self.rest = self.rest.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()),
            ':' | 'b' | 't' | 'T' | 'v' => _ = self.until(&[';', '\n', '}']),
            'a' | 'i' | 'c' | '#' => self.text(),
            'r' | 'R' => self.file(Effect::Reads),
            'w' | 'W' => self.file(Effect::Writes),
            'e' => {
                self.found.push(Effect::Runs);
                self.text();
            }
            's' => self.substitution()?,
            'y' => {
                let mark = self.next()?;
                self.part(mark)?;
                self.part(mark)?;
            }
            _ => return None,
        }
        Some(true)
    }

    /// `1`, `$`, `/x/I`, `\,x,`, `1,5`, `2~3`, `/x/,+4`.
    fn addresses(&mut self) -> Option<()> {
        loop {
            let digits = |c: char| c.is_ascii_digit() || "$,~+ \t".contains(c);
            self.rest = self.rest.trim_start_matches(digits);
            let mark = match self.rest.chars().next() {
                Some('/') => self.next()?,
                Some('\\') => {
                    self.next()?;
                    self.next()?
                }
                _ => return Some(()),
            };
            self.part(mark)?;
            self.rest = self.rest.trim_start_matches(['I', 'M']);
        }
    }

    fn substitution(&mut self) -> Option<()> {
        let mark = self.next().filter(|mark| !matches!(mark, '\n' | '\\'))?;
        self.part(mark)?;
        self.part(mark)?;
        loop {
            match self.rest.chars().next() {
                Some('g' | 'p' | 'i' | 'I' | 'm' | 'M' | '0'..='9') => _ = self.next(),
                Some('e') => {
                    self.next()?;
                    self.found.push(Effect::Runs);
                }
                Some('w') => {
                    self.next()?;
                    self.file(Effect::Writes);
                }
                Some(' ' | '\t' | '\n' | ';' | '}' | '#') | None => return Some(()),
                Some(_) => return None,
            }
        }
    }

    /// Up to the mark that ends this part. Whether one in brackets does, depends on which sed it is.
    fn part(&mut self, mark: char) -> Option<()> {
        let mut open = false;
        loop {
            match self.next()? {
                '\\' => _ = self.next()?,
                c if c == mark => return (!open).then_some(()),
                '[' => open = true,
                ']' => open = false,
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn until(&mut self, ends: &[char]) -> &'a str {
        let at = self.rest.find(ends).unwrap_or(self.rest.len());
        let (found, rest) = self.rest.split_at(at);
        self.rest = rest;
        found
    }

    fn file(&mut self, effect: fn(String) -> Effect) {
        let name = self.until(&['\n']).trim_start().to_owned();
        self.found.push(effect(name));
    }

    /// To the end of a line that no backslash continues.
    fn text(&mut self) {
        while self.until(&['\n']).ends_with('\\') && self.next().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, effects};

    #[test]
    fn programs_are_told_apart() {
        let writes = |file: &str| Some(vec![Effect::Writes(file.to_owned())]);
        for quiet in [
            "s/e/w/",
            "s,e w,x w,g",
            "/e/d;$!N;P;D",
            "1,5p",
            "/a/,/e w/{s/x/y/;p}",
            ":a;N;$!ba;s/\\n/ /g",
            "i\\\nw x",
            "y/we/ab/",
            "\\,w x,d",
            "0~3d",
            "s/[a-e]/w/Ig",
            "/x/I,+2!d",
            "5q;n",
            "",
            "# w x",
        ] {
            assert_eq!(effects(quiet), Some(Vec::new()), "{quiet}");
        }
        for runs in ["e", "1e id", "s/a/b/e", "s/a/b/ge", "/x/{p;e id\n}", "$!e id"] {
            assert_eq!(effects(runs), Some(vec![Effect::Runs]), "{runs}");
        }
        for file in ["w f", "wf", "p;w f", "s/a/b/w f", "s/a/b/gw f", "/x/w f", "1,/y/W f"] {
            assert_eq!(effects(file), writes("f"), "{file}");
        }
        assert_eq!(effects("r f"), Some(vec![Effect::Reads("f".to_owned())]));
        for strange in ["s/[/]w f/x/", "s/a", "k", "s/a/b/k", "\\"] {
            assert_eq!(effects(strange), None, "{strange}");
        }
    }
}
