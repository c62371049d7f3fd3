//! Latencies as a picture: what share of them was how long, both on scales that show the few slow ones.

use std::fmt::Write;

use super::plot::{MARGIN, WIDTH, document};
use super::tally::{Tally, number};

const HEIGHT: f64 = 420.0;
/// What is measured,
const COLOURS: [&str; 6] = ["#3060b0", "#b07030", "#308050", "#a03060", "#6050a0", "#208090"];
/// and what it is measured beside.
const GREYS: [&str; 3] = ["#999999", "#bbbbbb", "#777777"];
/// From none to all but one in ten thousand.
const NINES: f64 = 4.0;

/// One line for each tally.
pub fn latencies(title: &str, lines: &[(&str, &Tally)]) -> String {
    let ends = lines.iter().flat_map(|(_, tally)| [tally.at(0.0), tally.at(1.0 - 0.1_f64.powf(NINES))]);
    let (least, most) = ends.fold((f64::MAX, f64::MIN_POSITIVE), |(least, most), at| (least.min(at), most.max(at)));
    let (least, most) = (least.max(1e-3).log10().floor(), most.log10().ceil());
    let height = |ms: f64| MARGIN + HEIGHT * (most - ms.max(1e-3).log10()) / (most - least).max(1.0);
    let mut body = grid(least, most, height);
    let (mut colours, mut greys) = (COLOURS.iter().cycle(), GREYS.iter().cycle());
    for (place, (name, tally)) in lines.iter().enumerate() {
        let mut of = |floor: bool| if floor { greys.next() } else { colours.next() };
        let colour = of(name.starts_with("bare socket")).unwrap_or(&"black");
        let mut points = String::new();
        for step in 0..=200 {
            let nines = NINES * f64::from(step) / 200.0;
            let y = height(tally.at(1.0 - 0.1_f64.powf(nines)));
            // Writing to a string cannot fail.
            let _ = write!(points, "{:.1},{y:.1} ", MARGIN + WIDTH * nines / NINES);
        }
        let _ = write!(
            body,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"{colour}\">{name}</text>",
            MARGIN + 8.0,
            MARGIN + 18.0 + 16.0 * place as f64
        );
    }
    document(title, WIDTH + 2.0 * MARGIN, HEIGHT + 2.0 * MARGIN, &body)
}

/// A line for each ten times, and for each nine.
fn grid(least: f64, most: f64, height: impl Fn(f64) -> f64) -> String {
    let mut grid = String::new();
    for power in least as i32..=most as i32 {
        let (ms, right) = (10_f64.powi(power), MARGIN + WIDTH);
        let y = height(ms);
        let _ = write!(
            grid,
            "<path d=\"M{MARGIN} {y:.1}H{right}\" stroke=\"#ddd\"/><text x=\"4\" y=\"{:.1}\">{} ms</text>",
            y + 4.0,
            number(ms)
        );
    }
    for (nines, label) in ["0 %", "90 %", "99 %", "99.9 %", "99.99 %"].iter().enumerate() {
        let (x, bottom) = (MARGIN + WIDTH * nines as f64 / NINES, MARGIN + HEIGHT);
        let _ = write!(
            grid,
            "<path d=\"M{x:.1} {MARGIN}V{bottom}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{}\">{label}</text>",
            x - 16.0,
            bottom + 18.0
        );
    }
    grid
}
