//! Samples as CSV, and as a picture.

use std::fmt::Write;

use super::tally::number;
use super::watch::Sample;

/// Of a frame,
pub const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 220.0;
/// and around it.
pub const MARGIN: f64 = 50.0;

/// One line per second.
pub fn csv(samples: &[Sample]) -> String {
    let mut text = "seconds,rss_mib,pss_mib,cpu_percent,events\n".to_owned();
    for Sample { at, rss, pss, cpu, events } in samples {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{at:.1},{rss:.2},{pss:.2},{cpu:.1},{events}");
    }
    text
}

/// A line of a plot: its name, its colour, its values from left to right.
pub type Line<'a> = (&'a str, &'a str, Vec<f64>);

/// Memory above, processor below.
pub fn svg(title: &str, samples: &[Sample]) -> String {
    let memory = [
        ("RSS", "#b07030", samples.iter().map(|sample| sample.rss).collect()),
        ("PSS", "#3060b0", samples.iter().map(|sample| sample.pss).collect()),
    ];
    let cpu = [("CPU", "#308050", samples.iter().map(|sample| sample.cpu).collect())];
    let end = samples.last().map_or(0.0, |sample| sample.at);
    panels(title, &format!("{end:.0} s"), &[("MiB", &memory), ("% of a core", &cpu)])
}

/// Frames below each other: the unit of each, and its lines. `end` is where all of them end.
pub fn panels(title: &str, end: &str, panels: &[(&str, &[Line])]) -> String {
    let place = |number: usize| MARGIN + (HEIGHT + MARGIN) * number as f64;
    let body: String =
        panels.iter().enumerate().map(|(number, (unit, lines))| panel(place(number), unit, end, lines)).collect();
    document(title, WIDTH + 2.0 * MARGIN, place(panels.len()), &body)
}

/// What is around a drawing.
pub fn document(title: &str, width: f64, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"12\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\
         <text x=\"{MARGIN}\" y=\"22\" font-size=\"15\">{title}</text>{body}</svg>\n"
    )
}

/// Lines in one frame, from zero up.
fn panel(top: f64, unit: &str, end: &str, lines: &[Line]) -> String {
    let most =
        lines.iter().flat_map(|(_, _, values)| values).fold(f64::MIN_POSITIVE, |most, value| most.max(*value)) * 1.1;
    let bottom = top + HEIGHT;
    let mut panel = format!(
        "<rect x=\"{MARGIN}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#aaa\"/>\
         <text x=\"4\" y=\"{}\">{}</text><text x=\"4\" y=\"{bottom}\">0 {unit}</text>\
         <text x=\"{}\" y=\"{}\">{end}</text>",
        top + 12.0,
        number(most),
        WIDTH,
        bottom + 16.0,
    );
    for (number, (name, colour, values)) in lines.iter().enumerate() {
        let step = WIDTH / (values.len().max(2) - 1) as f64;
        let mut points = String::new();
        for (at, value) in values.iter().enumerate() {
            let _ = write!(points, "{:.1},{:.1} ", MARGIN + at as f64 * step, bottom - value / most * HEIGHT);
        }
        let label = MARGIN + 8.0 + 90.0 * number as f64;
        let _ = write!(
            panel,
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\"/>\
             <text x=\"{label}\" y=\"{}\" fill=\"{colour}\">{name}</text>",
            top + 16.0
        );
    }
    panel
}
