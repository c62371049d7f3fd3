//! What is said of a button that is pointed at. A popup that comes under a pointer which rests there was not
//! pointed at: the words would lie on what has to be read and pressed. They wait until the pointer moves.

use std::cell::Cell;
use std::rc::Rc;

use gtk::glib::Propagation;
use gtk::prelude::*;

/// A place on the screen, in whole pixels.
type Place = (i32, i32);

/// The tooltips of one view: where the pointer rests since something else came on the screen; nothing once it moved.
pub struct Tips(Rc<Cell<Option<Place>>>);

impl Tips {
    /// Keeps those of this view until the pointer moves.
    #[must_use]
    pub fn of(view: &impl IsA<gtk::Widget>) -> Self {
        let rests = Rc::new(Cell::new(None));
        let seen = Rc::clone(&rests);
        // WebKit turns them on whenever the page has words for what is under the pointer.
        view.connect_has_tooltip_notify(move |view| {
            if view.has_tooltip() && seen.get().is_some() {
                view.set_has_tooltip(false);
            }
        });
        let felt = Rc::clone(&rests);
        view.connect_motion_notify_event(move |view, event| {
            if felt.get().is_some_and(|place| place != whole(event.root())) {
                felt.set(None);
                // What it had to say before is still known to WebKit.
                view.set_has_tooltip(true);
            }
            Propagation::Proceed
        });
        Self(rests)
    }

    /// Something else is on the screen now.
    pub fn rest(&self, view: &impl IsA<gtk::Widget>) {
        let pointer = view.display().default_seat().and_then(|seat| seat.pointer());
        // Where no place is known, as on Wayland, whatever moves has moved.
        let place = pointer.map_or((i32::MIN, i32::MIN), |pointer| {
            let (_, x, y) = pointer.position_double();
            whole((x, y))
        });
        self.0.set(Some(place));
        view.set_has_tooltip(false);
        view.trigger_tooltip_query();
    }
}

#[expect(clippy::cast_possible_truncation, reason = "screens are smaller")]
fn whole((x, y): (f64, f64)) -> Place {
    (x.round() as i32, y.round() as i32)
}
