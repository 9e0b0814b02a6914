//! Finding the image of a page.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::page::PageImage;
use domain::{CopyId, Operation, Page, PageIndex};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// Which blob the image is, if the caller may see it.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetPageImageRequest,
) -> Result<pb::PageImage, Error> {
    let copy: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let index = PageIndex::new(request.index).ok_or(Code::NotFound)?;
    let size = request.size();
    app.database
        .transaction("get_page_image", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadCopy, copy)?;
            let page = tx.pages().get(copy, index)?.ok_or(Code::NotFound)?;
            let (display, thumbnail) = if caller.sees_identities() {
                (page.display, page.thumbnail)
            } else {
                anonymous(tx, copy, page)?
            };
            let image = match size {
                pb::ImageSize::Display => display,
                pb::ImageSize::Thumbnail => thumbnail,
                pb::ImageSize::Unspecified => {
                    return Err(Problem::field("/size", FieldCode::Required).into());
                }
            };
            Ok(pb::PageImage {
                digest: image.digest.to_string(),
                media_type: image.format.to_string(),
            })
        })
        .await
}

/// The images of a page without what shows who wrote it. A page that should have such images and has none is not
/// shown at all.
fn anonymous(tx: &mut Tx<'_>, copy: CopyId, page: Page) -> Result<(PageImage, PageImage), Error> {
    if let Some(redacted) = page.redacted {
        return Ok((redacted.display, redacted.thumbnail));
    }
    let exam = tx.copies().get(copy)?.ok_or(Code::NotFound)?.copy.exam;
    let zone = tx.exams().get(exam)?.and_then(|exam| exam.identity_zone);
    // The first page of each file that came was the first of a copy, also where copies were merged since.
    let place = tx
        .pages()
        .within_booklet(copy, page.index)?
        .ok_or(Code::NotFound)?;
    if zone.is_some_and(|zone| zone.covers(place)) {
        Err(Code::Forbidden.into())
    } else {
        Ok((page.display, page.thumbnail))
    }
}
