//! Programs that talk to other machines.

use super::call::{Arg, Call, Known};
use super::deception::{self, shown};
use super::scene::{Fact, Scene, guarded};
use super::value::{Category, Finding, Level, Scope};
use super::walk::Handler;

#[rustfmt::skip]
pub const PROGRAMS: &[(&str, Handler)] = &[
    ("curl", curl), ("wget", wget), ("http", httpie), ("https", httpie), ("xh", httpie), ("xhs", httpie),
    ("scp", transfer), ("sftp", transfer), ("ftp", transfer), ("lftp", transfer), ("rclone", transfer),
    ("nc", pipe), ("ncat", pipe), ("netcat", pipe), ("socat", pipe), ("telnet", pipe), ("aria2c", wget),
    ("croc", transfer), ("magic-wormhole", transfer), ("wormhole", transfer), ("ngrok", tunnel),
    ("cloudflared", tunnel), ("localtunnel", tunnel), ("lt", tunnel), ("nmap", probe), ("masscan", probe),
    ("mail", mail), ("sendmail", mail), ("mutt", mail), ("mailx", mail), ("msmtp", mail), ("ping", asks),
    ("dig", asks), ("host", asks), ("nslookup", asks), ("traceroute", asks), ("tracepath", asks), ("mtr", asks),
    ("whois", asks), ("ssh-keyscan", asks), ("ssh-copy-id", keys), ("ssh-add", keys), ("ssh-keygen", keys),
    ("w3m", asks), ("lynx", asks), ("yt-dlp", wget),
];

#[rustfmt::skip]
const CURL_TAKES: &[&str] = &[
    "-H", "-d", "-o", "-X", "-u", "-A", "-e", "-b", "-c", "-F", "-T", "-K", "-m", "-x", "-w", "-r", "-E", "-C",
    "-Y", "-y", "-z", "-D", "-U", "-P", "-Q", "-t", "--header", "--data", "--output", "--request", "--user",
    "--max-time", "--connect-timeout", "--retry", "--data-raw", "--data-binary", "--data-urlencode", "--form",
    "--upload-file", "--config", "--proxy", "--write-out", "--user-agent", "--referer", "--cookie", "--cookie-jar",
    "--range", "--cert", "--key", "--cacert", "--resolve", "--json", "--url-query", "--dns-servers", "--time-cond",
    "--trace", "--trace-ascii", "--dump-header", "--output-dir", "--limit-rate", "--max-redirs", "--retry-delay",
    "--retry-max-time", "--interface", "--unix-socket", "--form-string", "--connect-to", "--ciphers", "--tls-max",
    "--stderr", "--max-filesize", "--aws-sigv4", "--oauth2-bearer", "--capath", "--noproxy", "--keepalive-time",
    "--local-port", "--proto", "--proto-redir", "--proto-default", "--speed-limit", "--speed-time", "--netrc-file", "--etag-save",
    "--etag-compare", "--continue-at", "--pass", "--engine", "--crlfile", "--pinnedpubkey", "--expect100-timeout",
    "--happy-eyeballs-timeout-ms", "--doh-url", "--socks5", "--socks5-hostname", "--preproxy", "--proxy-user",
    "--proxy-header", "--cert-type", "--key-type", "--service-name", "--variable", "--rate", "--create-file-mode",
];
#[rustfmt::skip]
const CURL_SENDS: &[&str] = &[
    "-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "-F", "--form",
    "--form-string", "-T", "--upload-file", "--json", "-Q", "--quote",
];

fn curl(scene: &mut Scene<'_>, call: &Call<'_>) {
    let method = call.value(&["-X", "--request"]).map(|(v, _)| v.to_ascii_uppercase());
    let get = call.args.iter().any(|a| a.text == "-G" || a.text == "--get");
    let sends = call.option(CURL_SENDS).filter(|_| !get);
    let writes = method.as_deref().is_some_and(|m| !matches!(m, "GET" | "HEAD" | "OPTIONS"));
    for url in call.operands(CURL_TAKES).into_iter().cloned().chain(call.valued(&["--url"])) {
        address(scene, &url, sends.is_some() || writes);
    }
    if let Some(arg) = sends {
        data(scene, call, arg);
    } else if writes {
        scene.high(Category::RemoteChange, &call.span, "Asks another machine to change something.");
    }
    if let Some((_, arg)) = call.value(&["-K", "--config"]) {
        scene.high(
            Category::Interpreter,
            &arg.span,
            "Takes its options from a file, so that what it does is not visible here.",
        );
    }
    outputs(scene, call);
    if call.has(&["-k", "--insecure"]) {
        scene.high(
            Category::NetworkRead,
            &call.span,
            "Does not check who answers, so that anybody in between can change what comes.",
        );
    }
    scene.fact(call.index, &call.span, Fact::Network);
}

