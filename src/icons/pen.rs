//! Draws the shapes of the tray icon.

use super::Ink;
use super::grids::{BITS, Box4, Digits, Grid, PLUS, Point, STROKES, taller};
use tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// Draws in grid coordinates. What cannot be a shape is not drawn.
pub(super) struct Pen<'a> {
    pub(super) pixmap: &'a mut Pixmap,
    pub(super) place: Transform,
    pub(super) ink: Ink,
}

impl Pen<'_> {
    pub(super) fn chevron(&mut self, [a, b, c]: [Point; 3], width: f32) {
        let mut path = PathBuilder::new();
        path.move_to(a.0, a.1);
        path.line_to(b.0, b.1);
        path.line_to(c.0, c.1);
        let path = path.finish();
        self.stroke(path.clone(), width + 2.0 * self.rim(), self.ink.rim, Transform::identity());
        self.stroke(path, width, self.ink.fg, Transform::identity());
    }

    pub(super) fn rimmed_disc(&mut self, (x, y, r): (f32, f32, f32)) {
        self.disc((x, y, r + self.rim()), self.ink.rim);
        self.disc((x, y, r), self.ink.fg);
    }

    /// A pixel, in coordinates of the grid.
    fn rim(&self) -> f32 {
        1.0 / self.place.sx.max(1.0)
    }

    pub(super) fn disc(&mut self, (x, y, r): (f32, f32, f32), color: Color) {
        self.fill(PathBuilder::from_circle(x, y, r), color);
    }

    pub(super) fn boxes(&mut self, boxes: &[Box4], color: Color) {
        for &(x, y, w, h) in boxes {
            self.fill(Rect::from_xywh(x, y, w, h).map(PathBuilder::from_rect), color);
        }
    }

    /// With corners rounded by a thin stroke of its own colour.
    pub(super) fn triangle(&mut self, (middle, top, bottom, width): (f32, f32, f32, f32)) {
        let (inset, half) = (0.8, width / 2.0);
        let mut path = PathBuilder::new();
        path.move_to(middle, top + inset);
        path.line_to(middle + half - inset, bottom - 0.5);
        path.line_to(middle - half + inset, bottom - 0.5);
        path.close();
        let path = path.finish();
        self.fill(path.clone(), self.ink.warn);
        self.stroke(path, inset, self.ink.warn, Transform::identity());
    }

    pub(super) fn number(&mut self, grid: &Grid, n: u32) {
        let (x, y, _) = grid.badge;
        let digit = (n.clamp(1, 9) - 1) as usize;
        match grid.digits {
            Digits::Bits { nine_plus, .. } if n > 9 => self.bits(nine_plus.split('|'), x, y),
            Digits::Bits { tall: false, .. } => self.bits(BITS[digit].split('|'), x, y),
            Digits::Bits { tall: true, .. } => {
                let rows = taller(BITS[digit]);
                self.bits(rows.iter().map(String::as_str), x, y);
            }
            Digits::Smooth if n > 9 => {
                let nine = Transform::from_row(0.96, 0.0, 0.0, 0.96, x - 8.2, y - 6.7);
                self.stroke(outline(STROKES[8]), 2.4, self.ink.on_badge, nine);
                self.stroke(outline(PLUS), 2.0, self.ink.on_badge, Transform::from_translate(x, y));
            }
            Digits::Smooth => {
                let at = Transform::from_translate(x - 5.0, y - 7.0);
                self.stroke(outline(STROKES[digit]), 2.5, self.ink.on_badge, at);
            }
        }
    }

    /// Rows of `#` and `.`, centred on a point, each on one whole pixel.
    fn bits<'r>(&mut self, rows: impl Iterator<Item = &'r str> + Clone, x: f32, y: f32) {
        // Half a pixel more on the left and above than on the other sides, if need be.
        let start = |middle: f32, n: usize| (middle - n as f32 / 2.0 - 0.01).round();
        let wide = rows.clone().next().map_or(0, str::len);
        let (left, top) = (start(x, wide), start(y, rows.clone().count()));
        for (j, row) in rows.enumerate() {
            for (i, _) in row.match_indices('#') {
                let pixel = (left + i as f32, top + j as f32, 1.0, 1.0);
                self.boxes(&[pixel], self.ink.on_badge);
            }
        }
    }

    fn fill(&mut self, path: Option<Path>, color: Color) {
        let Some(path) = path else { return };
        self.pixmap.fill_path(&path, &paint(color), FillRule::Winding, self.place, None);
    }

    fn stroke(&mut self, path: Option<Path>, width: f32, color: Color, at: Transform) {
        let Some(path) = path else { return };
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        let place = self.place.pre_concat(at);
        self.pixmap.stroke_path(&path, &paint(color), &stroke, place, None);
    }
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(color);
    paint
}

/// Reads `M x y`, `L x y` and `C x y x y x y`, separated by spaces.
pub(super) fn outline(data: &str) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut words = data.split(' ');
    while let Some(command) = words.next() {
        let mut number = || words.next().and_then(|w| w.parse::<f32>().ok());
        match command {
            "M" => path.move_to(number()?, number()?),
            "L" => path.line_to(number()?, number()?),
            "C" => path.cubic_to(number()?, number()?, number()?, number()?, number()?, number()?),
            _ => return None,
        }
    }
    path.finish()
}
