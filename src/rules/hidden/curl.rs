//! curl has some 250 options; the few that only shape a question are listed, and every address has to be
//! the pattern's own.

/// Letters of options without a value.
const FLAGS: &str = "sSfLgiIvjGN46#";
const LONG: &[&str] = &[
    "--silent",
    "--show-error",
    "--fail",
    "--fail-with-body",
    "--location",
    "--head",
    "--include",
    "--compressed",
    "--verbose",
    "--get",
    "--no-buffer",
    "--ipv4",
    "--ipv6",
    "--http1.1",
    "--http2",
    "--no-progress-meter",
    "--globoff",
    "--version",
    "--help",
];
const VALUED: &[&str] = &[
    "-H",
    "--header",
    "-A",
    "--user-agent",
    "-m",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "--max-redirs",
    "-w",
    "--write-out",
    "-X",
    "--request",
    "-e",
    "--referer",
    "-r",
    "--range",
];

/// Marks every word that is none of these, and every address: of one, as far as its host ends.
///
/// Addresses are free when the pattern is about none (`addressed`).
pub fn look<'a>(args: &[&'a str], addressed: bool, push: &mut impl FnMut(usize, &'a str)) {
    let mut valued = false;
    for (at, word) in args.iter().enumerate() {
        if std::mem::take(&mut valued) {
            // `@file` is sent, `%output{file}` and `%{stderr}` write.
            if word.starts_with('@') || word.contains("%output") || word.contains("%header") {
                push(at, word);
            }
            continue;
        }
        let cluster = word.strip_prefix('-').is_some_and(|letters| letters.chars().all(|c| FLAGS.contains(c)));
        if VALUED.contains(word) {
            valued = true;
        } else if !word.starts_with('-') {
            let plain = word.starts_with("https://") && !word.contains(['{', '[', '@', '\\']);
            if addressed || !plain {
                push(at, host_of(word));
            }
        } else if !(cluster && word.len() > 1 || LONG.contains(word)) {
            push(at, word);
        }
    }
}

/// `https://host/` of an address: what has to be spelled out. All of it when curl could make others of it.
fn host_of(address: &str) -> &str {
    let path = address.find("://").and_then(|at| Some(at + 3 + address[at + 3..].find('/')? + 1));
    let odd = |text: &str| text.contains(['@', '{', '[', '\\', '?', '#', '%']);
    match path {
        Some(end) if !odd(&address[..end]) && !address.contains(['{', '[']) => &address[..end],
        _ => address,
    }
}
