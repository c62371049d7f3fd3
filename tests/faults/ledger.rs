//! What was sent and what was heard, to be held against what is stored.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ccmon::store::{EventQuery, Reader};
use serde_json::Value;

/// The key by which each payload names itself.
pub const NUMBER: &str = "sent";

/// How long a hook that only reports may take. Its own budget is below half a second; a busy machine adds to that, and
/// whoever waits for what is broken, longer than this.
const BUDGET: Duration = Duration::from_secs(10);

/// What a hook that waited printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing: the terminal asks.
    Nothing,
    /// Yes.
    Allow,
    /// No, and why.
    Deny(String),
}

/// Everything that hooks did.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Payloads whose hook ended with 0.
    pub sent: Vec<u64>,
    /// Requests among them, and what their hooks printed.
    pub said: BTreeMap<u64, Said>,
    /// What callers were told of a request that they decided: its id, and how it was settled.
    pub told: Vec<(String, Said)>,
    /// Hooks that did not end as they should.
    pub broken: Vec<String>,
    /// The slowest of those that only report.
    pub slowest: Duration,
}

/// What is stored.
#[derive(Debug, Default)]
pub struct Stored {
    /// How often each payload is, and under which id.
    pub events: BTreeMap<u64, Vec<String>>,
    /// The payloads, in the order in which they are.
    pub order: Vec<u64>,
    /// How each request was settled, by its id.
    pub settled: BTreeMap<String, Option<Said>>,
}

impl Said {
    /// What a hook's standard output means; in words when that is nothing Claude Code would understand.
    pub fn read(printed: &[u8]) -> Result<Self, String> {
        if printed.is_empty() {
            return Ok(Self::Nothing);
        }
        let value: Value =
            serde_json::from_slice(printed).map_err(|_| String::from_utf8_lossy(printed).into_owned())?;
        let decision = &value["hookSpecificOutput"]["decision"];
        match decision["behavior"].as_str() {
            Some("allow") => Ok(Self::Allow),
            Some("deny") => Ok(Self::Deny(decision["message"].as_str().unwrap_or_default().to_owned())),
            _ => Err(value.to_string()),
        }
    }

    /// What the hook of a request that was settled so has to print; `None` while it is not settled.
    pub fn of(outcome: Option<&str>, message: Option<&str>) -> Option<Self> {
        Some(match outcome? {
            "allowed" => Self::Allow,
            "denied" => Self::Deny(message.unwrap_or("The user denied this.").to_owned()),
            _ => Self::Nothing,
        })
    }
}

impl Stored {
    /// Reads the database of a state directory, beside its daemon.
    pub fn read(state: &Path) -> Self {
        let reader = Reader::beside(&state.join("ccmon.db"));
        let mut stored = Self::default();
        let mut after = 0;
        loop {
            let query = EventQuery { after_id: Some(after), limit: 1_000, ..EventQuery::default() };
            let page = reader.events(&query).expect("the database can be read");
            let Some(last) = page.last() else {
                break;
            };
            after = last.id;
            for event in &page {
                let payload: Value = serde_json::from_str(&event.row.payload).expect("JSON");
                if let Some(number) = payload[NUMBER].as_u64() {
                    stored.order.push(number);
                    stored.events.entry(number).or_default().push(event.row.hook_id.clone().unwrap_or_default());
                }
            }
        }
        let row = |row: ccmon::store::ApprovalRow| {
            let said = Said::of(row.outcome.as_deref(), row.message.as_deref());
            stored.settled.insert(row.id, said);
            true
        };
        reader.each_approval(row).expect("the database can be read");
        stored
    }
}

impl Ledger {
    /// What is wrong, in words; nothing where all is as it was promised. `lost` events may be missing, and no more.
    pub fn faults(&self, stored: &Stored, lost: usize) -> Vec<String> {
        let mut faults = self.broken.clone();
        let times = |number: &u64| stored.events.get(number).map_or(0, Vec::len);
        let missing: Vec<_> = self.sent.iter().filter(|number| times(number) == 0).collect();
        if missing.len() != lost {
            faults.push(format!(
                "{} of {} events lost, {lost} were said to be: {missing:?}",
                missing.len(),
                self.sent.len()
            ));
        }
        faults.extend(
            self.sent.iter().filter(|n| times(n) > 1).map(|n| format!("event {n} is stored {} times", times(n))),
        );
        faults
            .extend(stored.events.keys().filter(|n| !self.sent.contains(n)).map(|n| format!("nobody sent event {n}")));
        if self.slowest > BUDGET {
            faults.push(format!("a report took {:?}", self.slowest));
        }
        let asked: Vec<_> = self.said.keys().filter_map(|number| stored.events.get(number)).flatten().collect();
        let strange = stored.settled.keys().filter(|id| !asked.contains(id));
        faults.extend(strange.map(|id| format!("{id} is a request that nobody made")));
        for (number, said) in &self.said {
            let id = stored.events.get(number).and_then(|ids| ids.first());
            let row = id.and_then(|id| stored.settled.get(id));
            faults.extend(mismatch(*number, said, row));
        }
        let mut told = BTreeMap::new();
        for (id, said) in &self.told {
            if told.insert(id, said).is_some() {
                faults.push(format!("{id} was decided twice"));
            }
            let row = stored.settled.get(id).and_then(Option::as_ref);
            if row != Some(said) {
                faults.push(format!("who decided {id} was told {said:?}, and stored is {row:?}"));
            }
        }
        faults
    }

    /// What was seen, for the case's line.
    pub fn summary(&self) -> String {
        let count = |wanted: fn(&Said) -> bool| self.said.values().filter(|said| wanted(said)).count();
        format!(
            "{} events, {} requests ({} allowed, {} denied), slowest report {} ms",
            self.sent.len(),
            self.said.len(),
            count(|said| *said == Said::Allow),
            count(|said| matches!(said, Said::Deny(_))),
            self.slowest.as_millis()
        )
    }
}

/// What a hook printed against the one row of its request. There is none of one that no daemon heard.
fn mismatch(number: u64, said: &Said, row: Option<&Option<Said>>) -> Option<String> {
    match (said, row) {
        (Said::Nothing, None) => None,
        (said, Some(Some(row))) if said == row => None,
        (said, Some(None)) => Some(format!("request {number}: its hook printed {said:?}, and it still waits")),
        (said, row) => Some(format!("request {number}: its hook printed {said:?}, and stored is {row:?}")),
    }
}
