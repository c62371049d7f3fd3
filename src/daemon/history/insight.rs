//! What the last days add up to: who decided, how fast, and who waited.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::store::InsightRow;

/// Upper bounds of the times to decide, in ms. The last is as long as a hook is held.
const TIMES: [u64; 9] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 540_000];
/// How many tools, and projects, are told.
const TOP: usize = 20;

/// The time that is looked at.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its beginning,
    pub from: u64,
    /// its end,
    pub to: u64,
    /// and where: days begin at midnight there.
    pub zone: TimeZone,
}

impl Span {
    /// So many days up to `now`, today among them; one day is 24 hours.
    pub fn last(days: u16, now: u64, zone: TimeZone) -> Self {
        let whole = || {
            let today = day(now, &zone)?;
            let first = today.checked_sub(i64::from(days.saturating_sub(1)).days()).ok()?;
            let begins = first.to_zoned(zone.clone()).ok()?;
            u64::try_from(begins.timestamp().as_millisecond()).ok()
        };
        let plain = now.saturating_sub(u64::from(days) * 86_400_000);
        let from = if days > 1 { whole().unwrap_or(plain) } else { plain };
        Self { from, to: now, zone }
    }

    fn days(&self) -> Vec<Date> {
        let (first, last) = (day(self.from, &self.zone), day(self.to, &self.zone));
        let Some((first, last)) = first.zip(last) else {
            return Vec::new();
        };
        first.series(1.day()).take_while(|day| *day <= last).collect()
    }
}

fn day(at: u64, zone: &TimeZone) -> Option<Date> {
    let at = Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()?;
    Some(at.to_zoned(zone.clone()).date())
}

/// Adds rows up.
#[derive(Debug)]
pub struct Sums {
    span: Span,
    days: BTreeMap<Date, Day>,
    by_rules: u64,
    timed_out: u64,
    waited_ms: u64,
    /// How long each decision of the user took.
    yours: Vec<u64>,
    tools: BTreeMap<String, Vec<u64>>,
    projects: BTreeMap<String, (u64, u64)>,
}

/// Decisions of a day.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Day {
    day: String,
    rules: u64,
    you: u64,
    terminal: u64,
    denied: u64,
    other: u64,
}

/// The sums, as the API tells them.
#[derive(Debug, PartialEq, Serialize)]
pub struct Insight {
    from: u64,
    to: u64,
    decisions: u64,
    by_rules: u64,
    by_you: u64,
    median_ms: Option<u64>,
    waited_ms: u64,
    timed_out: u64,
    days: Vec<Day>,
    times: Vec<UpTo>,
    tools: Vec<Tool>,
    projects: Vec<Project>,
}

#[derive(Debug, PartialEq, Serialize)]
struct UpTo {
    upto_ms: u64,
    count: u64,
}

#[derive(Debug, PartialEq, Serialize)]
struct Tool {
    tool: String,
    count: u64,
    median_ms: Option<u64>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Project {
    project: String,
    count: u64,
    waited_ms: u64,
}

impl Sums {
    /// None yet.
    pub fn new(span: Span) -> Self {
        let named = |day: Date| (day, Day { day: day.to_string(), ..Day::default() });
        let days = span.days().into_iter().map(named).collect();
        let (tools, projects) = <_>::default();
        Self { span, days, by_rules: 0, timed_out: 0, waited_ms: 0, yours: Vec::new(), tools, projects }
    }

    /// Adds a request; one that nobody has settled yet does not count.
    pub fn add(&mut self, row: InsightRow) {
        let Some(outcome) = row.outcome.as_deref() else {
            return;
        };
        let rule = row.by.as_deref() == Some("rule");
        let known = day(row.opened, &self.span.zone).and_then(|day| self.days.get_mut(&day));
        if let Some(day) = known {
            *day.column(rule, outcome) += 1;
        }
        if rule {
            self.by_rules += 1;
            return;
        }
        let waited = row.pending_ms.unwrap_or(0);
        self.waited_ms += waited;
        self.timed_out += u64::from(outcome == "timed_out");
        let project = self.projects.entry(row.project).or_default();
        (project.0, project.1) = (project.0 + 1, project.1 + waited);
        let times = self.tools.entry(row.tool).or_default();
        if matches!(outcome, "allowed" | "denied" | "answered_in_terminal") {
            self.yours.push(waited);
            times.push(waited);
        }
    }

    /// What they came to.
    pub fn told(mut self) -> Insight {
        let by_you = self.yours.len() as u64;
        let median_ms = median(&mut self.yours);
        let times = self.times();
        let mut tools: Vec<Tool> = self.tools.into_iter().map(|(tool, times)| Tool::of(tool, times)).collect();
        tools.retain(|tool| tool.count > 0);
        tools.sort_by_key(|tool| std::cmp::Reverse(tool.count));
        tools.truncate(TOP);
        let project = |(project, (count, waited_ms))| Project { project, count, waited_ms };
        let mut projects: Vec<Project> = self.projects.into_iter().map(project).collect();
        projects.sort_by_key(|project| std::cmp::Reverse(project.waited_ms));
        projects.truncate(TOP);
        Insight {
            from: self.span.from,
            to: self.span.to,
            decisions: self.by_rules + by_you,
            by_rules: self.by_rules,
            by_you,
            median_ms,
            waited_ms: self.waited_ms,
            timed_out: self.timed_out,
            days: self.days.into_values().collect(),
            times,
            tools,
            projects,
        }
    }

