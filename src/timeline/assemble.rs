//! The story as it is told: items in their turns and agents.

use super::build::{Node, Story};
use super::{Item, Turn};

impl Story {
    /// The turns, with what event `from` or a later one tells of.
    pub(super) fn told_from(self, from: i64) -> Vec<Turn> {
        let mut inside: Vec<Vec<Item>> = self.nodes.iter().map(|_| Vec::new()).collect();
        let mut turns: Vec<Vec<Item>> = self.turns.iter().map(|_| Vec::new()).collect();
        // What is in an item stands after it: from the end, each is whole when its turn comes.
        for (at, node) in self.nodes.into_iter().enumerate().rev() {
            let items = inside.get_mut(at).map(std::mem::take).unwrap_or_default();
            let Some(item) = told(&node, items, from) else {
                continue;
            };
            let shelf = match node.parent {
                Some(parent) => inside.get_mut(parent),
                None => turns.get_mut(node.turn),
            };
            if let Some(shelf) = shelf {
                shelf.push(item);
            }
        }
        let drafts = self.turns.into_iter().zip(turns);
        let told = drafts.filter(|(draft, items)| draft.last >= from || !items.is_empty());
        told.map(|(draft, items)| Turn {
            id: draft.id,
            at: draft.at,
            ended: draft.ended,
            prompt: draft.prompt,
            outcome: draft.outcome,
            items: in_order(items),
        })
        .collect()
    }
}

fn told(node: &Node, items: Vec<Item>, from: i64) -> Option<Item> {
    let news = !node.hidden && node.last >= from;
    (news || !items.is_empty()).then(|| Item { items: in_order(items), ..node.item.clone() })
}

fn in_order(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| (item.at, item.id));
    items
}
