//! A `WHERE`, put together of what is asked for.

use rusqlite::types::Value;

/// Conditions that all have to hold, with their values.
#[derive(Debug, Default)]
pub(super) struct Clauses {
    sql: String,
    values: Vec<Value>,
}

impl Clauses {
    /// One more; each `?` in it stands for one of the values.
    pub(super) fn and<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.sql += if self.sql.is_empty() { "WHERE " } else { " AND " };
        self.sql += condition;
        self.values.extend(values);
    }

    /// One more, if it is asked for.
    pub(super) fn and_some(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, [value.into()]);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }

    /// `WHERE …`, or nothing.
    pub(super) fn sql(&self) -> &str {
        &self.sql
    }

    /// The values, and more that come after them.
    pub(super) fn values<const N: usize>(&self, more: [Value; N]) -> impl rusqlite::Params {
        rusqlite::params_from_iter(self.values.iter().cloned().chain(more))
    }
}
