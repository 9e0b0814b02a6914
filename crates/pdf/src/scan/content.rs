//! Reads the content of a page just far enough to tell whether it paints one image and nothing else.

use hayro::hayro_interpret::TransformExt;
use hayro::hayro_syntax::content::{Instruction, UntypedIter};
use hayro::hayro_syntax::object::{Array, Dict, Name, Number, Stream};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, Rect};

/// A scanner needs a handful of instructions; its text recognition, some for every word.
const MAX_INSTRUCTIONS: usize = 100_000;
const MAX_SAVED_STATES: usize = 64;
/// How far, in points, an image may miss the edge of the page and still fill it.
const TOLERANCE: f64 = 1.5;

/// The only image of the page, and whether it fills the page upright.
pub(super) fn only_image<'a>(page: &'a Page<'a>) -> Option<(Stream<'a>, bool)> {
    if has_visible_annotations(page) {
        return None;
    }
    let mut reader = Reader {
        page,
        state: State::default(),
        saved: Vec::new(),
        path: Vec::new(),
        image: None,
        clips: Vec::new(),
    };
    let mut instructions = UntypedIter::new(page.page_stream()?);
    for _ in 0..MAX_INSTRUCTIONS {
        match instructions.next() {
            Some(instruction) => reader.follow(&instruction)?,
            None => return reader.finish(),
        }
    }
    None
}

fn has_visible_annotations(page: &Page<'_>) -> bool {
    let Some(annotations) = page.raw().get::<Array<'_>>("Annots") else {
        return false;
    };
    annotations.iter::<Dict<'_>>().any(|annotation| {
        !matches!(
            annotation.get::<Name<'_>>("Subtype").as_deref(),
            Some(b"Link" | b"Popup")
        )
    })
}

#[derive(Debug, Clone, Copy)]
struct State {
    transform: Affine,
    text_is_visible: bool,
    /// Filling now leaves the paper white.
    fills_white: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            transform: Affine::IDENTITY,
            text_is_visible: true,
            fills_white: false,
        }
    }
}

struct Reader<'a> {
    page: &'a Page<'a>,
    state: State,
    saved: Vec<State>,
    /// The rectangles of the current path.
    path: Vec<Rect>,
    image: Option<(Stream<'a>, Affine)>,
    clips: Vec<Rect>,
}

impl<'a> Reader<'a> {
    /// `None` as soon as the page does anything but paint one image.
    fn follow(&mut self, instruction: &Instruction<'_, '_>) -> Option<()> {
        let operator: &[u8] = instruction.operator;
        match operator {
            b"q" => (self.saved.len() < MAX_SAVED_STATES).then(|| self.saved.push(self.state)),
            b"Q" => {
                if let Some(state) = self.saved.pop() {
                    self.state = state;
                }
                Some(())
            }
            b"cm" => {
                self.state.transform *= Affine::new(numbers::<6>(instruction)?);
                Some(())
            }
            b"Do" => self.paint(&name(instruction)?),
            b"gs" => self.is_plain(&name(instruction)?).then_some(()),
            b"re" | b"n" | b"W" | b"W*" | b"f" | b"F" | b"f*" => self.path(operator, instruction),
            b"g" | b"rg" | b"k" | b"cs" | b"sc" | b"scn" => {
                self.state.fills_white = is_white(operator, instruction);
                Some(())
            }
            b"Tr" => {
                let [mode] = numbers::<1>(instruction)?;
                self.state.text_is_visible = (mode - 3.0).abs() > f64::EPSILON;
                Some(())
            }
            b"Tj" | b"TJ" | b"'" | b"\"" => (!self.state.text_is_visible).then_some(()),
            b"BDC" => (&*name(instruction)? != b"OC").then_some(()),
            // What changes only text that is not there, lines that are not drawn, or nothing visible at all.
            b"BT" | b"ET" | b"Tf" | b"Td" | b"TD" | b"Tm" | b"T*" | b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Ts"
            | b"w" | b"J" | b"j" | b"M" | b"d" | b"i" | b"ri" | b"G" | b"RG" | b"K" | b"CS" | b"SC"
            | b"SCN" | b"BMC" | b"EMC" | b"MP" | b"DP" | b"BX" | b"EX" => Some(()),
            _ => None,
        }
    }

