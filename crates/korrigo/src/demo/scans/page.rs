//! One sheet of a copy, from the ruling to the scanner.

use super::answers::{FIRST_NAMES, SENTENCES, SURNAMES, TITLE};
use super::canvas::{Canvas, Ink, Point};
use super::number::{coordinate, pixel};
use super::pen::{Pen, width};
use super::picture::Picture;
use super::random::Random;

/// A4, in millimetres.
const WIDTH: f32 = 210.0;
const HEIGHT: f32 = 297.0;
/// Where the ruling begins, in millimetres.
const TOP: f32 = 46.0;
const MARGIN: f32 = 36.0;

const PRINT: Ink = [0.1, 0.1, 0.12];
const INKS: [Ink; 3] = [[0.12, 0.2, 0.55], [0.1, 0.1, 0.16], [0.18, 0.3, 0.66]];

/// A sheet on the table.
pub(super) struct Sheet {
    canvas: Canvas,
    random: Random,
    /// Pixels per millimetre.
    scale: f32,
    /// How far it lies askew.
    tilt: f32,
    hand: Pen,
    print: Pen,
}

impl Sheet {
    pub(super) fn new(dpi: u16, copy: u64, index: u32) -> Self {
        let scale = f32::from(dpi) / 25.4;
        // The hand belongs to the copy, the rest to the page.
        let mut writer = Random::new(copy);
        let ink = INKS.get(pixel(writer.unit() * 3.0)).copied().unwrap_or(PRINT);
        let hand = Pen {
            step: scale * writer.between(0.42, 0.52),
            thickness: scale * writer.between(0.36, 0.5),
            ink,
            slant: writer.between(-0.05, 0.3),
            unsteady: writer.between(0.5, 0.9),
        };
        let mut random = Random::new(
            copy.wrapping_mul(1000)
                .wrapping_add(u64::from(index))
                .wrapping_add(7),
        );
        let tilt = random.between(-0.006, 0.006);
        let canvas = Canvas::new(pixel(WIDTH * scale + 0.5), pixel(HEIGHT * scale + 0.5));
        let print = Pen {
            step: scale * 0.36,
            thickness: scale * 0.32,
            ink: PRINT,
            slant: 0.0,
            unsteady: 0.0,
        };
        Self {
            canvas,
            random,
            scale,
            tilt,
            hand,
            print,
        }
    }

    /// Fills the sheet: `index` from 0, `count` pages in all.
    pub(super) fn fill(mut self, copy: u64, index: u32, count: u32) -> Self {
        self.ruling();
        self.header(copy, index, count);
        self.answers(index);
        self
    }

    /// Puts the sheet through the scanner.
    pub(super) fn scan(mut self) -> Picture {
        let side = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        let (width, height) = (side(self.canvas.width), side(self.canvas.height));
        Picture {
            width,
            height,
            colour: true,
            pixels: self.canvas.scanned(&mut self.random),
        }
    }

    /// Seyès ruling: a strong line every 8 mm, three thin ones between, and a red margin.
    fn ruling(&mut self) {
        let mut y = TOP;
        let mut line = 0_u32;
        while y < HEIGHT - 12.0 {
            let (thickness, ink) = if line.is_multiple_of(4) {
                (0.2, [0.72, 0.68, 0.86])
            } else {
                (0.12, [0.84, 0.88, 0.96])
            };
            self.line((4.0, y), (WIDTH - 3.0, y), thickness, ink);
            y += 2.0;
            line += 1;
        }
        let mut x = MARGIN + 8.0;
        while x < WIDTH - 3.0 {
            self.line((x, TOP), (x, HEIGHT - 12.0), 0.12, [0.86, 0.86, 0.95]);
            x += 8.0;
        }
        self.line((MARGIN, 2.0), (MARGIN, HEIGHT - 2.0), 0.3, [0.93, 0.55, 0.6]);
    }

    fn header(&mut self, copy: u64, index: u32, count: u32) {
        let (left, right, top, bottom) = (10.0, WIDTH - 10.0, 9.0, 38.0);
        let corners = [
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
        ];
        for pair in corners.windows(2) {
            if let [from, to] = pair {
                self.line(*from, *to, 0.4, PRINT);
            }
        }
        self.printed((14.0, 16.0), TITLE);
        self.printed((158.0, 16.0), &format!("Copie {:05}", copy % 100_000));
        self.printed((170.0, 34.0), &format!("Page {} / {count}", index + 1));
        if index > 0 {
            return;
        }
        self.printed((14.0, 26.0), "Nom : ____________________");
        self.printed((14.0, 34.0), "Prénom : _________________");
        let mut writer = Random::new(copy);
        let (surname, first_name) = (writer.pick(SURNAMES), writer.pick(FIRST_NAMES));
        self.written((32.0, 25.5), surname);
        self.written((38.0, 33.5), first_name);
    }

