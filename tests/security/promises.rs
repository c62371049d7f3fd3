//! What is promised, in the words in which it was asked for. Each case of the suite stands below one of these.

/// A promise.
pub struct Promise {
    /// How cases name it: the paragraph, and a word.
    pub id: &'static str,
    /// What is tried, and what has to happen.
    pub text: &'static str,
}

impl Promise {
    /// The paragraph that it belongs to.
    pub fn group(&self) -> &'static str {
        self.id.split('.').next().unwrap_or_default()
    }
}

const fn promise(id: &'static str, text: &'static str) -> Promise {
    Promise { id, text }
}

/// All of them, paragraph by paragraph.
pub const PROMISES: &[Promise] = &[
    promise("http.token", "No, wrong, empty, prefixed, doubled or 1 MB token: refused, no data, constant time."),
    promise("http.code", "Token in a query string only as a one-time launch code that becomes a cookie, never logged."),
    promise(
        "http.host",
        "Host other than 127.0.0.1, localhost or [::1] with the right port: refused even with the token.",
    ),
    promise(
        "http.origin",
        "Origin foreign, null, file://, other port, or Sec-Fetch-Site cross-site: 403, cookie or not.",
    ),
    promise("http.json", "JSON content type required; no CORS headers ever."),
    promise("http.upgrade", "WebSocket upgrade checks all of it before 101."),
    promise("http.reading", "GET and HEAD never change anything."),
    promise("http.paths", "Path tricks: 404."),
    promise(
        "http.loopback",
        "Binds loopback only. Port taken by somebody else: the next one; the hook never speaks TCP.",
    ),
    promise("http.headers", "CSP, frame-ancestors 'none', nosniff, no-referrer, CORP same-origin."),
    promise("http.browser", "The same in a real browser."),
    promise("others.modes", "Directories 0700, files and socket 0600, created so (no window), whatever the umask."),
    promise("others.peer", "Peer uid checked on every connection, by the hook too."),
    promise(
        "others.planted",
        "Symlink, hard link, FIFO, foreign owner, over-long path at any of our paths: refused with a clear error, victim unchanged.",
    ),
    promise("others.secrets", "Nothing secret in argv or environment."),
    promise(
        "agent.fence",
        "API callers that descend from a monitored claude process, or carry CLAUDECODE, may read but not decide, change rules or settings: 403 with an audit row.",
    ),
    promise("agent.risk", "Commands that reach for ccmon are high risk and never automatic."),
    promise(
        "agent.wall",
        "A fence and not a wall: said so; decide_from = [\"popup\"] so that only a click in a window decides.",
    ),
    promise("agent.real", "All that from inside a real claude session."),
    promise(
        "agent.answers",
        "A forged or replayed id, an answer for another session, after timeout, two racing: first wins, exactly one decision, tied to id, session and hash of what was shown.",
    ),
    promise("agent.daemon", "Daemon stopped, slow, answering garbage: the hook gives no decision, never allow."),
    promise("payloads.bodies", "200 MB bodies, endless chunks, wrong Content-Length: an error, memory flat."),
    promise(
        "payloads.json",
        "A million [, duplicate keys, 1e999, lone surrogates, NUL, invalid UTF-8, wrong types, unknown events and fields: an error or ignored, no crash.",
    ),
    promise(
        "payloads.crowd",
        "Slow headers, 10,000 connections, a WebSocket that never reads, 10,000 hooks: bounded; others still answered.",
    ),
    promise(
        "display.text",
        "ESC sequences, OSC 8/52, C1, bidi, tags, combining marks, a million columns, HTML, links, in any field: shown as text, in CLI, TUI, log, API, exports, notification, page and popup.",
    ),
    promise("display.tail", "Nothing approvable whose tail is hidden."),
    promise(
        "launching.names",
        "Session names and directories such as -x, --, $(touch x), ;touch x, #{…}, :1.0, newlines: argv arrays, exact tmux targets, no shell.",
    ),
    promise("launching.links", "ccmon:// links navigate only; allow-listed characters; 1 MB or %00: ignored."),
    promise(
        "files.settings",
        "settings.json with comments, BOM, 100 MB, symlink, read-only, wrong types, edited by Claude between our read and write: never clobbered; backup; atomic; mode kept.",
    ),
    promise(
        "files.transcript",
        "transcript_path pointing to /etc/shadow, /dev/zero, a FIFO, outside the config directory: not read.",
    ),
    promise("files.search", "FTS syntax, quotes, %, NUL, 1 MB in the search box: bounded, no error 500."),
    promise("durability.logs", "Logs rotate and contain no token."),
    promise("durability.network", "strace -e connect: only Unix sockets and loopback."),
];
