//! Pages of copies.

use diesel::prelude::*;
use domain::page::{Page, PageImage, PageIndex, PageSize, Redacted};
use domain::{BookletId, CopyId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::pages;
use crate::wire::Wire;

/// The table of pages.
pub struct Pages<'a> {
    wire: Wire<'a>,
}

const PAGES: Table = Table("pages");

/// Each row binds sixteen values, and a statement may bind 65535.
const ROWS_AT_ONCE: usize = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = pages)]
struct Row {
    index: i64,
    width: i64,
    height: i64,
    rotation: String,
    display_digest: Vec<u8>,
    display_format: String,
    thumbnail_digest: Vec<u8>,
    thumbnail_format: String,
    redacted_display_digest: Option<Vec<u8>>,
    redacted_display_format: Option<String>,
    redacted_thumbnail_digest: Option<Vec<u8>>,
    redacted_thumbnail_format: Option<String>,
    identity_digest: Option<Vec<u8>>,
    identity_format: Option<String>,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds the pages of a copy that came in a booklet.
    pub fn insert_all(&mut self, copy: CopyId, booklet: BookletId, all: &[Page]) -> Result<(), Error> {
        for some in all.chunks(ROWS_AT_ONCE) {
            let rows: Vec<_> = some
                .iter()
                .map(|page| {
                    let (display, thumbnail) = page
                        .redacted
                        .as_ref()
                        .map(|redacted| (&redacted.display, &redacted.thumbnail))
                        .unzip();
                    (
                        pages::copy_id.eq(Uuid::from(copy)),
                        pages::index.eq(i64::from(page.index.get())),
                        pages::booklet_id.eq(Uuid::from(booklet)),
                        pages::width.eq(i64::from(page.size.width)),
                        pages::height.eq(i64::from(page.size.height)),
                        pages::rotation.eq(page.rotation.as_str()),
                        pages::display_digest.eq(page.display.digest.as_bytes().as_slice()),
                        pages::display_format.eq(page.display.format.as_str()),
                        pages::thumbnail_digest.eq(page.thumbnail.digest.as_bytes().as_slice()),
                        pages::thumbnail_format.eq(page.thumbnail.format.as_str()),
                        pages::redacted_display_digest
                            .eq(display.map(|image| image.digest.as_bytes().as_slice())),
                        pages::redacted_display_format.eq(display.map(|image| image.format.as_str())),
                        pages::redacted_thumbnail_digest
                            .eq(thumbnail.map(|image| image.digest.as_bytes().as_slice())),
                        pages::redacted_thumbnail_format.eq(thumbnail.map(|image| image.format.as_str())),
                        pages::identity_digest.eq(page
                            .identity
                            .as_ref()
                            .map(|image| image.digest.as_bytes().as_slice())),
                        pages::identity_format.eq(page.identity.as_ref().map(|image| image.format.as_str())),
                    )
                })
                .collect();
            let insert = diesel::insert_into(pages::table).values(rows);
            self.wire.run(|connection| insert.execute(connection))?;
        }
        Ok(())
    }

    /// The pages of a copy in order.
    pub fn of(&mut self, copy: CopyId) -> Result<Vec<Page>, Error> {
        let query = pages::table
            .filter(pages::copy_id.eq(Uuid::from(copy)))
            .order(pages::index)
            .select(Row::as_select());
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(Page::try_from).collect()
    }

    /// One page of a copy.
    pub fn get(&mut self, copy: CopyId, index: PageIndex) -> Result<Option<Page>, Error> {
        let query = pages::table
            .find((Uuid::from(copy), i64::from(index.get())))
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(Page::try_from).transpose()
    }

    /// Which page of its booklet a page of a copy is. `None` if the copy has no such page.
    pub fn within_booklet(&mut self, copy: CopyId, index: PageIndex) -> Result<Option<PageIndex>, Error> {
        let (copy, index) = (Uuid::from(copy), i64::from(index.get()));
        let query = pages::table.find((copy, index)).select(pages::booklet_id);
        let booklet: Option<Uuid> = self.wire.run(|connection| query.first(connection).optional())?;
        let Some(booklet) = booklet else {
            return Ok(None);
        };
        let query = pages::table
            .filter(pages::booklet_id.eq(booklet))
            .filter(pages::index.lt(index))
            .count();
        let before: i64 = self.wire.run(|connection| query.get_result(connection))?;
        PAGES.some(PageIndex::new(PAGES.number(before)?)).map(Some)
    }
}

impl TryFrom<Row> for Page {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            index: PAGES.some(PageIndex::new(PAGES.number(row.index)?))?,
            size: PageSize {
                width: PAGES.number(row.width)?,
                height: PAGES.number(row.height)?,
            },
            rotation: PAGES.parse(&row.rotation)?,
            display: image(&row.display_digest, &row.display_format)?,
            thumbnail: image(&row.thumbnail_digest, &row.thumbnail_format)?,
            redacted: redacted(&row)?,
            identity: match (row.identity_digest.as_deref(), row.identity_format.as_deref()) {
                (None, None) => None,
                (Some(digest), Some(format)) => Some(image(digest, format)?),
                (None, Some(_)) | (Some(_), None) => return Err(PAGES.corrupt()),
            },
        })
    }
}

fn redacted(row: &Row) -> Result<Option<Redacted>, Error> {
    match (
        row.redacted_display_digest.as_deref(),
        row.redacted_display_format.as_deref(),
        row.redacted_thumbnail_digest.as_deref(),
        row.redacted_thumbnail_format.as_deref(),
    ) {
        (None, None, None, None) => Ok(None),
        (Some(display), Some(display_format), Some(thumbnail), Some(thumbnail_format)) => {
            Ok(Some(Redacted {
                display: image(display, display_format)?,
                thumbnail: image(thumbnail, thumbnail_format)?,
            }))
        }
        _ => Err(PAGES.corrupt()),
    }
}

fn image(digest: &[u8], format: &str) -> Result<PageImage, Error> {
    Ok(PageImage {
        digest: PAGES.digest(digest)?,
        format: PAGES.parse(format)?,
    })
}
