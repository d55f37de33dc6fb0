//! Pictures for the demo's photos: plain drawn scenes, before and after the work. No photograph, no person, no place.

use super::dice::Dice;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const ROAD: [u8; 3] = [112, 114, 118];
const DARK: [u8; 3] = [34, 34, 38];

/// A canvas with a few brushes.
struct Canvas {
    picture: RgbImage,
    dice: Dice,
}

/// Middle and half axes of an ellipse, pixels.
#[derive(Clone, Copy)]
struct Oval(f32, f32, f32, f32);

/// Left, top, right, bottom, pixels.
#[derive(Clone, Copy)]
struct Panel(f32, f32, f32, f32);

impl Canvas {
    /// Sky over ground.
    fn new(dice: Dice, is_night: bool) -> Self {
        let (top, low) = if is_night {
            ([18, 24, 48], [44, 52, 80])
        } else {
            ([148, 190, 224], [224, 234, 240])
        };
        let rows: Vec<[u8; 3]> = (0..HEIGHT).map(|y| mix(top, low, y, HEIGHT)).collect();
        let mut picture = RgbImage::new(WIDTH, HEIGHT);
        for (row, colour) in picture.rows_mut().zip(rows) {
            row.for_each(|pixel| *pixel = Rgb(colour));
        }
        Self { picture, dice }
    }

    /// Paints every pixel for which `inside` holds, with a little grain.
    fn paint(&mut self, colour: [u8; 3], inside: impl Fn(f32, f32) -> bool) {
        for (x, y, pixel) in self.picture.enumerate_pixels_mut() {
            #[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
            if inside(x as f32, y as f32) {
                let grain = i16::try_from(self.dice.below(11)).unwrap_or(5) - 5;
                *pixel =
                    Rgb(colour
                        .map(|part| u8::try_from((i16::from(part) + grain).clamp(0, 255)).unwrap_or(part)));
            }
        }
    }

    fn oval(&mut self, colour: [u8; 3], Oval(cx, cy, rx, ry): Oval) {
        self.paint(colour, |x, y| {
            ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0
        });
    }

    fn panel(&mut self, colour: [u8; 3], Panel(left, top, right, low): Panel) {
        self.paint(colour, |x, y| x >= left && x < right && y >= top && y < low);
    }

    /// A road that runs to the horizon, with its middle line.
    fn road(&mut self, is_night: bool) {
        let (verge, tar, line) = if is_night {
            ([38, 52, 40], [50, 52, 58], [120, 120, 110])
        } else {
            ([122, 158, 96], ROAD, [232, 228, 210])
        };
        self.panel(verge, Panel(0.0, 230.0, 640.0, 480.0));
        self.paint(tar, |x, y| {
            y > 230.0 && (x - 320.0).abs() < 40.0 + (y - 230.0) * 1.05
        });
        self.paint(line, |x, y| {
            y > 236.0 && (x - 320.0).abs() < 1.0 + (y - 230.0) * 0.02 && (y * 0.045).fract() < 0.55
        });
    }

    fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 82).encode_image(&self.picture)?;
        Ok(bytes)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "colours of a small picture"
)]
fn mix(from: [u8; 3], to: [u8; 3], step: u32, steps: u32) -> [u8; 3] {
    let share = step as f32 / steps.max(1) as f32;
    let mut mixed = [0; 3];
    for ((mixed, from), to) in mixed.iter_mut().zip(from).zip(to) {
        *mixed = (f32::from(from) + (f32::from(to) - f32::from(from)) * share) as u8;
    }
    mixed
}

/// Every scene that can be drawn.
pub(crate) const SCENES: [&str; 11] = [
    "hole", "manhole", "lamp", "rubbish", "water", "tree", "wall", "wire", "lane", "site", "smoke",
];

/// The picture of a scene as a JPEG.
pub(crate) fn draw(dice: &Dice, scene: &str, is_after: bool) -> anyhow::Result<Vec<u8>> {
    let is_night = scene == "lamp";
    let mut canvas = Canvas::new(dice.fork(scene), is_night);
    match scene {
        "wall" => wall(&mut canvas, is_after),
        "site" => site(&mut canvas, is_after),
        "lamp" => lamp(&mut canvas, is_after),
        "water" => water(&mut canvas, is_after),
        "tree" => tree(&mut canvas, is_after),
        "wire" => wire(&mut canvas, is_after),
        "rubbish" => rubbish(&mut canvas, is_after),
        "lane" => lane(&mut canvas, is_after),
        "smoke" => smoke(&mut canvas, is_after),
        other => hole(&mut canvas, other == "manhole", is_after),
    }
    canvas.bytes()
}