fn data(scene: &mut Scene<'_>, call: &Call<'_>, option: &Arg) {
    scene.high(Category::Upload, &option.span, "Sends data to another machine.");
    let values = call.args.iter().filter_map(|a| a.text.split_once('@').map(|(_, path)| (a, path)));
    for (arg, path) in values.filter(|(a, _)| !a.text.contains("://")) {
        scene.read(call.index, &Arg { text: path.to_owned(), ..arg.clone() });
    }
    if let Some(file) = call.valued(&["-T", "--upload-file"]) {
        scene.read(call.index, &file);
    }
}

fn outputs(scene: &mut Scene<'_>, call: &Call<'_>) {
    let output = call.value(&["-o", "--output"]);
    let remote_name =
        call.args.iter().any(|a| !a.text.starts_with("--") && a.text.starts_with('-') && a.text.contains('O'))
            || call.has(&["--remote-name"]);
    let file = output.as_ref().map(|(name, _)| name.to_string()).or_else(|| {
        let url = call.operands(CURL_TAKES).first().map(|a| a.text.clone())?;
        remote_name.then(|| url.rsplit('/').next().unwrap_or_default().to_owned())
    });
    scene.fact(call.index, &call.span, Fact::Download(file));
    if let Some((name, arg)) = output {
        scene.write(&Arg { text: name.into_owned(), ..arg.clone() });
    } else if remote_name {
        call.operands(CURL_TAKES).into_iter().for_each(|url| named_there(scene, url));
    }
    for option in
        [["-c", "--cookie-jar"], ["-D", "--dump-header"], ["--trace", "--trace-ascii"], ["--etag-save", "--stderr"]]
    {
        if let Some(file) = call.valued(&option) {
            scene.write(&file);
        }
    }
}

/// The finding for a web address: who is asked, and whether that is what it seems.
pub fn address(scene: &mut Scene<'_>, arg: &Arg, sends: bool) {
    if arg.known != Known::Yes {
        return scene.medium(Category::Dynamic, &arg.span, "Asks an address that is only known when it runs.");
    }
    url(&arg.text, &arg.span, sends, &mut scene.findings);
}

/// The same for an address without a command around it.
pub fn url(text: &str, span: &crate::rules::shell::Span, sends: bool, findings: &mut Vec<Finding>) {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = deception::host(authority);
    let is = |wanted: &str| scheme.eq_ignore_ascii_case(wanted);
    if let Some(text) = deception::odd_host(authority).filter(|_| !is("file")) {
        findings.push(Finding::new(Category::Deception, Level::High, span, text));
    }
    let metadata = host == "169.254.169.254" || host.starts_with("metadata.") || host.starts_with("169.254.");
    let name = shown(&host);
    let (category, level, text) = if is("file") {
        (Category::Read, Level::High, format!("Reads the file {} on this machine.", shown(rest)))
    } else if metadata || host == "100.100.100.200" {
        (Category::Secret, Level::High, format!("Asks {name}, where cloud machines keep their own keys."))
    } else if private(&host) {
        let text = format!("Talks to {name}, a machine of your own network that others cannot reach.");
        (Category::NetworkRead, Level::High, text)
    } else if is("http") || is("ftp") {
        let text = format!(
            "Talks to {name} without encryption, so that anybody in between can change what comes; https is safer."
        );
        (Category::NetworkRead, Level::High, text)
    } else if sends {
        return;
    } else {
        (Category::NetworkRead, Level::Medium, format!("Fetches from {name}."))
    };
    let scope = if is("file") { Scope::Machine } else { Scope::Remote };
    findings.push(Finding::new(category, level, span, text).scope(scope));
}

