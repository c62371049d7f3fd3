//! Lines made at random: of tokens, and by a grammar.

use proptest::prelude::*;

const TOKENS: &[&str] = &[
    "c1",
    "c2",
    "c3",
    " ",
    " ",
    " ",
    "\n",
    ";",
    "&&",
    "||",
    "|",
    "|&",
    "&",
    "(",
    ")",
    "{ ",
    " }",
    "'q'",
    "'q r'",
    "\"q $x\"",
    "\"",
    "'",
    "$(",
    "`",
    "<<E\n",
    "\nE\n",
    "<<'E'\n",
    "<<-E\n",
    " >n",
    " 2>&1",
    " <n",
    "if ",
    " then ",
    " fi",
    " else ",
    "for i in ",
    " do ",
    " done",
    "case ",
    " in ",
    " esac",
    ";;",
    "! ",
    "time ",
    "#",
    " # ",
    "\\\n",
    "\\",
    "$x",
    "${x}",
    "$((1+1))",
    "A=1 ",
    "[[ ",
    " ]]",
    "[ ",
    " ]",
    "-f",
    " == ",
    "<(",
    "$'a\\n'",
    "${x:-",
    "}",
    "{p,q}",
    "*",
    "~",
    "<<<",
    "é",
    "{",
    "%",
    "🚀",
    "\u{31092}",
    "\u{10fffe}",
    "$",
    "!",
    "=",
    "$[",
    "((",
    "))",
    ">",
    "<",
    "-",
    "1",
    "2>",
    "&>n",
    "$((",
    "function ",
    "()",
    "coproc ",
    "select ",
    ">&",
    "@(",
    "\t",
];

/// One token.
pub fn token() -> impl Strategy<Value = &'static str> {
    prop::sample::select(TOKENS)
}

/// Any tokens one after the other.
pub fn tokens() -> impl Strategy<Value = String> {
    prop::collection::vec(token(), 0..24).prop_map(|tokens| tokens.concat())
}

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "c1", "c2", "w", "'q r'", "\"d q\"", "a\\ b", "\"$x\"", "$x", "$'t\\tu'", "{p,q}", "''", "\"\"", "x'y'\"z\"",
    "-f", "a=b", "\"a\\$b\\\"\"", "$((1+2))", "*.none", "{}", "a{b}c", "x@{1}", "~", "%s", "\"é🚀\"", "\\;", "'\\'",
    "\"\\\\\"", "#x", "a#b", "time", "if", "!", "\\\n", "[", "]", "${x}y", "\"${x:-d}\"", "2", "c1\\\nc2", "=", "==",
    "[a]", "^x$", "'$(c8)'",
];

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(WORDS).prop_map(str::to_owned)
}

fn redirect() -> impl Strategy<Value = String> {
    prop::sample::select(
        &[
            "",
            "",
            "",
            "",
            " >n",
            " 2>&1",
            " 2>n",
            " <n",
            " &>n",
            " <<<x",
            " >n w",
            " 2>&1 w 2",
            " <<< \"$x\" w",
            " 2 >n",
            " >&2",
            " <&-",
            " >|n",
        ][..],
    )
    .prop_map(str::to_owned)
}

fn simple() -> impl Strategy<Value = String> {
    let head = prop::sample::select(&["", "", "", "", "A=1 ", "A= B='x y' ", "! ", "time ", ">n ", "2>&1 "][..]);
    let name = prop::sample::select(&["c1", "c2", "c3", "'c4'", "c\"5\"", "c\\6", "\"c 7\"", "$'c8'"][..]);
    (head, name, prop::collection::vec(word(), 0..4), redirect())
        .prop_map(|(head, name, words, redirect)| format!("{head}{name} {}{redirect}", words.join(" ")))
}

/// Lines as a grammar has them, of commands `c1`, `c2` … that do not exist; no loops that may not end.
pub fn lines() -> impl Strategy<Value = String> {
    simple().prop_recursive(4, 24, 4, |inner| {
        let two = || (inner.clone(), inner.clone());
        prop_oneof![
            (
                two(),
                prop::sample::select(
                    &["; ", " && ", " || ", " | ", " |& ", " & ", "\n", "&&\n", "|\n", ";", " # no; c9\n"][..]
                )
            )
                .prop_map(|((a, b), between)| format!("{a}{between}{b}")),
            (inner.clone(), redirect()).prop_map(|(a, r)| format!("( {a} ){r}")),
            (inner.clone(), redirect()).prop_map(|(a, r)| format!("{{ {a}; }}{r}")),
            (inner.clone(), word()).prop_map(|(a, w)| format!("c3 $({a}) {w}")),
            (inner.clone(), word()).prop_map(|(a, w)| format!("c3 \"x $({a})\"{w}")),
            inner.clone().prop_map(|a| format!("c2 `{a}` <({a})")),
            (two(), redirect()).prop_map(|((a, b), r)| format!("if {a}; then {b}; else c1; fi{r}")),
            (inner.clone(), word(), word()).prop_map(|(a, v, w)| format!("for i in {v} {w}; do {a}; done")),
            (two(), word()).prop_map(|((a, b), w)| format!("case {w} in w|'q r') {a};; *) {b} ;; esac")),
            (two(), word()).prop_map(|((a, b), w)| format!("{a} <<'E' {w} | c2\n{w} $(c9)\nE\n{b}")),
            (two(), word()).prop_map(|((a, b), w)| format!("{a} <<-E\n\t{w}\n\tE\n{b}")),
            two().prop_map(|(a, b)| format!("{a} <<E >n && {b}\nv $x\nE\nc1")),
            (inner.clone(), word()).prop_map(|(a, w)| format!("[ -n {w} ] && [[ {w} == c* ]] || {a}")),
            (inner.clone(), word()).prop_map(|(a, w)| format!("A=$({a}) B={w}")),
            two().prop_map(|(a, b)| format!("c1 \"$(cat <<'E'\n{a}\nE\n)\"; {b}")),
        ]
    })
}

/// Such a line with a token put in somewhere, or some characters taken out.
pub fn damaged() -> impl Strategy<Value = String> {
    (lines(), any::<prop::sample::Index>(), 0..3_usize, prop_oneof![Just(""), token()]).prop_map(
        |(line, at, cut, token)| {
            let chars: Vec<char> = line.chars().collect();
            let at = at.index(chars.len() + 1);
            chars.iter().take(at).copied().chain(token.chars()).chain(chars.iter().skip(at + cut).copied()).collect()
        },
    )
}