fn hole(canvas: &mut Canvas, is_manhole: bool, is_after: bool) {
    canvas.road(false);
    match (is_manhole, is_after) {
        (false, false) => {
            canvas.oval([84, 82, 80], Oval(372.0, 372.0, 104.0, 40.0));
            canvas.oval(DARK, Oval(380.0, 376.0, 82.0, 28.0));
        }
        (false, true) => canvas.panel([78, 80, 84], Panel(262.0, 332.0, 486.0, 416.0)),
        (true, false) => {
            canvas.oval([150, 146, 138], Oval(330.0, 368.0, 92.0, 36.0));
            canvas.oval([14, 14, 16], Oval(330.0, 370.0, 76.0, 28.0));
            canvas.oval([92, 92, 96], Oval(470.0, 404.0, 76.0, 24.0));
        }
        (true, true) => {
            canvas.oval([150, 146, 138], Oval(330.0, 368.0, 92.0, 36.0));
            canvas.oval([88, 90, 94], Oval(330.0, 368.0, 78.0, 30.0));
            canvas.paint([70, 72, 76], |x, y| {
                ((x - 330.0) / 70.0).powi(2) + ((y - 368.0) / 26.0).powi(2) < 1.0 && (x * 0.06).fract() < 0.3
            });
        }
    }
}

fn lamp(canvas: &mut Canvas, is_after: bool) {
    canvas.road(true);
    if is_after {
        canvas.paint([255, 232, 160], |x, y| {
            y > 118.0 && (x - 470.0).abs() < (y - 118.0) * 0.42 && y < 340.0
        });
        canvas.oval([196, 176, 120], Oval(452.0, 356.0, 150.0, 34.0));
    }
    canvas.panel([86, 90, 98], Panel(536.0, 96.0, 546.0, 380.0));
    canvas.panel([86, 90, 98], Panel(462.0, 92.0, 546.0, 100.0));
    canvas.oval(
        if is_after { [255, 248, 214] } else { [60, 62, 68] },
        Oval(468.0, 106.0, 24.0, 10.0),
    );
}

fn rubbish(canvas: &mut Canvas, is_after: bool) {
    canvas.panel([196, 188, 172], Panel(0.0, 120.0, 640.0, 330.0));
    canvas.panel([150, 148, 144], Panel(0.0, 330.0, 640.0, 480.0));
    for (index, colour) in [[52, 110, 70], [60, 96, 150], [120, 120, 124], [170, 60, 52]]
        .into_iter()
        .enumerate()
    {
        let left = 150.0 + 92.0 * f32::from(u8::try_from(index).unwrap_or(0));
        canvas.panel(colour, Panel(left, 212.0, left + 76.0, 352.0));
        canvas.panel([40, 42, 46], Panel(left - 4.0, 200.0, left + 80.0, 214.0));
    }
    if !is_after {
        let bags = [
            (150.0, 380.0),
            (232.0, 396.0),
            (322.0, 386.0),
            (402.0, 398.0),
            (476.0, 384.0),
            (270.0, 366.0),
            (440.0, 366.0),
        ];
        for (index, (x, y)) in bags.into_iter().enumerate() {
            let colour = if index % 2 == 0 {
                [44, 44, 50]
            } else {
                [222, 218, 206]
            };
            canvas.oval(colour, Oval(x, y, 50.0, 32.0));
        }
    }
}

fn water(canvas: &mut Canvas, is_after: bool) {
    canvas.road(false);
    if !is_after {
        canvas.paint([98, 118, 122], |x, y| y > 296.0 + 8.0 * (x * 0.02).sin());
        canvas.paint([142, 160, 164], |x, y| {
            y > 312.0 && ((y * 0.09 + (x * 0.018).sin()).fract() < 0.12)
        });
    }
    canvas.panel([206, 66, 50], Panel(90.0, 250.0, 118.0, 336.0));
    canvas.panel([240, 240, 236], Panel(90.0, 274.0, 118.0, 292.0));
}

fn tree(canvas: &mut Canvas, is_after: bool) {
    canvas.road(false);
    let lean = if is_after { 0.0 } else { 0.62 };
    canvas.paint([96, 70, 48], |x, y| {
        y > 120.0 && y < 372.0 && (x - 500.0 + (372.0 - y) * lean).abs() < 13.0
    });
    let top = 500.0 - 220.0 * lean;
    for (x, y, r) in [(0.0, 120.0, 88.0), (-60.0, 168.0, 60.0), (62.0, 166.0, 64.0)] {
        canvas.oval([64, 120, 62], Oval(top + x, y, r, r * 0.82));
    }
    if is_after {
        canvas.paint([150, 112, 74], |x, y| {
            y > 250.0 && y < 372.0 && ((x - 500.0).abs() - (y - 250.0) * 0.5).abs() < 5.0
        });
    }
}

