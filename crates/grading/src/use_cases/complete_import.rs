//! A worker delivers the pages of a copy.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::page::{ImageFormat, PageImage, Redacted};
use domain::{Digest, Job, JobState, Page, PageCount, PageIndex, PageSize, Rotation, Task};
use store::{Entry, Tx};
use telemetry::events::{ImportCompleted, JobReportLate};
use telemetry::metrics::{self, JobEnd};

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::report::{Report, attempted};

/// Pages, IMPORT event and the end of the job, in one transaction under the job's fence. Repeating it
/// answers the same; a late report is refused and changes nothing.
pub(crate) async fn run(
    app: &App,
    request: pb::CompleteImportRequest,
) -> Result<pb::CompleteImportReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let pages = parse_pages(&request.pages)?;
    let outcome = app
        .database
        .transaction("complete_import", move |tx| complete(tx, report, &pages))
        .await?;
    let accepted = match outcome {
        Outcome::Stored { job, event, pages } => {
            recorded::publish(event);
            metrics::job_ended(job.task.kind(), JobEnd::Succeeded);
            telemetry::log(ImportCompleted {
                copy_id: event.copy,
                job_id: job.id,
                pages: pages.get().into(),
                attempt: job.attempt,
            });
            true
        }
        Outcome::StoredBefore => true,
        Outcome::Late => {
            telemetry::log(JobReportLate {
                job_id: report.job,
                fence: report.fence,
            });
            false
        }
    };
    Ok(pb::CompleteImportReply { accepted })
}

enum Outcome {
    Stored {
        job: Job,
        event: Entry,
        pages: PageCount,
    },
    StoredBefore,
    Late,
}

fn complete(tx: &mut Tx<'_>, report: Report, pages: &[Page]) -> Result<Outcome, Error> {
    let Some(job) = tx.jobs().for_update(report.job)? else {
        return Ok(Outcome::Late);
    };
    if job.state == JobState::Succeeded && job.fence == report.fence {
        return Ok(Outcome::StoredBefore);
    }
    let count = PageCount::new(pages.len()).ok_or_else(|| Problem::field("/pages", FieldCode::OutOfRange))?;
    let Ok(job) = job.succeed(report.fence, count.get().into()) else {
        return Ok(Outcome::Late);
    };
    let Task::Import(copy) = job.task else {
        return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
    };
    let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
    tx.pages().insert_all(copy.id, copy.booklet.id, pages)?;
    let transition = copy.complete_import(count, attempted(&job, report))?;
    let event = tx.record(&transition)?;
    tx.jobs().save(&job)?;
    Ok(Outcome::Stored {
        job,
        event,
        pages: count,
    })
}

fn parse_pages(pages: &[pb::ImportedPage]) -> Result<Vec<Page>, Problem> {
    let parsed: Option<Vec<Page>> = pages
        .iter()
        .enumerate()
        .map(|(index, page)| parse_page(index, page))
        .collect();
    parsed.ok_or_else(|| Problem::field("/pages", FieldCode::Malformed))
}

fn parse_page(index: usize, page: &pb::ImportedPage) -> Option<Page> {
    let rotation: Rotation = page.rotation.to_string().parse().ok()?;
    Some(Page {
        index: PageIndex::new(u32::try_from(index).ok()?)?,
        size: PageSize::new(page.width, page.height)?,
        rotation,
        display: parse_image(page.display.as_ref()?)?,
        thumbnail: parse_image(page.thumbnail.as_ref()?)?,
        redacted: match (&page.redacted_display, &page.redacted_thumbnail) {
            (None, None) => None,
            (Some(display), Some(thumbnail)) => Some(Redacted {
                display: parse_image(display)?,
                thumbnail: parse_image(thumbnail)?,
            }),
            (Some(_), None) | (None, Some(_)) => return None,
        },
    })
}

fn parse_image(image: &pb::Image) -> Option<PageImage> {
    let digest: Digest = image.digest.parse().ok()?;
    let format: ImageFormat = image.media_type.parse().ok()?;
    Some(PageImage { digest, format })
}
