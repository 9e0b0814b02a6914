//! Sheets of paper that are written from top to bottom, the next when one is full.

use crate::canvas::{Area, BLACK, Canvas, Colour, GREY, Style};
use crate::text::{Fonts, Weight, wrap};

/// Width and height of the paper in points.
pub(crate) const PAPER: (f64, f64) = (595.276, 841.89);
pub(super) const LEFT: f64 = 50.0;
pub(super) const RIGHT: f64 = PAPER.0 - 50.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = PAPER.1 - 50.0;
const LEADING: f64 = 1.35;
/// A row of so many lines is not torn apart at the end of a sheet; of a longer one at least two lines stay together.
const WHOLE: usize = 6;
const RULE: Colour = [0.75, 0.75, 0.75];

/// Plain text.
pub(super) const BODY: Style = Style {
    weight: Weight::Regular,
    size: 10.0,
    colour: BLACK,
};
/// Text that stands out.
pub(super) const STRONG: Style = Style {
    weight: Weight::Bold,
    ..BODY
};

/// The sheets so far.
pub(super) struct Sheets<'a> {
    fonts: &'a mut Fonts,
    full: Vec<Canvas>,
    current: Canvas,
    /// How far down the current sheet is written.
    y: f64,
    /// What is repeated at the top of every new sheet: the heads of a table.
    heads: Option<Vec<Cell>>,
}

/// A part of a row: its text between two edges.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) style: Style,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) text: String,
}

/// Lines of a cell, with the place where they begin.
struct Column {
    style: Style,
    left: f64,
    lines: std::vec::IntoIter<String>,
}

impl<'a> Sheets<'a> {
    pub(super) fn new(fonts: &'a mut Fonts) -> Self {
        Self {
            fonts,
            full: Vec::new(),
            current: Canvas::page(PAPER.1),
            y: TOP,
            heads: None,
        }
    }

    /// A title, never the last line of a sheet.
    pub(super) fn heading(&mut self, text: &str) {
        self.space(14.0);
        self.need(60.0);
        let style = Style { size: 13.0, ..STRONG };
        self.paragraph(style, 0.0, text);
        self.space(2.0);
    }

    /// A text over the whole width, but for an indent.
    pub(super) fn paragraph(&mut self, style: Style, indent: f64, text: &str) {
        self.row(&[across(style, indent, text)]);
    }

    /// A line that stands out, never without the beginning of the text below it.
    pub(super) fn entry(&mut self, head: &str, indent: f64, text: &str) {
        let (head, text) = ([across(STRONG, 0.0, head)], [across(BODY, indent, text)]);
        self.need(kept(&self.columns(&head)) + kept(&self.columns(&text)));
        self.row(&head);
        if text.iter().any(|cell| !cell.text.is_empty()) {
            self.row(&text);
        }
    }

    /// Cells side by side. Each takes as many lines as it needs, over the end of the sheet if it must.
    pub(super) fn row(&mut self, cells: &[Cell]) {
        let mut columns = self.columns(cells);
        self.need(kept(&columns));
        let size = size(&columns);
        loop {
            let lines: Vec<_> = columns
                .iter_mut()
                .map(|column| (column.style, column.left, column.lines.next()))
                .collect();
            if lines.iter().all(|(_, _, line)| line.is_none()) {
                return;
            }
            self.need(size * LEADING);
            for (style, left, line) in lines {
                let line = line.unwrap_or_default();
                self.current.text(self.fonts, style, (left, self.y + size), &line);
            }
            self.y += size * LEADING;
        }
    }

    /// The heads of a table, here and at the top of every sheet on which it goes on.
    pub(super) fn begin_table(&mut self, heads: Vec<Cell>) {
        self.need(60.0);
        self.row(&heads);
        self.rule();
        self.heads = Some(heads);
    }

    /// Nothing is repeated any more.
    pub(super) fn end_table(&mut self) {
        self.heads = None;
    }

    /// A thin line from edge to edge.
    pub(super) fn rule(&mut self) {
        let line = Area {
            x: LEFT,
            y: self.y + 2.0,
            w: RIGHT - LEFT,
            h: 0.5,
        };
        self.current.fill(RULE, line);
        self.y += 5.0;
    }

    pub(super) fn space(&mut self, points: f64) {
        self.y += points;
    }

    /// Every sheet, with `name` and its number at the top.
    pub(super) fn finish(mut self, name: &str) -> Vec<Canvas> {
        self.turn();
        let count = self.full.len();
        let style = Style {
            size: 9.0,
            colour: GREY,
            ..BODY
        };
        let name = self.fonts.showable(style.weight, name);
        for (index, sheet) in self.full.iter_mut().enumerate() {
            let number = format!("Rapport, page\u{a0}{}\u{a0}/\u{a0}{count}", index + 1);
            let width = self.fonts.width(style.weight, style.size, &number);
            sheet.text(self.fonts, style, (LEFT, 40.0), &name);
            sheet.text(self.fonts, style, (RIGHT - width, 40.0), &number);
        }
        self.full
    }

    fn columns(&self, cells: &[Cell]) -> Vec<Column> {
        cells.iter().map(|cell| self.column(cell)).collect()
    }

    fn column(&self, cell: &Cell) -> Column {
        let Style { weight, size, .. } = cell.style;
        let text = self.fonts.showable(weight, &cell.text);
        let lines = wrap(&text, cell.right - cell.left, |character| {
            self.fonts.advance(weight, character) * size
        });
        Column {
            style: cell.style,
            left: cell.left,
            lines: lines.into_iter(),
        }
    }

    /// Turns to a new sheet if there is less room than this.
    fn need(&mut self, height: f64) {
        if self.y + height <= BOTTOM {
            return;
        }
        self.turn();
        if let Some(heads) = self.heads.take() {
            self.row(&heads);
            self.rule();
            self.heads = Some(heads);
        }
    }

    fn turn(&mut self) {
        let next = Canvas::page(PAPER.1);
        self.full.push(std::mem::replace(&mut self.current, next));
        self.y = TOP;
    }
}

/// A cell over the whole width, but for an indent.
fn across(style: Style, indent: f64, text: &str) -> Cell {
    Cell {
        style,
        left: LEFT + indent,
        right: RIGHT,
        text: text.trim().to_owned(),
    }
}

/// The size of the largest letters of a row.
fn size(columns: &[Column]) -> f64 {
    columns.iter().map(|column| column.style.size).fold(0.0, f64::max)
}

/// How much of a row stays on one sheet.
fn kept(columns: &[Column]) -> f64 {
    let lines = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
    let kept = if lines > WHOLE { 2 } else { lines };
    (0..kept).map(|_line| size(columns) * LEADING).sum()
}
