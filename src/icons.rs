//! The tray icon, drawn: a prompt and a lamp.
//!
//! Calm, the lamp rests; when somebody waits it grows into a badge with their
//! number; paused it is two bars, in trouble a triangle: four shapes, so that
//! no state depends on colour. Panels show icons at 16, 22 and 24 px most, so
//! those grids have coordinates on whole pixels and digits from bitmaps; from
//! 32 px on everything is drawn smooth, from the 32 px grid.

#[path = "icons/grids.rs"]
mod grids;
#[path = "icons/pen.rs"]
mod pen;

use grids::{Grid, LARGE, MEDIUM, SMALL};
use pen::Pen;
use tiny_skia::{Color, Pixmap, Transform};

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
    let mut pen = Pen { pixmap: &mut pixmap, place, ink: Ink::on(panel) };
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
            pen.rimmed_disc(grid.dot);
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

/// The colours of a panel.
#[derive(Clone, Copy)]
struct Ink {
    fg: Color,
    /// Around what is drawn with `fg`: nothing tells how light a panel is, and on one that was guessed wrong the rim
    /// is what can be seen. On the right one it cannot.
    rim: Color,
    badge: Color,
    on_badge: Color,
    warn: Color,
    on_warn: Color,
}

impl Ink {
    fn on(panel: Panel) -> Ink {
        let [fg, rim, badge, on_badge, warn, on_warn] = match panel {
            Panel::Dark => [0x00f4_f5f6, 0x0016_191d, 0x008f_bcff, 0x000d_1b30, 0x00f2_c161, 0x0024_1a04],
            Panel::Light => [0x002b_2f36, 0x00ff_ffff, 0x001a_62c5, 0x00ff_ffff, 0x008a_5a00, 0x00ff_ffff],
        }
        .map(|rgb: u32| {
            let [_, r, g, b] = rgb.to_be_bytes();
            Color::from_rgba8(r, g, b, 255)
        });
        Ink { fg, rim, badge, on_badge, warn, on_warn }
    }
}

#[cfg(test)]
mod tests {
    use super::grids::{PLUS, STROKES};
    use super::pen::outline;
    use super::*;
    use std::collections::HashSet;

    const SIZES: [u32; 9] = [16, 18, 20, 22, 24, 28, 32, 48, 64];
    const PANELS: [Panel; 2] = [Panel::Dark, Panel::Light];

    fn looks() -> Vec<Look> {
        let mut all = vec![Look::Calm, Look::Paused, Look::Trouble];
        all.extend((1..=10).map(Look::Needs));
        all
    }

    /// How light a pixel is on a panel that is so light itself.
    fn on_ground(ground: i32, pixel: &[u8]) -> i32 {
        ground + (i32::from(pixel[1]) - ground) * i32::from(pixel[3]) / 255
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
                    assert!(image.chunks(4).any(|p| p[3] == 255), "{look:?} {size} is empty");
                    assert!(seen.insert(image), "{look:?} {panel:?} {size} looks like another");
                }
            }
        }
    }

    #[test]
    fn sizes_nobody_asks_for_do_no_harm() {
        assert!(rgba(Look::Calm, Panel::Dark, 0).is_empty());
        for size in [1, 8, 15, 17, 23, 31, 33, 256] {
            assert_eq!(rgba(Look::Needs(4), Panel::Dark, size).len(), (size * size * 4) as usize);
        }
    }

    #[test]
    fn above_nine_it_says_nine_plus_and_none_is_calm() {
        for size in SIZES {
            let ten = rgba(Look::Needs(10), Panel::Dark, size);
            assert_eq!(ten, rgba(Look::Needs(u32::MAX), Panel::Dark, size));
            assert_ne!(ten, rgba(Look::Needs(9), Panel::Dark, size));
            assert_eq!(rgba(Look::Needs(0), Panel::Dark, size), rgba(Look::Calm, Panel::Dark, size));
        }
    }

    #[test]
    fn twenty_four_is_twenty_two_with_a_margin() {
        let (small, large) = (rgba(Look::Needs(3), Panel::Light, 22), rgba(Look::Needs(3), Panel::Light, 24));
        for y in 0..24 {
            for x in 0..24 {
                let inside = (1..23).contains(&x) && (1..23).contains(&y);
                let there = pixel(&large, 24, x, y);
                if inside {
                    assert_eq!(there, pixel(&small, 22, x - 1, y - 1), "{x} {y}");
                } else {
                    assert!(there[3] < 64, "{x} {y} is more than the end of the rim: {there:?}");
                }
            }
        }
    }

    #[test]
    fn small_digits_are_whole_pixels_of_two_colours() {
        for (size, left, top, width, height) in [(16, 8, 7, 5, 7), (22, 12, 10, 6, 9)] {
            for n in 1..=9 {
                let image = rgba(Look::Needs(n), Panel::Dark, size);
                let cells = (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
                for (x, y) in cells {
                    let p = pixel(&image, size, x, y);
                    assert!(p == [0x8f, 0xbc, 0xff, 255] || p == [0x0d, 0x1b, 0x30, 255], "{n} at {x} {y}: {p:?}");
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
                    let [a, b] = [y, size - 1 - y].map(|y| on_ground(0x20, &pixel(&image, size, x, y)));
                    // The rasterizer samples rows and columns differently.
                    assert!(a.abs_diff(b) <= 32, "{size}: {x} {y}: {a} and {b}");
                }
            }
        }
    }

    #[test]
    fn alpha_is_straight() {
        let image = rgba(Look::Calm, Panel::Dark, 32);
        let edge = image.chunks(4).find(|p| (40..200).contains(&p[3])).expect("an edge");
        assert!(edge[..3].iter().zip([0x16, 0x19, 0x1d]).all(|(a, b)| a.abs_diff(b) < 6), "{edge:?}");
    }

    #[test]
    fn it_can_be_seen_on_the_other_panel_too() {
        for (panel, ground) in [(Panel::Dark, 0xf5_i32), (Panel::Light, 0x20)] {
            for size in SIZES {
                for look in looks() {
                    let image = rgba(look, panel, size);
                    let left = (0..size).flat_map(|y| (0..size / 2).map(move |x| (x, y)));
                    let seen = left
                        .filter(|&(x, y)| on_ground(ground, &pixel(&image, size, x, y)).abs_diff(ground) > 100)
                        .count();
                    assert!(seen >= size as usize / 2, "{look:?} {panel:?} {size}: {seen} pixels of the prompt");
                }
            }
        }
    }

    #[test]
    fn every_stroke_can_be_read() {
        assert!(STROKES.iter().chain([&PLUS]).all(|s| outline(s).is_some()));
        assert!(outline("M 1").is_none() && outline("Q 1 2").is_none());
    }
}
