//! With blobs in a bucket: a copy comes in, its pages are looked at, it is corrected, and its document is handed out.

use blobs::Blobs;
use testkit::{Client, Reading, S3, System};

use crate::desk::{Desk, Pen, comment, text};

#[tokio::test]
async fn a_copy_goes_all_the_way_with_nothing_but_a_bucket_between_the_services() {
    let storage = S3::anywhere().await;
    let system = System::builder().bucket(&storage).start().await;
    let desk = Desk::ready(&system).await;
    let teacher = system.teacher().await;

    for size in ["display", "thumb"] {
        let image = teacher
            .get(&desk.at(&format!("/pages/0?size={size}")))
            .await
            .expect(200);
        assert!(image.header("content-type").starts_with("image/"));
        assert!(!image.body.is_empty());
    }
    let pen = Pen::take(&teacher, &desk.copy).await;
    Client::send(pen.annotate("a-comment", &comment("Bien vu.")))
        .await
        .expect(201);
    Client::send(pen.score("2", Some("12.5"))).await.expect(200);
    Client::send(pen.finalize("over-a-bucket")).await.expect(202);
    system.settle().await;
    assert_eq!(text(&desk.seen_by(&teacher).await, "/status"), "GRADED");

    let document = teacher.get(&desk.at("/final.pdf")).await.expect(200);
    assert_eq!(
        Reading::of(&document.body).pages,
        3,
        "two of the copy and one of the report"
    );
    let range = teacher.request(reqwest::Method::GET, &desk.at("/final.pdf"));
    let part = Client::send(range.header("Range", "bytes=0-7")).await.expect(206);
    assert_eq!(part.body, document.body[..8]);

    let source = desk.source();
    assert_eq!(system.blob(&source), None, "no blob is kept in the directory");
    let bucket = Blobs::open(&storage.config("/dev/null/blobs".into())).unwrap();
    assert!(bucket.exists(source.parse().unwrap()).await.unwrap());
}
