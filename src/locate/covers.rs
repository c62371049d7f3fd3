//! Windows that fill a monitor: what is shown there is not to be disturbed.

/// A rectangle of the desktop, in its own pixels: the server's on X11, logical ones on Wayland.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl Area {
    /// The point in its middle.
    #[must_use]
    pub fn centre(self) -> (i32, i32) {
        (self.x.saturating_add(self.width / 2), self.y.saturating_add(self.height / 2))
    }

    /// Whether a point lies in it.
    #[must_use]
    pub fn holds(self, (x, y): (i32, i32)) -> bool {
        let within = |from: i32, length: i32, at: i32| at >= from && at < from.saturating_add(length);
        within(self.x, self.width, x) && within(self.y, self.height, y)
    }
}

/// A window in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stacked {
    /// Where it is.
    pub area: Area,
    /// Whether it fills its monitor.
    pub full: bool,
}

/// Where a full-screen window is in view: none of the windows above it lies over its middle. `stack` has the
/// uppermost first.
#[must_use]
pub fn in_view(stack: &[Stacked]) -> Vec<Area> {
    let hidden = |at: usize, area: Area| stack[..at].iter().any(|above| above.area.holds(area.centre()));
    let full = stack.iter().enumerate().filter(|(at, window)| window.full && !hidden(*at, window.area));
    full.map(|(_, window)| window.area).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Area = Area { x: 0, y: 0, width: 1280, height: 800 };
    const RIGHT: Area = Area { x: 1280, y: 0, width: 1920, height: 1080 };

    #[test]
    fn what_lies_beneath_is_not_in_view() {
        let film = Stacked { area: RIGHT, full: true };
        let editor = Stacked { area: Area { x: 1400, y: 100, width: 1500, height: 900 }, full: false };
        let note = Stacked { area: Area { x: 1300, y: 20, width: 200, height: 100 }, full: false };
        let terminal = Stacked { area: LEFT, full: false };
        assert_eq!(in_view(&[terminal, film]), [RIGHT], "the focus may be elsewhere");
        assert_eq!(in_view(&[note, film, editor]), [RIGHT]);
        assert_eq!(in_view(&[editor, film]), []);
        assert_eq!(in_view(&[film, Stacked { full: true, ..film }]), [RIGHT]);
        assert_eq!(in_view(&[editor, terminal]), []);
    }

    #[test]
    fn edges_belong_to_one_monitor() {
        assert!(LEFT.holds((1279, 0)) && !LEFT.holds((1280, 0)) && RIGHT.holds((1280, 0)));
    }
}
