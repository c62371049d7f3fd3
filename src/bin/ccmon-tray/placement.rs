//! Where the popup stands: in the corner of the work area, which leaves panels out.

/// A rectangle in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

/// Space to the edges of the work area.
const MARGIN: i32 = 12;

/// The popup's place at the lower right of `area`, for a page that would like `width` × `height`.
#[must_use]
pub fn corner(area: Rect, width: i32, height: i32) -> Rect {
    let fits = |wanted: i32, room: i32| wanted.clamp(1, (room - 2 * MARGIN).max(1));
    let (width, height) = (fits(width, area.width), fits(height, area.height));
    Rect { x: area.x + area.width - MARGIN - width, y: area.y + area.height - MARGIN - height, width, height }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_in_the_corner_clear_of_panels() {
        let area = Rect { x: 100, y: 30, width: 1280, height: 740 };
        assert_eq!(corner(area, 420, 300), Rect { x: 948, y: 458, width: 420, height: 300 });
    }

    #[test]
    fn it_never_leaves_a_small_screen() {
        let area = Rect { x: 0, y: 0, width: 320, height: 200 };
        assert_eq!(corner(area, 420, 720), Rect { x: 12, y: 12, width: 296, height: 176 });
    }
}
