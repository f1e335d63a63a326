//! The scenes in the images.

use crate::canvas::{Canvas, Colour, hash, mix, noise, shade};

const SKY: Colour = [0.36, 0.55, 0.80];
const HAZE: Colour = [0.93, 0.83, 0.70];

/// A town with towers by a river, towards evening; each seed draws another town.
pub fn city(width: u32, height: u32, seed: u32) -> Canvas {
    let aspect = width as f32 / height as f32;
    Canvas::paint(width, height, |x, y| {
        let grain = (hash((x * 4000.0) as i32, (y * 4000.0) as i32, 7) - 0.5) * 0.035;
        let shore = 0.68;
        // The river mirrors the town above the shore, with ripples.
        let in_water = y > shore;
        let ripple = (noise(x * 40.0 * aspect, y * 160.0, 3, 21) - 0.5) * 0.03;
        let (sx, sy) = if in_water {
            (x + ripple, 2.0 * shore - y + ripple)
        } else {
            (x, y)
        };
        let clouds = noise(sx * 5.0 * aspect, sy * 9.0, 5, 3 + seed);
        let mut colour = mix(SKY, HAZE, sy / shore);
        colour = mix(colour, [1.0, 0.96, 0.92], (clouds - 0.52) * 2.6);
        for layer in 0..3 {
            let depth = layer as f32;
            let column = (sx * aspect * (9.0 + depth * 4.0)).floor() as i32;
            let inside = (sx * aspect * (9.0 + depth * 4.0)).fract();
            let tall = hash(column, layer, 11 + seed);
            let mut top = shore - 0.06 - 0.20 * tall + 0.05 * depth;
            // A spire on some of the houses.
            if tall > 0.7 {
                top -= (0.5 - (inside - 0.5).abs()).max(0.0) * 0.30;
            }
            if sy > top && sy < shore {
                let wall = mix(
                    [0.80, 0.66, 0.48],
                    [0.55, 0.36, 0.30],
                    hash(column, layer, 5),
                );
                let texture = noise(sx * 260.0 * aspect, sy * 260.0, 3, 40 + layer as u32);
                let lit = hash((inside * 7.0) as i32 + column * 31, (sy * 70.0) as i32, 13) > 0.72;
                let window = (inside * 7.0).fract() > 0.35 && (sy * 70.0).fract() > 0.45;
                colour = shade(wall, 0.45 + 0.3 * texture + 0.1 * depth);
                if window && lit {
                    colour = [0.98, 0.86, 0.52];
                }
                colour = mix(colour, HAZE, 0.45 - 0.2 * depth);
            }
        }
        if in_water {
            colour = mix(shade(colour, 0.72), [0.12, 0.20, 0.26], (y - shore) * 1.4);
        }
        colour.map(|channel| channel + grain)
    })
}

/// Wooded hills under clouds.
pub fn hills(width: u32, height: u32) -> Canvas {
    let aspect = width as f32 / height as f32;
    Canvas::paint(width, height, |x, y| {
        let grain = (hash((x * 6000.0) as i32, (y * 6000.0) as i32, 9) - 0.5) * 0.03;
        let clouds = noise(x * 4.0 * aspect, y * 8.0, 6, 2);
        let mut colour = mix(
            mix(SKY, HAZE, y * 1.6),
            [1.0, 0.98, 0.95],
            (clouds - 0.45) * 2.2,
        );
        for ridge in 0..5u32 {
            let depth = ridge as f32 / 4.0;
            let line = 0.38 + 0.13 * ridge as f32
                - 0.16 * noise(x * (2.0 + depth * 3.0), depth * 9.0, 4, 60 + ridge);
            if y > line {
                let trees = noise(
                    x * 180.0 * aspect * (0.5 + depth),
                    y * 180.0 * (0.5 + depth),
                    4,
                    80 + ridge,
                );
                let green = mix([0.30, 0.42, 0.24], [0.16, 0.30, 0.12], trees * 1.6);
                colour = mix(HAZE, shade(green, 0.55 + 0.9 * trees), 0.35 + 0.65 * depth);
            }
        }
        colour.map(|channel| channel + grain)
    })
}

/// An invented face in front of a wall.
pub fn portrait(width: u32, height: u32) -> Canvas {
    let aspect = height as f32 / width as f32;
    Canvas::paint(width, height, |x, y| {
        let grain = (hash((x * 3000.0) as i32, (y * 3000.0) as i32, 4) - 0.5) * 0.03;
        let wall = noise(x * 30.0, y * 30.0 * aspect, 5, 17);
        let mut colour = mix(
            [0.35, 0.42, 0.45],
            [0.62, 0.66, 0.64],
            wall * 0.7 + (1.0 - y) * 0.4,
        );
        let distance = |cx: f32, cy: f32, rx: f32, ry: f32| ((x - cx) / rx).hypot((y - cy) / ry);
        if distance(0.5, 1.02, 0.42, 0.34) < 1.0 {
            let cloth = noise(x * 160.0, y * 160.0, 3, 29);
            colour = shade([0.16, 0.24, 0.42], 0.8 + 0.5 * cloth);
        }
        if distance(0.5, 0.40, 0.25, 0.27) < 1.0 {
            colour = shade(
                [0.26, 0.17, 0.11],
                0.7 + 0.8 * noise(x * 220.0, y * 30.0, 3, 33),
            );
        }
        let face = distance(0.5, 0.45, 0.19, 0.23);
        if face < 1.0 {
            let skin = mix(
                [0.95, 0.78, 0.66],
                [0.74, 0.52, 0.42],
                face * 0.8 + (x - 0.42),
            );
            colour = shade(skin, 0.95 + 0.08 * noise(x * 300.0, y * 300.0, 3, 35));
        }
        for eye in [0.43, 0.57] {
            if distance(eye, 0.42, 0.026, 0.013) < 1.0 {
                colour = if distance(eye, 0.42, 0.011, 0.012) < 1.0 {
                    [0.12, 0.18, 0.2]
                } else {
                    [0.96, 0.96, 0.94]
                };
            }
        }
        if distance(0.5, 0.555, 0.055, 0.013) < 1.0 {
            colour = [0.70, 0.34, 0.32];
        }
        colour.map(|channel| channel + grain)
    })
}

