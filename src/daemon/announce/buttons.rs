//! What a notification offers. Nothing is approved from there that could not be read there.

use super::words;
use crate::config::Config;
use crate::core::{Approval, By, Kind};
use crate::notify::Button;
use crate::rules::main_text;
use crate::rules::risk::Level;

/// Longest text that every server shows whole, in characters: some have room for a few short lines.
const LONGEST: usize = 120;

/// The buttons of a notification that speaks of this request alone, or of something else. There is no time after which
/// they count, as in the popup: when it is on the screen, its server alone knows.
pub fn of(config: &Config, asked: Option<&Approval>) -> Vec<Button> {
    let places = &config.approvals.decide_from;
    let decides = places.is_empty() || places.contains(&By::Notification);
    match asked.filter(|approval| decides && approval.kind == Kind::Permission) {
        Some(approval) if is_approvable(approval) => vec![Button::Approve, Button::Deny, Button::Open],
        Some(_) => vec![Button::Deny, Button::Open],
        None => vec![Button::Open],
    }
}

/// Whether it is known not to be of high risk, and all of it can be read.
fn is_approvable(approval: &Approval) -> bool {
    approval.known.as_ref().is_some_and(|known| known.risk.level != Level::High) && is_said_whole(approval)
}

/// Whether the notification says all that it would do, as it is: no more than one line of plain characters, in which
/// nothing was replaced.
fn is_said_whole(approval: &Approval) -> bool {
    let (Some(main), Some(input)) = (main_text(&approval.tool, &approval.input), approval.input.as_object()) else {
        return false;
    };
    let plain = main.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let said = input.iter().all(|(name, value)| value == main || changes_nothing(&approval.tool, name));
    plain && said && main.len() <= LONGEST && words::text(main) == main
}

/// Whether it makes no difference to what a call does.
fn changes_nothing(tool: &str, name: &str) -> bool {
    matches!((tool, name), ("Bash", "description" | "timeout") | ("Read", "offset" | "limit"))
}
