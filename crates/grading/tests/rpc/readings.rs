//! What a worker read where a pupil wrote who they are.

use contracts::grading as pb;
use contracts::grading::identities_client::IdentitiesClient;
use domain::student::{GivenNames, Particulars, Surname};
use domain::{Digest, StudentId};

use crate::harness::Grading;

#[tokio::test]
async fn what_was_read_on_a_copy_whose_pupil_is_known_by_then_is_thrown_away() {
    let grading = Grading::start().await;
    let (worker, registered) = (grading.worker(), grading.registered().await);
    let fence = worker.granted(&registered.job_id).await.fence;
    let mut pages = worker.completion(&registered.job_id, fence, 1);
    pages.pages[0].identity = Some(pb::Image {
        digest: Digest::of(b"who wrote it").to_string(),
        media_type: "image/png".to_owned(),
    });
    let answer = grading.work().complete_import(pages).await;
    assert!(answer.expect("it is delivered").into_inner().accepted);

    let copy = registered.copy_id;
    let mut desk = IdentitiesClient::new(grading.known());
    let order = grading
        .signed_by_admin(pb::OrderReadingRequest {
            copy_id: copy.clone(),
        })
        .await;
    let ordered = desk
        .order_reading(order)
        .await
        .expect("it is ordered")
        .into_inner();
    let granted = worker.granted(&ordered.job_id).await;
    let pupil = Particulars {
        surname: Surname::new("EXEMPLE").expect("a name"),
        given_names: GivenNames::new("Camille").expect("a name"),
        birth_date: None,
        class: None,
        number: None,
    };
    let student: StudentId = grading.ids.next();
    grading
        .store(move |tx| tx.students().insert(student, &pupil))
        .await;
    let known = grading
        .signed_by_admin(pb::SetIdentityRequest {
            copy_id: copy,
            student_id: student.to_string(),
            method: "MANUAL".to_owned(),
        })
        .await;
    desk.set(known).await.expect("they wrote it");

    let report = worker.reading(&ordered.job_id, granted.fence, "EXEMPLE Camille");
    for _twice in 0..2 {
        let answer = grading.work().complete_reading(report.clone()).await;
        assert!(answer.expect("it is answered").into_inner().accepted);
    }
    assert_eq!(grading.rows("identity_readings"), 0);
    assert_eq!(
        grading.rows("jobs WHERE kind = 'READ_IDENTITY' AND state = 'SUCCEEDED'"),
        1
    );
}
