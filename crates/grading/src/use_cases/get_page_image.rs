//! Finding the image of a page.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::{Caller, CopyId, Operation, PageIndex};
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
            anonymous(tx, caller, copy, index)?;
            let page = tx.pages().get(copy, index)?.ok_or(Code::NotFound)?;
            let image = match size {
                pb::ImageSize::Display => page.display,
                pb::ImageSize::Thumbnail => page.thumbnail,
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

/// A page that shows who wrote it is for administrators only, as long as its images are not redacted.
fn anonymous(tx: &mut Tx<'_>, caller: Caller, copy: CopyId, index: PageIndex) -> Result<(), Error> {
    if caller.sees_identities() {
        return Ok(());
    }
    let exam = tx.copies().get(copy)?.ok_or(Code::NotFound)?.copy.exam;
    let zone = tx.exams().get(exam)?.and_then(|exam| exam.identity_zone);
    if zone.is_some_and(|zone| zone.covers(index)) {
        Err(Code::Forbidden.into())
    } else {
        Ok(())
    }
}