    fn paint(&mut self, name: &Name<'_>) -> Option<()> {
        let object = self.page.resources().get_x_object(name)?;
        let is_image = object.dict().get::<Name<'_>>("Subtype").as_deref() == Some(b"Image");
        if self.image.is_some() || !is_image {
            return None;
        }
        self.image = Some((object, self.state.transform));
        Some(())
    }

    fn path(&mut self, operator: &[u8], instruction: &Instruction<'_, '_>) -> Option<()> {
        match operator {
            b"re" => {
                let [x, y, width, height] = numbers::<4>(instruction)?;
                let rect = Rect::from_origin_size((x, y), (width, height));
                let upright = self.state.transform.as_coeffs();
                let straight =
                    (upright[1] == 0.0 && upright[2] == 0.0) || (upright[0] == 0.0 && upright[3] == 0.0);
                let rect = self.state.transform.transform_rect_bbox(rect.abs());
                straight.then(|| self.path.push(rect))
            }
            // A clip is remembered and must not cut anything off the page; of several at once we know too little.
            b"W" | b"W*" => match self.path.as_slice() {
                [clip] => {
                    self.clips.push(*clip);
                    Some(())
                }
                _ => None,
            },
            b"n" => {
                self.path.clear();
                Some(())
            }
            // Painting the paper white before the image comes.
            _ => {
                self.path.clear();
                (self.state.fills_white && self.image.is_none()).then_some(())
            }
        }
    }

    /// Whether the named state changes nothing that an opaque image would show.
    fn is_plain(&self, name: &Name<'_>) -> bool {
        let Some(state) = self.page.resources().get_ext_g_state(name) else {
            return false;
        };
        let mut keys = state.keys();
        keys.all(|key| match &*key {
            b"ca" | b"CA" => state
                .get::<Number>(&*key)
                .is_some_and(|alpha| alpha.as_f64() >= 1.0),
            b"BM" => matches!(
                state.get::<Name<'_>>("BM").as_deref(),
                Some(b"Normal" | b"Compatible")
            ),
            b"SMask" => matches!(state.get::<Name<'_>>("SMask").as_deref(), Some(b"None")),
            b"Type" | b"LW" | b"LC" | b"LJ" | b"ML" | b"D" | b"RI" | b"FL" | b"SM" | b"SA" | b"AIS"
            | b"OP" | b"op" | b"OPM" | b"TK" => true,
            _ => false,
        })
    }

    fn finish(self) -> Option<(Stream<'a>, bool)> {
        let (image, transform) = self.image?;
        let to_view = self.page.initial_transform(true).to_kurbo();
        let (width, height) = self.page.render_dimensions();
        let view = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let clipped = self
            .clips
            .iter()
            .any(|clip| !covers(to_view.transform_rect_bbox(*clip), view));
        let fills = !clipped && fills(to_view * transform, view);
        Some((image, fills))
    }
}

/// Whether the unit square, which is the image, becomes the whole view, upright and no larger.
fn fills(transform: Affine, view: Rect) -> bool {
    let [right, skew_x, skew_y, up, ..] = transform.as_coeffs();
    let straight = skew_x.abs() < 1e-3 && skew_y.abs() < 1e-3 && right > 0.0 && up < 0.0;
    let place = transform.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0));
    straight && covers(place, view) && covers(view, place)
}

fn covers(outer: Rect, inner: Rect) -> bool {
    outer.inflate(TOLERANCE, TOLERANCE).contains_rect(inner)
}

fn numbers<const COUNT: usize>(instruction: &Instruction<'_, '_>) -> Option<[f64; COUNT]> {
    let mut found = [0.0; COUNT];
    let mut operands = instruction.operands();
    for slot in &mut found {
        *slot = operands.next()?.clone().into_number()?.as_f64();
    }
    operands.next().is_none().then_some(found)
}

fn name<'a>(instruction: &Instruction<'_, 'a>) -> Option<Name<'a>> {
    instruction.operands().next()?.clone().into_name()
}

fn is_white(operator: &[u8], instruction: &Instruction<'_, '_>) -> bool {
    match operator {
        b"g" => numbers::<1>(instruction).is_some_and(|gray| gray.iter().all(|channel| *channel >= 1.0)),
        b"rg" => numbers::<3>(instruction).is_some_and(|rgb| rgb.iter().all(|channel| *channel >= 1.0)),
        b"k" => numbers::<4>(instruction).is_some_and(|cmyk| cmyk.iter().all(|channel| *channel <= 0.0)),
        _ => false,
    }
}
