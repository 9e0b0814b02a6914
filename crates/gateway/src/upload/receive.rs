//! Reads the form of an upload. It has one part `file`; other parts are skipped.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use blobs::{Blobs, Stored};
use bytes::Bytes;
use contracts::{Code, FieldCode, Problem};
use futures::{Stream, StreamExt as _};
use telemetry::events::UploadAbandoned;
use tokio::time::timeout;

use super::pdf_part::PdfPart;
use crate::state::Timeouts;

/// The part that holds the file.
const PART: &str = "file";

/// How many bytes all other parts may have together.
const OTHER_PARTS: usize = 64 * 1024;

/// How many bytes a form may have beside the file: other parts, their heads, the boundaries.
pub(super) const OVERHEAD: u64 = 128 * 1024;

/// Stores the file of the form. The blob gets its name when the whole form was good.
pub(super) async fn receive(
    form: Multipart,
    blobs: &Blobs,
    max_bytes: u64,
    timeouts: Timeouts,
) -> Result<Stored, Problem> {
    let mut form = Form {
        parts: form,
        stall: timeouts.stall,
        other: OTHER_PARTS,
    };
    let received = timeout(timeouts.upload, form.pdf(blobs, max_bytes)).await;
    let part = received.map_err(|_elapsed| Code::RequestTimeout)??;
    Ok(part.finish().await?)
}

struct Form {
    parts: Multipart,
    stall: Duration,
    other: usize,
}

impl Form {
    async fn pdf(&mut self, blobs: &Blobs, max_bytes: u64) -> Result<PdfPart, Problem> {
        let mut found = None;
        while let Some(part) = next(&mut self.parts, self.stall).await? {
            if part.name() != Some(PART) {
                self.skip(part).await?;
            } else if found.is_some() {
                return Err(Problem::field("/file", FieldCode::Malformed));
            } else {
                found = Some(self.file(part, blobs, max_bytes).await?);
            }
        }
        found.ok_or_else(|| Problem::field("/file", FieldCode::Required))
    }

    async fn file(&self, mut part: Field, blobs: &Blobs, max_bytes: u64) -> Result<PdfPart, Problem> {
        let mut pdf = PdfPart::begin(blobs, max_bytes).await?;
        while let Some(piece) = next(&mut part, self.stall)
            .await
            .inspect_err(|_| abandoned(&pdf))?
        {
            pdf.push(piece).await?;
        }
        Ok(pdf)
    }

    /// A file under another name is a mistake that is told at once. Plain fields are let pass.
    async fn skip(&mut self, mut part: Field) -> Result<(), Problem> {
        if part
            .content_disposition()
            .is_some_and(|disposition| disposition.get_filename().is_some())
        {
            return Err(Problem::field("/file", FieldCode::Required));
        }
        while let Some(piece) = next::<Bytes>(&mut part, self.stall).await? {
            self.other = self.other.checked_sub(piece.len()).ok_or(Code::TooLarge)?;
        }
        Ok(())
    }
}

/// Nothing more comes of a file that is not whole.
fn abandoned(pdf: &PdfPart) {
    telemetry::log(UploadAbandoned { bytes: pdf.size() });
}

/// What comes next, if it comes in time.
async fn next<T>(
    stream: &mut (impl Stream<Item = Result<T, MultipartError>> + Unpin),
    stall: Duration,
) -> Result<Option<T>, Problem> {
    let item = timeout(stall, stream.next())
        .await
        .map_err(|_elapsed| Code::RequestTimeout)?;
    item.transpose().map_err(|error| refused(&error))
}

/// What is wrong with a form that cannot be read; also what a caller that went away would have been told.
fn refused(error: &MultipartError) -> Problem {
    let not_a_form = matches!(
        error,
        MultipartError::ContentTypeMissing
            | MultipartError::ContentTypeParse
            | MultipartError::ContentTypeIncompatible
            | MultipartError::BoundaryMissing
    );
    if not_a_form {
        return Code::UnsupportedMediaType.into();
    }
    Problem::field("/file", FieldCode::Malformed)
}
