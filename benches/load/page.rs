//! A part's place on the page: text and tables, and the plots beside it.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use crate::support::tally::{QUANTILES, Tally, number};
use crate::support::watch::Usage;

/// What a part has found.
pub struct Part {
    text: String,
    plots: Vec<(&'static str, String)>,
}

impl Part {
    /// With a heading, and a sentence of what is measured.
    pub fn new(title: &str, what: &str) -> Self {
        Self { text: format!("\n## {title}\n\n{what}\n"), plots: Vec::new() }
    }

    /// What has been written so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A paragraph.
    pub fn say(&mut self, sentence: &str) {
        self.text.push('\n');
        self.text.push_str(sentence);
        self.text.push('\n');
    }

    /// A table of rows that are cells already.
    pub fn table(&mut self, head: &str, rows: &[String]) {
        let rule = "|---".repeat(head.matches('|').count() + 1);
        // Writing to a string cannot fail.
        let _ = write!(self.text, "\n| {head} |\n{rule}|\n");
        for row in rows {
            let _ = writeln!(self.text, "| {row} |");
        }
    }

    /// A table of latencies in ms, with a promise in the last column.
    pub fn latencies(&mut self, rows: &[(&str, &Tally, String)]) {
        let quantiles = QUANTILES.map(|(name, _)| format!("{name}, ms")).join(" | ");
        let rows: Vec<String> = rows
            .iter()
            .map(|(name, tally, promise)| format!("{name} | {} | {} | {promise}", tally.count(), tally.cells()))
            .collect();
        self.table(&format!(" | events | {quantiles} | promise"), &rows);
    }

    /// A table of what was held, and when.
    pub fn memories(&mut self, looks: &[(&str, Usage)]) {
        let rows: Vec<String> = looks.iter().map(|(name, usage)| format!("{name} | {}", memory(usage))).collect();
        self.table(" | RSS, MiB | PSS | private dirty", &rows);
    }

    /// A plot, to be kept under that name.
    pub fn plot(&mut self, name: &'static str, svg: String) {
        let _ = write!(self.text, "\n![{name}](load-{name}.svg)\n");
        self.plots.push((name, svg));
    }

    /// Writes the plots.
    pub fn keep(&self, directory: &Path) -> io::Result<()> {
        self.plots.iter().try_for_each(|(name, svg)| write(&directory.join(format!("load-{name}.svg")), svg))
    }
}

/// Memory, as cells.
pub fn memory(usage: &Usage) -> String {
    [usage.rss, usage.pss, usage.own].map(number).join(" | ")
}

/// What was used between two looks, as per cent of a core and wake-ups in a second.
pub fn spent(before: &Usage, after: &Usage, seconds: f64) -> (f64, f64) {
    ((after.cpu - before.cpu) / seconds / 10.0, (after.woken.saturating_sub(before.woken)) as f64 / seconds)
}

/// Writes a file, and the directory it is in.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, text)
}