    fn answers(&mut self, index: u32) {
        let mut y = TOP + 16.0;
        let mut question = index * 4 + 1;
        let mut text = pixel(self.random.between(0.0, coordinate(SENTENCES.len())));
        while y < HEIGHT - 30.0 {
            self.written((14.0, y), &format!("{question})"));
            question += 1;
            for _ in 0..pixel(self.random.between(3.0, 7.0)) {
                if y < HEIGHT - 20.0 {
                    // Steps that share no factor with the number of sentences come by all of them.
                    text = (text + 7) % SENTENCES.len();
                    self.answer(y, SENTENCES.get(text).copied().unwrap_or_default());
                    y += 8.0;
                }
            }
            if y < HEIGHT - 75.0 && self.random.chance(0.3) {
                let x = self.random.between(70.0, 130.0);
                self.figure((x, y + 28.0));
                y += 56.0;
            }
            y += 8.0;
        }
    }

    fn answer(&mut self, y: f32, text: &str) {
        let left = MARGIN + 4.0 + self.random.between(0.0, 6.0);
        let end = self.written((left, y), text) / self.scale;
        if self.random.chance(0.08) {
            let from = left + (end - left) * self.random.between(0.3, 0.6);
            let to = (from + width("mot raturé", self.hand.step) / self.scale).min(end);
            self.line((from, y - 1.2), (to, y - 2.2), 0.5, self.hand.ink);
            self.line((from, y - 2.0), (to, y - 1.0), 0.5, self.hand.ink);
        }
    }

    fn figure(&mut self, at: (f32, f32)) {
        if self.random.chance(0.5) {
            self.parabola(at);
        } else {
            self.triangle(at);
        }
    }

    fn parabola(&mut self, (x, y): (f32, f32)) {
        let ink = self.hand.ink;
        self.line((x - 30.0, y + 12.0), (x + 30.0, y + 12.0), 0.35, ink);
        self.line((x, y + 22.0), (x, y - 22.0), 0.35, ink);
        let height = self.random.between(0.02, 0.04);
        let at = |step: f32| (x + step, y + 18.0 - height * step * step);
        let mut step = -26.0;
        while step < 26.0 {
            self.line(at(step), at(step + 2.0), 0.5, ink);
            step += 2.0;
        }
        self.written((x + 28.0, y + 17.0), "x");
        self.written((x + 3.0, y - 18.0), "y");
    }

    /// A right triangle, with the mark of its right angle.
    fn triangle(&mut self, (x, y): (f32, f32)) {
        let ink = self.hand.ink;
        let (top, corner, end) = ((x - 24.0, y - 16.0), (x - 24.0, y + 16.0), (x + 24.0, y + 16.0));
        for (from, to) in [(top, corner), (corner, end), (end, top)] {
            self.line(from, to, 0.5, ink);
        }
        self.line((x - 24.0, y + 12.0), (x - 20.0, y + 12.0), 0.35, ink);
        self.line((x - 20.0, y + 12.0), (x - 20.0, y + 16.0), 0.35, ink);
        self.written((x - 31.0, y - 15.0), "A");
        self.written((x - 31.0, y + 20.0), "B");
        self.written((x + 27.0, y + 20.0), "C");
    }

    /// Writes by hand and returns where the text ends, in pixels.
    fn written(&mut self, at: (f32, f32), text: &str) -> f32 {
        let at = self.place(at);
        self.hand.write(&mut self.canvas, at, text, &mut self.random)
    }

    fn printed(&mut self, at: (f32, f32), text: &str) {
        let at = self.place(at);
        self.print.write(&mut self.canvas, at, text, &mut self.random);
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), thickness: f32, ink: Ink) {
        let (from, to) = (self.place(from), self.place(to));
        self.canvas.line(from, to, thickness * self.scale, ink);
    }

    /// From millimetres on the paper to pixels in the scanner.
    fn place(&self, (x, y): (f32, f32)) -> Point {
        let (middle_x, middle_y) = (WIDTH / 2.0, HEIGHT / 2.0);
        let (dx, dy) = (x - middle_x, y - middle_y);
        Point {
            x: (middle_x + dx - dy * self.tilt) * self.scale,
            y: (middle_y + dy + dx * self.tilt) * self.scale,
        }
    }
}
