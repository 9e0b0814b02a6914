//! What is kept no longer is erased.

use domain::StudentId;

events! {
    RETENTION;

    PupilErased = Warning "pupil.erased" "a pupil was forgotten" { student_id: StudentId, copies: u32 }
    RetentionPurged = Info "retention.purged" "some of what is kept no longer was erased" {
        copies: u32,
        pupils: u32,
        scans: u32,
        refused: u32,
    }
}
