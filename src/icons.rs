//! The tray icon, drawn: a prompt and a lamp.
//!
//! Calm, the lamp rests; when somebody waits it grows into a badge with their
//! number; paused it is two bars, in trouble a triangle: four shapes, so that
//! no state depends on colour. Panels show icons at 16, 22 and 24 px most, so
//! those grids have coordinates on whole pixels and digits from bitmaps; from
//! 32 px on everything is drawn smooth, from the 32 px grid.

#[path = "icons/grids.rs"]
mod grids;

use grids::{BITS, Box4, Digits, Grid, LARGE, MEDIUM, PLUS, Point, SMALL, STROKES, taller};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

/// What the icon says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// Nothing waits.
    Calm,
    /// So many requests wait; above nine it says `9+`, and none is calm.
    Needs(u32),
    /// Rules are paused.
    Paused,
    /// The daemon has a problem.
    Trouble,
}

/// The panel the icon stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Light ink on a dark panel.
    Dark,
    /// Dark ink on a light panel.
    Light,
}

/// Draws the icon: `size` × `size` pixels, RGBA with straight alpha, row by row.
pub fn rgba(look: Look, panel: Panel, size: u32) -> Vec<u8> {
    let Some(mut pixmap) = Pixmap::new(size, size) else {
        return Vec::new();
    };
    let (grid, place) = place(size);
    let mut pen = Pen {
        pixmap: &mut pixmap,
        place,
        ink: Ink::on(panel),
    };
    draw(&mut pen, grid, look);
    straight(&pixmap)
}

/// Which grid serves a size, and where it goes: as it is, with a margin, or scaled.
fn place(size: u32) -> (&'static Grid, Transform) {
    let margin = |of: u32| {
        let left = (size - of) / 2;
        Transform::from_translate(left as f32, left as f32)
    };
    match size {
        16..=21 => (&SMALL, margin(16)),
        22..=31 => (&MEDIUM, margin(22)),
        _ => {
            let scale = size as f32 / LARGE.side;
            (&LARGE, Transform::from_scale(scale, scale))
        }
    }
}

fn draw(pen: &mut Pen, grid: &Grid, look: Look) {
    let fg = pen.ink.fg;
    match look {
        Look::Calm | Look::Needs(0) => {
            pen.chevron(grid.calm, grid.stroke);
            pen.disc(grid.dot, fg);
        }
        Look::Needs(n) => {
            pen.chevron(grid.need, grid.stroke);
            pen.disc(grid.badge, pen.ink.badge);
            pen.number(grid, n);
        }
        Look::Paused => {
            pen.chevron(grid.calm, grid.stroke);
            pen.boxes(&grid.bars, fg);
        }
        Look::Trouble => {
            pen.chevron(grid.need, grid.stroke);
            pen.triangle(grid.triangle);
            pen.boxes(&grid.bang, pen.ink.on_warn);
        }
    }
}

/// The colours of a panel.
#[derive(Clone, Copy)]
struct Ink {
    fg: Color,
    badge: Color,
    on_badge: Color,
    warn: Color,
    on_warn: Color,
}

impl Ink {
    fn on(panel: Panel) -> Ink {
        let [fg, badge, on_badge, warn, on_warn] = match panel {
            Panel::Dark => [
                0x00f4_f5f6,
                0x008f_bcff,
                0x000d_1b30,
                0x00f2_c161,
                0x0024_1a04,
            ],
            Panel::Light => [
                0x002b_2f36,
                0x001a_62c5,
                0x00ff_ffff,
                0x008a_5a00,
                0x00ff_ffff,
            ],
        }
        .map(|rgb: u32| {
            let [_, r, g, b] = rgb.to_be_bytes();
            Color::from_rgba8(r, g, b, 255)
        });
        Ink {
            fg,
            badge,
            on_badge,
            warn,
            on_warn,
        }
    }
}

/// Draws in grid coordinates. What cannot be a shape is not drawn.
struct Pen<'a> {
    pixmap: &'a mut Pixmap,
    place: Transform,
    ink: Ink,
}

impl Pen<'_> {
    fn chevron(&mut self, [a, b, c]: [Point; 3], width: f32) {
        let mut path = PathBuilder::new();
        path.move_to(a.0, a.1);
        path.line_to(b.0, b.1);
        path.line_to(c.0, c.1);
        self.stroke(path.finish(), width, self.ink.fg, Transform::identity());
    }

    fn disc(&mut self, (x, y, r): (f32, f32, f32), color: Color) {
        self.fill(PathBuilder::from_circle(x, y, r), color);
    }

    fn boxes(&mut self, boxes: &[Box4], color: Color) {
        for &(x, y, w, h) in boxes {
            self.fill(
                Rect::from_xywh(x, y, w, h).map(PathBuilder::from_rect),
                color,
            );
        }
    }

    /// With corners rounded by a thin stroke of its own colour.
    fn triangle(&mut self, (middle, top, bottom, width): (f32, f32, f32, f32)) {
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

    fn number(&mut self, grid: &Grid, n: u32) {
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
                self.stroke(
                    outline(PLUS),
                    2.0,
                    self.ink.on_badge,
                    Transform::from_translate(x, y),
                );
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
        self.pixmap
            .fill_path(&path, &paint(color), FillRule::Winding, self.place, None);
    }

    fn stroke(&mut self, path: Option<Path>, width: f32, color: Color, at: Transform) {
        let Some(path) = path else { return };
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        let place = self.place.pre_concat(at);
        self.pixmap
            .stroke_path(&path, &paint(color), &stroke, place, None);
    }
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint {
        anti_alias: true,
        ..Paint::default()
    };
    paint.set_color(color);
    paint
}

