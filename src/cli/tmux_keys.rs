//! `ccmon install --tmux`: two key bindings, between markers, in tmux's own configuration.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use super::output::line;
use crate::claude::settings::file;

/// Begins what is ours; how the text before it ended is noted there, so that taking it out restores that.
const BEGIN: &str = "# >>> ccmon: next session that needs you, and the dashboard >>>";
const BEGIN_MID_LINE: &str = "# >>> ccmon: next session that needs you, and the dashboard (no newline before) >>>";
const BEGIN_NEW: &str = "# >>> ccmon: next session that needs you, and the dashboard (new file) >>>";
const END: &str = "# <<< ccmon <<<";

/// Prints the bindings, or writes them.
pub fn install(write: bool) -> Result<ExitCode> {
    let bindings = bindings(&own_path()?);
    if !write {
        line(&bindings);
        return Ok(ExitCode::SUCCESS);
    }
    let path = config().context("HOME is not set: put the lines that `ccmon install --tmux` prints into tmux.conf")?;
    let snapshot = file::read(&path).with_context(|| left(&path))?;
    let (before, shown) = (snapshot.text.as_deref(), snapshot.path.display());
    let rest = before.map(without).transpose().with_context(|| left(&path))?;
    let after = with(rest.as_deref().or(before), &bindings);
    if before == Some(after.as_str()) {
        line(&format!("The bindings are in {shown} already."));
        return Ok(ExitCode::SUCCESS);
    }
    let written = snapshot.write(Some(&after), before.is_some()).with_context(|| left(&path))?;
    if let Some(backup) = written.backup {
        line(&format!("What was there before is kept as {}.", backup.display()));
    }
    line(&format!("prefix N goes to the next session, prefix T opens the dashboard: both are in {shown}."));
    line(&format!("A tmux that runs already learns them by `tmux source-file {shown}`."));
    Ok(ExitCode::SUCCESS)
}

/// Takes the bindings out, where they are; the file they were in.
pub fn uninstall(dry_run: bool) -> Result<Option<PathBuf>> {
    let Some(path) = config().filter(|path| path.is_file()) else {
        return Ok(None);
    };
    let snapshot = file::read(&path).with_context(|| left(&path))?;
    let Some(text) = snapshot.text.as_deref().filter(|text| text.contains(END)) else {
        return Ok(None);
    };
    let was_ours = text.starts_with(BEGIN_NEW);
    let rest = without(text).with_context(|| left(&path))?;
    if rest == text {
        return Ok(None);
    }
    if !dry_run {
        let gone = was_ours && rest.is_empty();
        snapshot.write((!gone).then_some(&rest), !gone).with_context(|| left(&path))?;
    }
    Ok(Some(snapshot.path))
}

/// tmux(1): the first of these that is there.
fn config() -> Option<PathBuf> {
    let home = PathBuf::from(std::env::var_os("HOME")?);
    let xdg = std::env::var_os("XDG_CONFIG_HOME").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let usual = home.join(".tmux.conf");
    let modern = xdg.unwrap_or_else(|| home.join(".config")).join("tmux/tmux.conf");
    Some([&usual, &modern].into_iter().find(|path| path.exists()).unwrap_or(&usual).clone())
}

/// `#{q:…}` is escaped for the shell that tmux runs; the path has nothing to escape.
fn bindings(ccmon: &str) -> String {
    format!(
        "bind-key N run-shell -b \"{ccmon} next --client #{{q:client_name}}\"\n\
         bind-key T display-popup -E -w 90% -h 85% \"{ccmon} tui --exit-after-jump\""
    )
}

fn own_path() -> Result<String> {
    let path = std::env::current_exe().context("cannot tell where ccmon itself is installed")?;
    let Some(text) = path.to_str() else { bail!("ccmon's path is not UTF-8: install it elsewhere") };
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte));
    ensure!(
        plain,
        "{text} has characters that tmux and the shell would read as something else: install ccmon elsewhere"
    );
    Ok(text.to_owned())
}

fn with(before: Option<&str>, bindings: &str) -> String {
    let (before, begin) = match before {
        None => (String::new(), BEGIN_NEW),
        Some(text) if text.is_empty() || text.ends_with('\n') => (text.to_owned(), BEGIN),
        Some(text) => (format!("{text}\n"), BEGIN_MID_LINE),
    };
    format!("{before}{begin}\n{bindings}\n{END}\n")
}

/// `text` without our part; as it is, when there is none.
fn without(text: &str) -> Result<String> {
    let Some((at, begin)) =
        [BEGIN, BEGIN_MID_LINE, BEGIN_NEW].into_iter().find_map(|begin| Some((line_at(text, begin)?, begin)))
    else {
        return Ok(text.to_owned());
    };
    let Some(end) = line_at(&text[at..], END) else {
        bail!("the line {END:?} is missing: take ccmon's lines out by hand");
    };
    let before = &text[..at];
    let before = if begin == BEGIN_MID_LINE { before.strip_suffix('\n').unwrap_or(before) } else { before };
    let after = &text[at + end + END.len()..];
    let after = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
    // An editor may have doubled it.
    without(&format!("{before}{after}"))
}

/// Where a line that says exactly this begins.
fn line_at(text: &str, wanted: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == wanted {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn left(path: &Path) -> String {
    format!("{} is left as it is", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_comes_back_to_the_byte() {
        for before in ["", "set -g mouse on\n", "set -g mouse on", "\n\n", "# >>> ccmon\n"] {
            let after = with(Some(before), "bind-key N …");
            assert!(after.contains("bind-key N …") && after.starts_with(before));
            assert_eq!(without(&after).unwrap(), before);
            assert_eq!(with(Some(&without(&after).unwrap()), "bind-key N …"), after, "twice is once");
            let more = format!("{after}set -g status off\n");
            assert!(without(&more).unwrap().ends_with("set -g status off\n"));
        }
        assert_eq!(without(&with(None, "x")).unwrap(), "");
    }

    #[test]
    fn half_of_it_is_not_guessed_at() {
        assert!(without(&format!("a\n{BEGIN}\nbind-key N x\n")).is_err());
    }
}
