//! What the rules say to a call, and why, for people who try them.

use serde_json::{Value, json};

use super::assess::{self, Question};
use crate::rules::{Book, Decision, main_text};

/// The decision, the danger, and why: by which rule, for which part of the line. May take as long as it takes.
#[must_use]
pub fn explain(book: &Book, question: &Question, session: &str) -> Value {
    let looked = assess::look(question);
    let judged = book.judge(&looked.call(question, session));
    let (decision, message) = match &judged.verdict.decision {
        Decision::Allow => ("allow", None),
        Decision::Deny { message } => ("deny", message.clone()),
        Decision::Ask => ("ask", None),
    };
    let text = main_text(&question.tool, &question.input).unwrap_or_default();
    let named = |at: usize| book.entries().get(at).map(|entry| json!({ "id": entry.id, "name": entry.rule.name }));
    let parts = judged.verdict.parts.iter().map(|part| {
        json!({
            "text": text.get(part.span.clone()).unwrap_or_default(),
            "span": { "start": part.span.start, "end": part.span.end },
            "rule": part.rule.and_then(named),
            "why": part.why,
        })
    });
    json!({
        "decision": decision,
        "message": message,
        "risk": looked.risk.level,
        "reasons": judged.verdict.reasons,
        "rule": judged.by.map(|by| json!({ "id": by.id, "name": by.name })),
        "parts": parts.collect::<Vec<_>>(),
        "trial": judged.trial.iter().map(|named| json!({ "id": named.id, "name": named.name })).collect::<Vec<_>>(),
        "findings": looked.risk.findings,
    })
}
