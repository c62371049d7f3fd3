//! Where the popup stands: in a corner of a monitor's work area, which leaves panels out.

use ccmon::config::{Corner, POINTER, PRIMARY};
use ccmon::locate::Area;

/// Space to the edges of the work area.
pub const MARGIN: i32 = 12;

/// A monitor, in logical pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// What the desktop calls it.
    pub name: String,
    /// All of it.
    pub area: Area,
    /// What panels leave free.
    pub work: Area,
    /// It is the first.
    pub primary: bool,
}

/// Which monitor is meant: the first where that one is not there, or the first one is none.
#[must_use]
pub fn choose(screens: &[Screen], wish: &str, pointer: Option<(i32, i32)>) -> usize {
    let found = match wish {
        PRIMARY => None,
        POINTER => pointer.and_then(|at| screens.iter().position(|screen| screen.area.holds(at))),
        name => screens.iter().position(|screen| screen.name.trim() == name.trim()),
    };
    found.or_else(|| screens.iter().position(|screen| screen.primary)).unwrap_or(0)
}

/// The popup's place in a corner of `area`, for a page that would like `width` × `height`.
#[must_use]
pub fn place(area: Area, corner: Corner, width: i32, height: i32) -> Area {
    let fits = |wanted: i32, room: i32| wanted.clamp(1, room.saturating_sub(2 * MARGIN).max(1));
    let (width, height) = (fits(width, area.width), fits(height, area.height));
    // On a screen with no room for a margin, at its edge.
    let (across, down) = (MARGIN.min((area.width - width) / 2).max(0), MARGIN.min((area.height - height) / 2).max(0));
    let x = if corner.is_left() { area.x + across } else { area.x + area.width - across - width };
    let y = if corner.is_top() { area.y + down } else { area.y + area.height - down - height };
    Area { x, y, width, height }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CORNERS: [Corner; 4] = [Corner::BottomRight, Corner::BottomLeft, Corner::TopRight, Corner::TopLeft];

    #[test]
    fn it_stands_in_the_corner_clear_of_panels() {
        let area = Area { x: 100, y: 30, width: 1280, height: 740 };
        let at = CORNERS.map(|corner| place(area, corner, 420, 300)).map(|at| (at.x, at.y, at.width, at.height));
        assert_eq!(at, [(948, 458, 420, 300), (112, 458, 420, 300), (948, 42, 420, 300), (112, 42, 420, 300)]);
    }

    #[test]
    fn it_never_leaves_a_small_screen() {
        let area = Area { x: 0, y: 0, width: 320, height: 200 };
        assert_eq!(place(area, Corner::BottomRight, 420, 720), Area { x: 12, y: 12, width: 296, height: 176 });
    }

    #[test]
    fn the_monitor_is_the_one_that_is_meant_and_there() {
        let screen = |name: &str, x: i32, primary| {
            let area = Area { x, y: 0, width: 1000, height: 800 };
            Screen { name: name.into(), area, work: area, primary }
        };
        let both = [screen("DP-1", 0, false), screen("HDMI-1", 1000, true)];
        for (wish, pointer, expected) in [
            ("primary", Some((5, 5)), 1),
            ("pointer", Some((5, 5)), 0),
            ("pointer", Some((1000, 799)), 1),
            ("pointer", Some((5, 900)), 1),
            ("pointer", None, 1),
            ("DP-1", None, 0),
            ("DP-2", Some((5, 5)), 1),
        ] {
            assert_eq!(choose(&both, wish, pointer), expected, "{wish} {pointer:?}");
        }
        assert_eq!(choose(&[], "DP-1", None), 0);
        assert_eq!(choose(&[screen("a", 0, false)], "primary", None), 0);
    }

    proptest! {
        #[test]
        fn it_is_always_inside(
            (x, y, width, height) in (-5_000..5_000i32, -5_000..5_000i32, 1..8_000i32, 1..8_000i32),
            (wide, high) in (1..2_000i32, 1..3_000i32),
            corner in prop::sample::select(CORNERS.to_vec()),
        ) {
            let area = Area { x, y, width, height };
            let at = place(area, corner, wide, high);
            prop_assert!(at.width >= 1 && at.height >= 1);
            prop_assert!(at.x >= x && at.x + at.width <= x + width, "{at:?}");
            prop_assert!(at.y >= y && at.y + at.height <= y + height, "{at:?}");
            prop_assert!(at.width <= wide && at.height <= high);
        }
    }
}