fn private(host: &str) -> bool {
    let numbers = match host.parse::<std::net::Ipv4Addr>().map(|address| address.octets()) {
        Ok([0 | 10 | 127, ..] | [192, 168, ..]) => true,
        Ok([172, second, ..]) => (16..32).contains(&second),
        Ok([100, second, ..]) => (64..128).contains(&second),
        Ok(_) => false,
        // `127.1`, `0x7f.0.0.1`, `2130706433`: an address that is not written as one.
        Err(_) => !host.is_empty() && host.split('.').all(is_number),
    };
    let six = host.contains(':') && (["fc", "fd", "fe80:", "::"].iter().any(|begin| host.starts_with(begin)));
    let names = [".localhost", ".local", ".internal", ".lan", ".home.arpa"];
    numbers || six || host == "localhost" || names.iter().any(|end| host.ends_with(end))
}

fn is_number(part: &str) -> bool {
    let digits = part.strip_prefix("0x").unwrap_or(part);
    !part.is_empty()
        && (part == digits && part.bytes().all(|b| b.is_ascii_digit())
            || part != digits && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[rustfmt::skip]
const WGET_TAKES: &[&str] = &[
    "-O", "-P", "-o", "-T", "-t", "-U", "-e", "-i", "-a", "-w", "-Q", "--output-document", "--directory-prefix",
    "--timeout", "--header", "--user-agent", "--tries", "-d", "--post-data", "--post-file",
];

/// Options by which a downloader runs a program, or takes its settings from a file.
const RUNS: &[(&str, &[&str])] = &[
    ("aria2c", &["--on-", "--conf-path", "--hook"]),
    (
        "yt-dlp",
        &["--exec", "--config-location", "--downloader", "--external-downloader", "--plugin-dirs", "--netrc-cmd"],
    ),
];

fn wget(scene: &mut Scene<'_>, call: &Call<'_>) {
    let runs = RUNS.iter().filter(|(name, _)| *name == call.name).flat_map(|(_, options)| *options);
    let runs: Vec<&str> = runs.copied().collect();
    if let Some(arg) = call.args.iter().find(|a| runs.iter().any(|option| a.text.starts_with(option))) {
        scene.high(Category::Interpreter, &arg.span, format!("Makes {} run another program.", call.name));
    }
    if call.name != "wget" {
        for file in call.values(&["-o", "-d", "-P", "--out", "--output", "--dir", "--paths"]) {
            scene.write(&file);
        }
    }
    let sends = call.option(&["--post-data", "--post-file", "--body-data", "--body-file"]);
    for url in call.operands(WGET_TAKES) {
        address(scene, url, sends.is_some());
    }
    scene.fact(call.index, &call.span, Fact::Network);
    if let Some(arg) = sends {
        scene.high(Category::Upload, &arg.span, "Sends data to another machine.");
    }
    if call.has(&["--use-askpass", "--execute", "-e"]) {
        scene.high(
            Category::Interpreter,
            &call.span,
            "Changes the downloader's settings, which can make it run a program.",
        );
    }
    if call.surely(&["--spider"], WGET_TAKES) {
        return;
    }
    saved(scene, call);
}

/// Where the download goes.
fn saved(scene: &mut Scene<'_>, call: &Call<'_>) {
    let to = call.value(&["-O", "--output-document"]);
    let standard = to.as_ref().is_some_and(|(name, _)| name == "-");
    let name = call.operands(WGET_TAKES).first().map(|a| a.text.rsplit('/').next().unwrap_or_default().to_owned());
    let file = if standard { None } else { to.as_ref().map(|(n, _)| n.to_string()).or(name) };
    scene.fact(call.index, &call.span, Fact::Download(file));
    match to {
        _ if standard => {}
        Some((name, arg)) => scene.write(&Arg { text: name.trim_start_matches("-").to_owned(), ..arg.clone() }),
        None => call.operands(WGET_TAKES).into_iter().for_each(|url| named_there(scene, url)),
    }
}

/// What comes is written to a file of the name that it has there.
fn named_there(scene: &mut Scene<'_>, url: &Arg) {
    let path = url.text.split(['?', '#']).next().unwrap_or_default();
    let name = path.split_once("://").map_or(path, |(_, rest)| rest).rsplit('/').next().unwrap_or_default();
    match guarded(&scene.target(name), &url.span, &shown(name)).filter(|_| !name.is_empty()) {
        Some(finding) => scene.push(finding),
        None => scene.medium(Category::Write, &url.span, "Writes what comes to a file in this folder."),
    }
}

fn httpie(scene: &mut Scene<'_>, call: &Call<'_>) {
    let words = call.operands(&["-o", "-a", "--auth", "--output"]);
    let sends = words.iter().any(|a| {
        matches!(a.text.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") || a.text.contains('=') && !a.text.contains("==")
    });
    scene.fact(call.index, &call.span, Fact::Network);
    let from_file = |a: &&Arg| !a.text.contains("://") && a.text.contains('@');
    for arg in words.iter().copied().filter(from_file) {
        let file = arg.text.rsplit('@').next().unwrap_or_default().to_owned();
        scene.read(call.index, &Arg { text: file, ..arg.clone() });
    }
    if sends || words.iter().copied().any(|a| from_file(&a)) {
        return scene.high(Category::Upload, &call.span, "Sends data to another machine.");
    }
    if let Some(url) = words.iter().find(|a| a.text != "GET") {
        address(scene, url, false);
    }
    match call.valued(&["-o", "--output"]) {
        Some(file) => scene.write(&file),
        None if call.has(&["-d", "--download"]) => words.last().into_iter().for_each(|url| named_there(scene, url)),
        None => {}
    }
}

fn transfer(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    for arg in
        call.operands(&["-i", "-P", "-o", "-F", "-l", "-S", "-c", "-J"]).into_iter().filter(|a| !a.text.contains(':'))
    {
        if scene.target(&arg.text).secret {
            scene.read(call.index, arg);
        }
    }
    scene.high(Category::Upload, &call.span, "Copies files between this machine and another one.");
}

/// `rsync`: between machines an upload, here a copy that may delete.
pub fn rsync(scene: &mut Scene<'_>, call: &Call<'_>) {
    let files = call.operands(&["-e", "--rsh", "-f", "--filter", "--exclude", "--include", "--rsync-path"]);
    if call.has(&["-e", "--rsh", "--rsync-path"]) {
        scene.high(Category::Interpreter, &call.span, "Makes rsync run another program.");
    }
    if call.args.iter().any(|a| a.text.starts_with("--delete") || a.text == "--remove-source-files") {
        scene.high(
            Category::Delete,
            &call.span,
            "Deletes the files that are missing on the other side; rsync -n shows them first.",
        );
    }
    if files.iter().any(|a| a.text.contains(':')) {
        return transfer(scene, call);
    }
    if let Some((target, sources)) = files.split_last() {
        sources.iter().for_each(|s| scene.read(call.index, s));
        scene.write(target);
    }
}

fn pipe(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    scene.fact(call.index, &call.span, Fact::Download(None));
    if call.has(&["-e", "-c", "--exec", "--sh-exec"])
        || call
            .args
            .iter()
            .any(|a| a.text.to_ascii_lowercase().contains("exec:") || a.text.to_ascii_lowercase().contains("system:"))
    {
        return scene.high(Category::Interpreter, &call.span, "Gives another machine a shell on this one.");
    }
    scene.high(Category::Upload, &call.span, "Opens a raw connection through which anything can be sent.");
}

fn tunnel(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(Category::Upload, &call.span, "Opens this machine to the internet.");
}

fn probe(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.high(Category::NetworkRead, &call.span, "Probes other machines, which they may take for an attack.");
}

fn mail(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    scene.high(Category::Upload, &call.span, "Sends mail in your name.");
}

fn asks(scene: &mut Scene<'_>, call: &Call<'_>) {
    scene.fact(call.index, &call.span, Fact::Network);
    scene.medium(Category::NetworkRead, &call.span, "Asks another machine, and tells it what is asked.");
}

fn keys(scene: &mut Scene<'_>, call: &Call<'_>) {
    if call.name == "ssh-keygen" && call.has(&["-l", "-F"]) || call.name == "ssh-add" && call.has(&["-l", "-L"]) {
        return;
    }
    scene.high(Category::Secret, &call.span, "Makes, changes or hands out keys.");
}