/// Reads `M x y`, `L x y` and `C x y x y x y`, separated by spaces.
fn outline(data: &str) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut words = data.split(' ');
    while let Some(command) = words.next() {
        let mut number = || words.next().and_then(|w| w.parse::<f32>().ok());
        match command {
            "M" => path.move_to(number()?, number()?),
            "L" => path.line_to(number()?, number()?),
            "C" => path.cubic_to(
                number()?,
                number()?,
                number()?,
                number()?,
                number()?,
                number()?,
            ),
            _ => return None,
        }
    }
    path.finish()
}

/// tiny-skia multiplies colours with alpha; trays want them straight.
fn straight(pixmap: &Pixmap) -> Vec<u8> {
    pixmap
        .pixels()
        .iter()
        .flat_map(|p| {
            let c = p.demultiply();
            [c.red(), c.green(), c.blue(), c.alpha()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const SIZES: [u32; 9] = [16, 18, 20, 22, 24, 28, 32, 48, 64];
    const PANELS: [Panel; 2] = [Panel::Dark, Panel::Light];

    fn looks() -> Vec<Look> {
        let mut all = vec![Look::Calm, Look::Paused, Look::Trouble];
        all.extend((1..=10).map(Look::Needs));
        all
    }

    fn pixel(image: &[u8], size: u32, x: u32, y: u32) -> [u8; 4] {
        let at = ((y * size + x) * 4) as usize;
        [image[at], image[at + 1], image[at + 2], image[at + 3]]
    }

    #[test]
    fn every_look_is_its_own_picture_of_the_asked_size() {
        for size in SIZES {
            let mut seen = HashSet::new();
            for panel in PANELS {
                for look in looks() {
                    let image = rgba(look, panel, size);
                    assert_eq!(image.len(), (size * size * 4) as usize);
                    assert!(
                        image.chunks(4).any(|p| p[3] == 255),
                        "{look:?} {size} is empty"
                    );
                    assert!(
                        seen.insert(image),
                        "{look:?} {panel:?} {size} looks like another"
                    );
                }
            }
        }
    }

    #[test]
    fn sizes_nobody_asks_for_do_no_harm() {
        assert!(rgba(Look::Calm, Panel::Dark, 0).is_empty());
        for size in [1, 8, 15, 17, 23, 31, 33, 256] {
            assert_eq!(
                rgba(Look::Needs(4), Panel::Dark, size).len(),
                (size * size * 4) as usize
            );
        }
    }

    #[test]
    fn above_nine_it_says_nine_plus_and_none_is_calm() {
        for size in SIZES {
            let ten = rgba(Look::Needs(10), Panel::Dark, size);
            assert_eq!(ten, rgba(Look::Needs(u32::MAX), Panel::Dark, size));
            assert_ne!(ten, rgba(Look::Needs(9), Panel::Dark, size));
            assert_eq!(
                rgba(Look::Needs(0), Panel::Dark, size),
                rgba(Look::Calm, Panel::Dark, size)
            );
        }
    }

    #[test]
    fn twenty_four_is_twenty_two_with_a_margin() {
        let (small, large) = (
            rgba(Look::Needs(3), Panel::Light, 22),
            rgba(Look::Needs(3), Panel::Light, 24),
        );
        for y in 0..24 {
            for x in 0..24 {
                let inside = (1..23).contains(&x) && (1..23).contains(&y);
                let want = if inside {
                    pixel(&small, 22, x - 1, y - 1)
                } else {
                    [0; 4]
                };
                assert_eq!(pixel(&large, 24, x, y), want, "{x} {y}");
            }
        }
    }

    #[test]
    fn small_digits_are_whole_pixels_of_two_colours() {
        for (size, left, top, width, height) in [(16, 8, 7, 5, 7), (22, 12, 10, 6, 9)] {
            for n in 1..=9 {
                let image = rgba(Look::Needs(n), Panel::Dark, size);
                let cells =
                    (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
                for (x, y) in cells {
                    let p = pixel(&image, size, x, y);
                    assert!(
                        p == [0x8f, 0xbc, 0xff, 255] || p == [0x0d, 0x1b, 0x30, 255],
                        "{n} at {x} {y}: {p:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_prompt_is_the_same_above_and_below_its_tip() {
        for (size, tip) in [(16, 10), (22, 13), (32, 20)] {
            let image = rgba(Look::Calm, Panel::Dark, size);
            for y in 0..size {
                for x in 0..tip {
                    let (a, b) = (
                        pixel(&image, size, x, y)[3],
                        pixel(&image, size, x, size - 1 - y)[3],
                    );
                    // The rasterizer samples rows and columns differently.
                    assert!(a.abs_diff(b) <= 24, "{size}: {x} {y}: {a} and {b}");
                }
            }
        }
    }

    #[test]
    fn alpha_is_straight() {
        let image = rgba(Look::Calm, Panel::Dark, 32);
        let edge = image
            .chunks(4)
            .find(|p| (40..200).contains(&p[3]))
            .expect("an edge");
        assert!(
            edge[..3]
                .iter()
                .zip([0xf4, 0xf5, 0xf6])
                .all(|(a, b)| a.abs_diff(b) < 6),
            "{edge:?}"
        );
    }

    #[test]
    fn every_stroke_can_be_read() {
        assert!(STROKES.iter().chain([&PLUS]).all(|s| outline(s).is_some()));
        assert!(outline("M 1").is_none() && outline("Q 1 2").is_none());
    }
}