/// Lines of squares instead of words.
fn words(canvas: &mut Canvas, x: u32, y: u32, width: u32, size: u32, colour: Colour, seed: u32) {
    let mut at = x;
    let mut letter = 0;
    while at + size < x + width {
        let is_space = hash(letter, y as i32, seed) < 0.17;
        if !is_space {
            for row in 0..size {
                for column in 0..size * 2 / 3 {
                    if hash(
                        letter * 31 + column as i32 / 2,
                        row as i32 / 2 + y as i32,
                        seed,
                    ) > 0.5
                    {
                        canvas.rectangle(at + column, y + row, 1, 1, colour);
                    }
                }
            }
        }
        at += size * 5 / 6;
        letter += 1;
    }
}

/// A dashboard in a browser window.
pub fn screenshot(width: u32, height: u32) -> Canvas {
    let mut canvas = Canvas::paint(width, height, |_, _| [0.965, 0.965, 0.975]);
    let ink = [0.16, 0.16, 0.2];
    canvas.rectangle(0, 0, width, 64, [0.0, 0.0, 0.57]);
    words(&mut canvas, 32, 22, 300, 20, [1.0, 1.0, 1.0], 1);
    canvas.rectangle(0, 64, 240, height - 64, [1.0, 1.0, 1.0]);
    for entry in 0..10 {
        words(&mut canvas, 32, 104 + entry * 44, 170, 13, ink, 2 + entry);
    }
    for card in 0..3 {
        let x = 272 + card * 384;
        canvas.rectangle(x, 96, 352, 160, [1.0, 1.0, 1.0]);
        canvas.rectangle(
            x,
            96,
            352,
            4,
            [[0.0, 0.0, 0.57], [0.88, 0.0, 0.06], [0.1, 0.46, 0.29]][card as usize],
        );
        words(
            &mut canvas,
            x + 24,
            124,
            200,
            13,
            [0.4, 0.4, 0.4],
            30 + card,
        );
        words(&mut canvas, x + 24, 160, 240, 40, ink, 40 + card);
    }
    canvas.rectangle(272, 288, width - 304, height - 320, [1.0, 1.0, 1.0]);
    for row in 0..13 {
        let y = 312 + row * 42;
        if row % 2 == 1 {
            canvas.rectangle(272, y - 12, width - 304, 42, [0.94, 0.95, 0.98]);
        }
        for column in 0..4 {
            words(
                &mut canvas,
                304 + column * 270,
                y,
                190,
                13,
                ink,
                60 + row * 4 + column,
            );
        }
    }
    canvas
}

/// A chart of bars and a line.
pub fn chart(width: u32, height: u32) -> Canvas {
    let mut canvas = Canvas::paint(width, height, |_, _| [1.0, 1.0, 1.0]);
    let floor = height - 90;
    for line in 0..6 {
        canvas.rectangle(90, floor - line * 100, width - 130, 1, [0.82, 0.82, 0.85]);
        words(
            &mut canvas,
            30,
            floor - line * 100 - 8,
            50,
            13,
            [0.3, 0.3, 0.3],
            line,
        );
    }
    let mut before = None;
    for month in 0..12 {
        let x = 110 + month * 88;
        let visits = (120.0 + 330.0 * hash(month as i32, 0, 3)) as u32;
        canvas.rectangle(x, floor - visits, 52, visits, [0.2, 0.35, 0.72]);
        words(
            &mut canvas,
            x,
            floor + 20,
            52,
            13,
            [0.3, 0.3, 0.3],
            20 + month,
        );
        let point = (
            x as f32 + 26.0,
            floor as f32 - 180.0 - 190.0 * hash(month as i32, 1, 3),
        );
        if let Some(before) = before {
            canvas.line(before, point, 3, [0.88, 0.32, 0.1]);
        }
        before = Some(point);
    }
    canvas.rectangle(90, floor, width - 130, 2, [0.2, 0.2, 0.2]);
    words(&mut canvas, 90, 26, 420, 22, [0.1, 0.1, 0.1], 90);
    canvas
}

/// Three discs that shine through one another.
pub fn logo(side: u32) -> Canvas {
    let mut canvas = Canvas::clear(side, side);
    let size = side as f32;
    canvas.disc(
        (size * 0.38, size * 0.40),
        size * 0.28,
        [0.0, 0.0, 0.57],
        0.85,
    );
    canvas.disc(
        (size * 0.62, size * 0.40),
        size * 0.28,
        [0.88, 0.0, 0.06],
        0.65,
    );
    canvas.disc(
        (size * 0.50, size * 0.62),
        size * 0.28,
        [0.98, 0.78, 0.1],
        0.55,
    );
    canvas
}

/// A map of streets.
pub const MAP: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 320" width="480" height="320">
  <rect width="480" height="320" fill="#f4f1ea"/>
  <path d="M0 220 C120 180 200 280 480 200 V260 C300 330 160 230 0 280 Z" fill="#a9cfe8"/>
  <g stroke="#fff" stroke-width="10" fill="none">
    <path d="M40 0 L90 320"/><path d="M0 90 L480 60"/><path d="M250 0 L300 320"/><path d="M0 160 L480 150"/>
  </g>
  <circle cx="268" cy="108" r="9" fill="#e1000f"/>
</svg>
"##;