    /// The user's decisions by how long they took; what took longer than any bound is with the longest.
    fn times(&self) -> Vec<UpTo> {
        let mut times = TIMES.map(|upto_ms| UpTo { upto_ms, count: 0 });
        for took in &self.yours {
            let at = TIMES.iter().position(|upto| took <= upto).unwrap_or(TIMES.len() - 1);
            times[at].count += 1;
        }
        times.into()
    }
}

impl Day {
    fn column(&mut self, rule: bool, outcome: &str) -> &mut u64 {
        match outcome {
            _ if rule => &mut self.rules,
            "allowed" => &mut self.you,
            "denied" => &mut self.denied,
            "answered_in_terminal" | "released" => &mut self.terminal,
            _ => &mut self.other,
        }
    }
}

impl Tool {
    fn of(tool: String, mut times: Vec<u64>) -> Self {
        Self { tool, count: times.len() as u64, median_ms: median(&mut times) }
    }
}

/// The middle one; of two in the middle the smaller.
fn median(times: &mut [u64]) -> Option<u64> {
    let middle = times.len().checked_sub(1)? / 2;
    Some(*times.select_nth_unstable(middle).1)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    const NOON: u64 = 1_700_049_600_000;
    const HOUR: u64 = 3_600_000;

    fn row(ago: u64, by: &str, outcome: &str, tool: &str, project: &str, pending_ms: u64) -> InsightRow {
        InsightRow {
            opened: NOON - ago,
            settled: Some(NOON - ago + pending_ms),
            outcome: Some(outcome.into()).filter(|outcome: &String| !outcome.is_empty()),
            by: Some(by.into()),
            tool: tool.into(),
            project: project.into(),
            pending_ms: Some(pending_ms),
        }
    }

    fn sums(days: u16, rows: Vec<InsightRow>) -> Insight {
        let mut sums = Sums::new(Span::last(days, NOON, TimeZone::UTC));
        rows.into_iter().for_each(|row| sums.add(row));
        sums.told()
    }

    #[test]
    fn rows_add_up() {
        let rows = vec![
            row(HOUR, "rule", "allowed", "Bash", "shop", 2),
            row(HOUR, "rule", "denied", "Bash", "shop", 1),
            row(2 * HOUR, "popup", "allowed", "Bash", "shop", 1_000),
            row(13 * HOUR, "web", "denied", "Edit", "docs", 7_000),
            row(14 * HOUR, "terminal", "answered_in_terminal", "Bash", "shop", 30_500),
            row(15 * HOUR, "tui", "released", "Bash", "docs", 900),
            row(16 * HOUR, "timeout", "timed_out", "Bash", "docs", 540_000),
            row(17 * HOUR, "session_ended", "session_ended", "Write", "docs", 10),
            row(18 * HOUR, "", "", "Bash", "shop", 0),
            row(19 * HOUR, "popup", "allowed", "Bash", "shop", 9_000_000),
        ];
        let told = serde_json::to_value(sums(2, rows)).expect("JSON");
        let lines = told.as_object().expect("an object").iter().map(|(key, value)| format!("{key} {value}\n"));
        assert_snapshot!(lines.collect::<String>(), @r#"
        from 1699920000000
        to 1700049600000
        decisions 6
        by_rules 2
        by_you 4
        median_ms 7000
        waited_ms 9579410
        timed_out 1
        days [{"day":"2023-11-14","rules":0,"you":1,"terminal":2,"denied":1,"other":2},{"day":"2023-11-15","rules":2,"you":1,"terminal":0,"denied":0,"other":0}]
        times [{"upto_ms":1000,"count":1},{"upto_ms":2000,"count":0},{"upto_ms":4000,"count":0},{"upto_ms":8000,"count":1},{"upto_ms":15000,"count":0},{"upto_ms":30000,"count":0},{"upto_ms":60000,"count":1},{"upto_ms":120000,"count":0},{"upto_ms":540000,"count":1}]
        tools [{"tool":"Bash","count":3,"median_ms":30500},{"tool":"Edit","count":1,"median_ms":7000}]
        projects [{"project":"shop","count":3,"waited_ms":9031500},{"project":"docs","count":4,"waited_ms":547910}]
        "#);
    }

    #[test]
    fn without_rows_every_day_is_there() {
        let none = sums(14, vec![]);
        assert_eq!((none.days.len(), none.decisions, none.median_ms), (14, 0, None));
        assert_eq!(none.days[13].day, "2023-11-15");
        assert_eq!(sums(1, vec![]).days.len(), 2, "24 hours touch two days");
        assert_eq!(sums(90, vec![]).from, 1_692_316_800_000, "from midnight on");
    }
}
