//! Lists of pupils as schools have them.

use serde_json::{Value, json};
use testkit::System;

use crate::office::{LIST, find, import};

fn counts(answer: &Value) -> [&Value; 3] {
    ["created", "updated", "unchanged"].map(|name| &answer[name])
}

#[tokio::test]
async fn a_list_is_taken_in_once_however_often_it_comes() {
    let system = System::start().await;
    let admin = system.admin().await;
    let first = import(&admin, LIST).await.expect(200).json();
    assert_eq!(
        first,
        json!({"created": 3, "updated": 0, "unchanged": 0, "errors": []})
    );
    let again = import(&admin, LIST).await.expect(200).json();
    assert_eq!(
        again,
        json!({"created": 0, "updated": 0, "unchanged": 3, "errors": []})
    );
    // Another program writes the same pupils in its own way.
    let other =
        "\u{feff}Classe,Nom,Prénom,Né(e) le\n1re C,Lécuyer,ZOE,2009-03-01\n1re A,MARTIN,Paul,31/12/2008\n";
    let other = import(&admin, other).await.expect(200).json();
    assert_eq!(counts(&other), [&json!(0), &json!(1), &json!(1)]);
    let zoe = find(&admin, &[("search", "zoe")]).await;
    assert_eq!(
        (zoe.len(), &zoe[0]["surname"], &zoe[0]["class"], &zoe[0]["number"]),
        (1, &json!("Lécuyer"), &json!("1re C"), &json!("070801"))
    );
}

#[tokio::test]
async fn good_lines_are_taken_and_each_bad_one_says_why() {
    let system = System::start().await;
    let admin = system.admin().await;
    let list = "Nom\tPrénom\tNé(e) le\nDURAND\tZoé\t01/03/2009\n\tPaul\t\nMARTIN\tPaul\t30/02/2009\n\
        durand\tzoé\t1/3/2009\n";
    let windows: Vec<u8> = list
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let answer = import(&admin, windows).await.expect(200).json();
    assert_eq!(counts(&answer), [&json!(1), &json!(0), &json!(0)]);
    assert_eq!(
        answer["errors"],
        json!([
            {"line": 3, "code": "missing_surname"},
            {"line": 4, "code": "bad_date"},
            {"line": 5, "code": "duplicate_in_file"},
        ])
    );
    assert_eq!(find(&admin, &[]).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_list_is_refused_and_changes_nothing() {
    let system = System::builder()
        .setting("KORRIGO_MAX_ROSTER_BYTES", "4096")
        .start()
        .await;
    let admin = system.admin().await;
    import(&admin, "").await.expect_problem(422, "empty_file");
    let headless = import(&admin, "DURAND;Zoé\n")
        .await
        .expect_problem(422, "invalid");
    assert_eq!(headless.text("/errors/0/pointer"), "/header/surname");
    assert!(!String::from_utf8_lossy(&headless.body).contains("DURAND"));
    let half = import(&admin, "Nom;Classe\nDURAND;1re B\n")
        .await
        .expect_problem(422, "invalid");
    assert_eq!(half.text("/errors/0/pointer"), "/header/given_names");
    let long = format!("Nom;Prénom\n{}", "DURAND;Zoé\n".repeat(1_000));
    import(&admin, long).await.expect_problem(413, "too_large");
    let teacher = system.teacher().await;
    import(&teacher, LIST).await.expect_problem(403, "forbidden");
    import(&system.client(), LIST)
        .await
        .expect_problem(401, "unauthenticated");
    assert_eq!(system.count("SELECT count(*) FROM grading.students"), 0);
}

#[tokio::test]
async fn five_thousand_lines_come_in_and_two_that_come_at_once_make_nobody_twice() {
    let system = System::start().await;
    let admin = system.admin().await;
    let pupils =
        (0..5_000).map(|number| format!("NOM {number};Élève;01/03/2009;1re {};{number}\n", number % 30));
    let list = format!("Nom;Prénom;Né(e) le;Classe;INE\n{}", pupils.collect::<String>());
    let (one, other) = tokio::join!(import(&admin, list.clone()), import(&admin, list));
    let created = [one, other].map(|answer| answer.expect(200).json()["created"].as_u64().unwrap());
    assert_eq!(created.iter().sum::<u64>(), 5_000);
    assert_eq!(system.count("SELECT count(*) FROM grading.students"), 5_000);
    let found = find(
        &admin,
        &[("search", "nom 49"), ("class", "1re 10"), ("limit", "100")],
    )
    .await;
    // 490 and 4900, 4930, 4960, 4990.
    assert_eq!(found.len(), 5);
}
