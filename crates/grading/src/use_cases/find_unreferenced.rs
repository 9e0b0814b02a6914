//! Which blobs may be swept.

use contracts::{FieldCode, Problem, grading as pb};
use domain::Digest;

use crate::app::App;
use crate::error::Error;

/// Of the given blobs, those that nothing refers to.
pub(crate) async fn run(
    app: &App,
    request: pb::FindUnreferencedRequest,
) -> Result<pb::FindUnreferencedReply, Error> {
    let digests: Result<Vec<Digest>, _> = request.digests.iter().map(|digest| digest.parse()).collect();
    let digests = digests.map_err(|_not_a_digest| Problem::field("/digests", FieldCode::Malformed))?;
    app.database
        .transaction("find_unreferenced", move |tx| {
            let unreferenced = tx.blobs().unreferenced(&digests)?;
            Ok(pb::FindUnreferencedReply {
                digests: unreferenced.iter().map(ToString::to_string).collect(),
            })
        })
        .await
}
