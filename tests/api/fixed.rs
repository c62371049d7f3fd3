//! What nobody changes here: settings, our installation, work that takes long.

use ccmon::api;
use ccmon::card::{Card, Window, identical};
use ccmon::core::{Approval, Board, By};
use serde_json::{Value, json};

/// Settings and an installation that nobody changes, and where nobody works.
pub struct Fixed;

impl api::Jobs for Fixed {
    fn start(&self, _: api::Work) -> Result<Value, api::Refused> {
        Err(api::Refused::Hindered("nobody works here".to_owned()))
    }

    fn list(&self) -> Vec<Value> {
        vec![]
    }

    fn job(&self, _: u64) -> Option<Value> {
        None
    }

    fn cancel(&self, _: u64) -> Option<Value> {
        None
    }

    fn retention(&self) -> Result<Value, String> {
        Err("nothing is kept here".to_owned())
    }
}

impl api::House for Fixed {
    fn about(&self) -> Value {
        json!({})
    }

    fn put_welcome_away(&self, _: bool) -> Result<(), String> {
        Err("nothing is kept here".to_owned())
    }

    fn hooks(&self) -> Result<Value, String> {
        Err("there is no Claude here".to_owned())
    }

    fn edit_hooks(&self, _: api::HookEdit) -> Result<Value, String> {
        Err("there is no Claude here".to_owned())
    }

    fn doctor(&self) -> api::Looking<'_> {
        Box::pin(async { json!({ "checks": [] }) })
    }
}

impl api::Settings for Fixed {
    fn view(&self) -> Value {
        json!({})
    }

    fn change(&self, _: &serde_json::Map<String, Value>, _: By) -> Result<(), api::Refused> {
        Err(api::Refused::Hindered("there is no file here".to_owned()))
    }
}

impl api::Cards for Fixed {
    fn card<'a>(&'a self, board: &'a Board, approval: &'a Approval, _: Option<Window>) -> api::Later<'a, Card> {
        let card = Card { identical: identical(board, &approval.id), ..Card::default() };
        Box::pin(async { card })
    }
}
