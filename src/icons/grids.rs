//! Where everything is in the tray icon, on three sizes of paper.

pub(super) type Point = (f32, f32);
/// Left, top, width, height.
pub(super) type Box4 = (f32, f32, f32, f32);

/// Where everything is, on one size of paper.
pub(super) struct Grid {
    pub(super) side: f32,
    pub(super) stroke: f32,
    /// The prompt when it has room, and when it made room.
    pub(super) calm: [Point; 3],
    pub(super) need: [Point; 3],
    /// Centre and radius of the resting lamp, and of the badge.
    pub(super) dot: (f32, f32, f32),
    pub(super) badge: (f32, f32, f32),
    pub(super) bars: [Box4; 2],
    /// Middle, top, bottom, width.
    pub(super) triangle: (f32, f32, f32, f32),
    pub(super) bang: [Box4; 2],
    pub(super) digits: Digits,
}

/// How a grid writes numbers.
pub(super) enum Digits {
    /// Rows of 5 × 7 pixels, and `9+` in its own width.
    Bits { tall: bool, nine_plus: &'static str },
    /// Strokes of a pen.
    Smooth,
}

pub(super) const SMALL: Grid = Grid {
    side: 16.0,
    stroke: 2.0,
    calm: [(3.0, 3.0), (8.0, 8.0), (3.0, 13.0)],
    need: [(1.5, 1.5), (5.25, 5.25), (1.5, 9.0)],
    dot: (12.5, 12.5, 2.0),
    badge: (10.5, 10.5, 5.5),
    bars: [(10.0, 9.0, 2.0, 5.0), (13.0, 9.0, 2.0, 5.0)],
    triangle: (10.0, 5.0, 16.0, 12.0),
    bang: [(9.0, 9.0, 2.0, 3.0), (9.0, 13.0, 2.0, 2.0)],
    digits: Digits::Bits { tall: false, nine_plus: ".##.....|#..#.#..|#..####.|.###.#..|...#....|...#....|.##....." },
};

pub(super) const MEDIUM: Grid = Grid {
    side: 22.0,
    stroke: 2.5,
    calm: [(4.5, 4.5), (11.0, 11.0), (4.5, 17.5)],
    need: [(2.0, 2.0), (8.0, 8.0), (2.0, 14.0)],
    dot: (17.0, 17.0, 2.5),
    badge: (15.0, 15.0, 7.0),
    bars: [(14.0, 12.0, 2.0, 7.0), (18.0, 12.0, 2.0, 7.0)],
    triangle: (15.0, 8.1, 21.1, 13.5),
    bang: [(14.0, 13.0, 2.0, 4.0), (14.0, 18.0, 2.0, 2.0)],
    digits: Digits::Bits {
        tall: true,
        nine_plus: ".###......|##.##.....|##.##..#..|##.##.###.|.####..#..|...##.....|...##.....|...##.....|.###......",
    },
};

pub(super) const LARGE: Grid = Grid {
    side: 32.0,
    stroke: 3.5,
    calm: [(6.5, 6.5), (16.0, 16.0), (6.5, 25.5)],
    need: [(3.0, 3.0), (11.5, 11.5), (3.0, 20.0)],
    dot: (25.0, 25.0, 3.5),
    badge: (21.0, 21.0, 10.5),
    bars: [(19.0, 18.0, 4.0, 10.0), (25.0, 18.0, 4.0, 10.0)],
    triangle: (20.5, 10.5, 31.5, 22.0),
    bang: [(19.0, 18.0, 3.0, 6.0), (19.0, 26.0, 3.0, 3.0)],
    digits: Digits::Smooth,
};

/// 1 to 9 in 5 × 7 pixels, stems two wide.
pub(super) const BITS: [&str; 9] = [
    "..##.|.###.|..##.|..##.|..##.|..##.|..##.",
    ".###.|##.##|...##|..##.|.##..|##...|#####",
    "####.|...##|...##|.###.|...##|...##|####.",
    "...##|..###|.####|##.##|#####|...##|...##",
    "#####|##...|####.|...##|...##|##.##|.###.",
    ".###.|##...|##...|####.|##.##|##.##|.###.",
    "#####|...##|...##|..##.|..##.|.##..|.##..",
    ".###.|##.##|##.##|.###.|##.##|##.##|.###.",
    ".###.|##.##|##.##|.####|...##|...##|.###.",
];

/// 1 to 9 as strokes in a box of 10 × 14; commands as in an SVG path, all absolute.
pub(super) const STROKES: [&str; 9] = [
    "M 2.6 3.2 L 5.6 1 L 5.6 13",
    "M 1.5 4.2 C 1.7 2.2 3 1 5 1 C 7 1 8.5 2.2 8.5 4.2 C 8.5 7 3.5 9 1.5 13 L 8.7 13",
    "M 1.7 1 L 8 1 L 4.7 5.6 C 7.1 5.6 8.6 7 8.6 9.2 C 8.6 11.6 7 13 4.8 13 C 3.2 13 2 12.3 1.3 11",
    "M 6.9 13 L 6.9 1 L 1.2 9.6 L 9 9.6",
    "M 8 1 L 2.6 1 L 2 6.6 C 2.8 5.8 3.8 5.4 4.9 5.4 C 7.2 5.4 8.7 6.9 8.7 9.2 C 8.7 11.5 7 13 4.8 13 C 3.2 13 2 12.4 1.3 11.2",
    "M 7.3 1 C 4 2.2 1.5 5 1.5 9 C 1.5 11.5 3 13 5 13 C 7.1 13 8.6 11.5 8.6 9.2 C 8.6 7 7.2 5.6 5.2 5.6 C 3.4 5.6 1.8 7 1.5 9",
    "M 1.3 1 L 8.7 1 L 4 13",
    "M 5 6.6 C 3.3 6.6 2.2 5.4 2.2 3.8 C 2.2 2.2 3.4 1 5 1 C 6.6 1 7.8 2.2 7.8 3.8 C 7.8 5.4 6.7 6.6 5 6.6 C 2.9 6.6 1.4 8 1.4 9.8 C 1.4 11.7 2.9 13 5 13 C 7.1 13 8.6 11.7 8.6 9.8 C 8.6 8 7.1 6.6 5 6.6",
    "M 2.7 13 C 6 11.8 8.5 9 8.5 5 C 8.5 2.5 7 1 5 1 C 2.9 1 1.4 2.5 1.4 4.8 C 1.4 7 2.8 8.4 4.8 8.4 C 6.6 8.4 8.2 7 8.5 5",
];

/// The plus of `9+`, around the middle of the badge.
pub(super) const PLUS: &str = "M 2 0 L 7.6 0 M 4.8 -2.8 L 4.8 2.8";

/// 5 × 7 → 6 × 9: the middle column and two of the rows stand twice.
pub(super) fn taller(bits: &str) -> Vec<String> {
    let rows: Vec<&str> = bits.split('|').collect();
    [0, 1, 1, 2, 3, 4, 5, 5, 6]
        .into_iter()
        .filter_map(|r| rows.get(r))
        .map(|row| format!("{}{}", &row[..3], &row[2..]))
        .collect()
}
