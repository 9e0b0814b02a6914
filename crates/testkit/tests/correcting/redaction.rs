//! What shows who wrote a copy reaches administrators, and correctors never: in pages, thumbnails and documents.

use image::RgbImage;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, Reading, System, Upload, corpus, first_page};

use crate::desk::{Desk, change_exam, text};

/// Where the pupils write their names: the upper fifth of the first page.
fn zone() -> Value {
    json!({"pages": "first", "x": 0, "y": 0, "w": 1, "h": 0.2})
}

#[tokio::test]
async fn what_is_in_the_zone_is_in_no_image_that_a_corrector_gets() {
    let system = System::start().await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    // Red and green lie in the zone, blue does not.
    let covered = Desk::ready_with(&system, Some(zone()), corpus::marker("")).await;
    let open = Desk::ready_with(&system, None, corpus::marker("")).await;
    for size in ["display", "thumb"] {
        let page = format!("/pages/0?size={size}");
        assert_eq!(
            colours(&teacher, &covered.at(&page)).await,
            [false, false, true],
            "{size}"
        );
        assert_eq!(colours(&admin, &covered.at(&page)).await, [true; 3], "{size}");
        assert_eq!(colours(&teacher, &open.at(&page)).await, [true; 3], "{size}");
    }
    // Who identifies copies sees that part and nothing else; the upper third, where no part is said.
    let shown = covered.at("/identity-image");
    assert_eq!(colours(&admin, &shown).await, [true, true, false]);
    let (third, whole) = (open.at("/identity-image"), open.at("/pages/0"));
    assert_eq!(
        height(&admin, &third).await,
        height(&admin, &whole).await.div_ceil(3)
    );
    let page = covered.at("/pages/0");
    let (theirs, whole) = (teacher.get(&page).await, admin.get(&page).await);
    assert_ne!(theirs.header("etag"), whole.header("etag"));
    // The tag of the other image does not open it.
    let request = teacher.request(Method::GET, &page);
    let request = request.header("If-None-Match", whole.header("etag"));
    assert_eq!(Client::send(request).await.expect(200).body, theirs.body);
}

#[tokio::test]
async fn the_first_page_of_each_file_of_a_merged_copy_is_one_with_a_zone() {
    let system = System::start().await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    let exam = system.exam().await;
    let zone = json!({"identity_zone": zone()});
    change_exam(&admin, &exam, &zone).await.expect(200);
    let mut copies = Vec::new();
    for key in ["first", "second"] {
        let mut document = corpus::marker("");
        document.extend(format!("\n%% {key}\n").into_bytes());
        let accepted = admin.upload(Upload::new(&exam, document, key)).await;
        copies.push(accepted.expect(202).text("/copy_id"));
    }
    system.settle().await;
    let path = format!("/copies/{}", copies[0]);
    let other = json!({"other_id": copies[1]});
    admin.post(&format!("{path}/merge"), &other).await.expect(200);
    let pages = [0, 1].map(|page| format!("{path}/pages/{page}"));
    for page in &pages {
        assert_eq!(colours(&teacher, page).await, [false, false, true]);
    }
    let shown = format!("{path}/identity-image");
    assert_eq!(colours(&admin, &shown).await, [true, true, false]);
    // Without images that do not show the zone, neither is shown.
    system.database.run(
        "UPDATE grading.pages SET redacted_display_digest = NULL, redacted_display_format = NULL,
            redacted_thumbnail_digest = NULL, redacted_thumbnail_format = NULL",
    );
    for page in &pages {
        teacher.get(page).await.expect_problem(403, "forbidden");
    }
}

async fn height(client: &Client, path: &str) -> u32 {
    let answer = client.get(path).await.expect(200);
    image::load_from_memory(&answer.body).unwrap().height()
}

/// Whether there is red, green and blue in an image.
async fn colours(client: &Client, path: &str) -> [bool; 3] {
    let answer = client.get(path).await.expect(200);
    let image = image::load_from_memory(&answer.body).unwrap();
    colours_of(&image.into_rgb8())
}

fn colours_of(image: &RgbImage) -> [bool; 3] {
    [0, 1, 2].map(|strong| {
        image.pixels().any(|pixel| {
            let mut channels = pixel.0.iter().enumerate();
            channels.all(|(channel, value)| {
                if channel == strong {
                    *value > 180
                } else {
                    *value < 90
                }
            })
        })
    })
}

#[tokio::test]
async fn what_is_in_the_zone_is_not_to_be_seen_in_the_document_of_a_corrector() {
    let system = System::start().await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    for (zone, seen) in [(Some(zone()), [false, false, true]), (None, [true; 3])] {
        let desk = Desk::ready_with(&system, zone, corpus::marker("")).await;
        desk.grade(&teacher).await;
        for (client, seen) in [(&teacher, seen), (&admin, [true; 3])] {
            let document = client.get(&desk.at("/final.pdf")).await.expect(200);
            assert_eq!(colours_of(&first_page(&document.body)), seen);
        }
    }
}

#[tokio::test]
async fn what_is_in_the_zone_is_not_in_the_document_of_a_corrector_and_the_trail_says_who_got_which() {
    let system = System::start().await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    let desk = Desk::ready_with(&system, Some(zone()), corpus::text(2)).await;
    desk.grade(&teacher).await;
    let path = desk.at("/final.pdf");
    let theirs = teacher.get(&path).await.expect(200);
    let whole = admin.get(&path).await.expect(200);
    let (seen, original) = (Reading::of(&theirs.body), Reading::of(&whole.body));
    assert_eq!((seen.pages, original.pages), (3, 3));
    for line in 1..=4 {
        let words = format!("Page 1, line {line} of an invented text");
        assert!(!seen.text.contains(&words), "{words} in {}", seen.text);
        assert!(original.text.contains(&words), "{words} in {}", original.text);
    }
    for reading in [&seen, &original] {
        assert!(reading.text.contains("12,5"), "{}", reading.text);
    }
    let events = desk.events().await;
    let exports = events.iter().filter(|event| text(event, "/action") == "EXPORT");
    let said: Vec<_> = exports
        .map(|event| ["/metadata/variant", "/metadata/sha256"].map(|part| text(event, part)))
        .collect();
    let handed_out = [("anonymous", &theirs), ("full", &whole)].map(|(variant, answer)| {
        let digest = domain::Digest::of(&answer.body).to_string();
        [variant.to_owned(), digest]
    });
    assert_eq!(said, handed_out);
}

#[tokio::test]
async fn the_zone_stays_once_there_is_a_copy_and_the_rest_of_the_exam_does_not() {
    let system = System::start().await;
    let admin = system.admin().await;
    let exam = system.exam().await;
    for change in [json!({"identity_zone": zone()}), json!({"identity_zone": null})] {
        change_exam(&admin, &exam, &change).await.expect(200);
    }
    let desk = Desk::ready_with(&system, Some(zone()), corpus::text(1)).await;
    let mut wider = zone();
    wider["h"] = json!(0.3);
    for change in [json!({"identity_zone": wider}), json!({"identity_zone": null})] {
        let refused = change_exam(&admin, &desk.exam, &change).await;
        refused.expect_problem(409, "wrong_state");
    }
    let same = json!({"identity_zone": zone(), "name": "Philosophie, session de rattrapage"});
    let changed = change_exam(&admin, &desk.exam, &same).await.expect(200);
    assert_eq!(changed.text("/name"), "Philosophie, session de rattrapage");
    assert_eq!(changed.json().pointer("/identity_zone/h"), Some(&json!(0.2)));
}