fn wall(canvas: &mut Canvas, is_after: bool) {
    canvas.panel([206, 194, 170], Panel(0.0, 0.0, 640.0, 400.0));
    canvas.paint([188, 176, 152], |x, y| {
        y < 400.0 && ((y * 0.04).fract() < 0.08 || ((x + (y * 0.04).floor() * 31.0) * 0.016).fract() < 0.04)
    });
    canvas.panel([150, 148, 144], Panel(0.0, 400.0, 640.0, 480.0));
    for left in [70.0, 430.0] {
        canvas.panel([92, 116, 138], Panel(left, 96.0, left + 130.0, 236.0));
    }
    if !is_after {
        canvas.paint([58, 52, 46], |x, y| {
            y < 392.0
                && (x - 306.0 - 26.0 * (y * 0.021).sin() - 9.0 * (y * 0.083).sin()).abs() < 3.0 + y * 0.009
        });
    }
}

fn wire(canvas: &mut Canvas, is_after: bool) {
    canvas.road(false);
    for left in [96.0, 548.0] {
        canvas.panel([120, 112, 104], Panel(left, 60.0, left + 14.0, 360.0));
    }
    let sag = if is_after { 26.0 } else { 236.0 };
    for (top, own) in [(84.0, 20.0), (98.0, sag)] {
        canvas.paint(DARK, |x, y| {
            let share = (x - 103.0) / 452.0;
            (0.0..=1.0).contains(&share) && (y - top - own * 4.0 * share * (1.0 - share)).abs() < 2.4
        });
    }
}

fn lane(canvas: &mut Canvas, is_after: bool) {
    canvas.panel([182, 178, 170], Panel(0.0, 150.0, 640.0, 300.0));
    canvas.panel(ROAD, Panel(0.0, 300.0, 640.0, 480.0));
    canvas.paint([226, 190, 60], |x, y| {
        y > 318.0 && y < 452.0 && ((x + y) * 0.022).fract() < 0.3
    });
    if !is_after {
        for (left, colour) in [
            (40.0, [176, 52, 48]),
            (246.0, [226, 226, 228]),
            (452.0, [58, 84, 130]),
        ] {
            canvas.panel(colour, Panel(left, 320.0, left + 168.0, 396.0));
            canvas.panel(colour, Panel(left + 34.0, 282.0, left + 134.0, 322.0));
            canvas.panel([150, 176, 190], Panel(left + 42.0, 290.0, left + 126.0, 318.0));
            for wheel in [38.0, 130.0] {
                canvas.oval(DARK, Oval(left + wheel, 398.0, 20.0, 20.0));
            }
        }
    }
}

fn site(canvas: &mut Canvas, is_after: bool) {
    canvas.panel([176, 142, 98], Panel(0.0, 300.0, 640.0, 480.0));
    canvas.paint([150, 116, 78], |x, y| {
        y < 380.0 && y > 380.0 - 150.0 * (1.0 - ((x - 330.0) / 240.0).powi(2)).max(0.0)
    });
    if is_after {
        canvas.paint([62, 128, 84], |x, y| {
            y < 386.0
                && y > 374.0 - 150.0 * (1.0 - ((x - 330.0) / 240.0).powi(2)).max(0.0)
                && (x - 330.0).abs() < 236.0
        });
    } else {
        canvas.paint([206, 188, 160], |x, y| {
            y < 250.0 && ((x * 0.011 + y * 0.02).sin() + (x * 0.027).cos()) > 1.1
        });
    }
    canvas.panel([70, 110, 170], Panel(0.0, 396.0, 640.0, 480.0));
    canvas.paint([236, 238, 240], |x, y| y > 396.0 && (x * 0.0125).fract() < 0.03);
}

fn smoke(canvas: &mut Canvas, is_after: bool) {
    canvas.panel([168, 150, 88], Panel(0.0, 280.0, 640.0, 480.0));
    canvas.paint([146, 128, 72], |x, y| {
        y > 290.0 && ((y * 0.05 + x * 0.002).fract() < 0.2)
    });
    canvas.oval([60, 52, 44], Oval(330.0, 380.0, 96.0, 22.0));
    if !is_after {
        canvas.oval([228, 112, 40], Oval(330.0, 366.0, 54.0, 26.0));
        for (x, y, r) in [
            (330.0, 316.0, 52.0),
            (362.0, 240.0, 70.0),
            (410.0, 150.0, 92.0),
            (486.0, 66.0, 112.0),
        ] {
            canvas.oval([172, 172, 176], Oval(x, y, r, r * 0.72));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_changes_when_the_work_is_done_and_is_the_same_every_time() {
        let dice = Dice::new(5);
        for scene in SCENES {
            let before = draw(&dice, scene, false).unwrap();
            assert_eq!(before, draw(&dice, scene, false).unwrap(), "{scene}");
            assert_ne!(before, draw(&dice, scene, true).unwrap(), "{scene}");
            assert!(before.len() < 200_000, "{scene}");
        }
    }
}
