//! Progress and statistics of an exam, from the first graded copy on, and what they do not say.

use domain::Role;
use serde_json::{Value, json};
use testkit::{Client, System};

use crate::desk::{Desk, Pen};

async fn graded(system: &System, client: &Client, copy: &str, scores: [&str; 2]) {
    let pen = Pen::take(client, copy).await;
    for (question, points) in ["1.a", "2"].into_iter().zip(scores) {
        Client::send(pen.score(question, Some(points))).await.expect(200);
    }
    let key = format!("graded-{copy}");
    Client::send(pen.finalize(&key)).await.expect(202);
    system.settle().await;
}

#[tokio::test]
async fn the_first_graded_copy_counts_and_the_own_lot_stands_beside_all() {
    let system = System::start().await;
    let colleague = system.newcomers(Role::Teacher, 1).await.remove(0);
    let desk = Desk::ready_for(&system, &[system.teacher_id(), colleague.id.clone()]).await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let other = desk.another("a-second-copy").await;
    let statistics = format!("/exams/{}/statistics", desk.exam);
    let progress = format!("/exams/{}/progress", desk.exam);

    for (copy, user) in [(&desk.copy, system.teacher_id()), (&other, colleague.id.clone())] {
        let choice = json!({"user_id": user});
        admin
            .put(&format!("/copies/{copy}/corrector"), &choice)
            .await
            .expect(200);
    }
    graded(&system, &teacher, &desk.copy, ["2.5", "10"]).await;
    let one = teacher.get(&statistics).await.expect(200).json();
    assert_eq!(one["all"], one["own"]);
    assert_eq!(one["own"]["mean"], "12.50");
    assert_eq!(one["own"]["deviation"], "0.00");
    assert_eq!(one["own"]["histogram"][12], 1);

    graded(&system, &colleague.client, &other, ["5", "12.25"]).await;
    let both = teacher.get(&statistics).await.expect(200).json();
    assert_eq!(both["own"], one["own"]);
    let all = &both["all"];
    let figures = [
        "mean",
        "median",
        "deviation",
        "lower_quartile",
        "upper_quartile",
        "lowest",
        "highest",
    ];
    let figures = figures.map(|figure| all[figure].as_str().unwrap());
    assert_eq!(
        figures,
        ["14.88", "14.88", "2.38", "13.69", "16.06", "12.50", "17.25"]
    );
    let expected = json!([
        {"question_id": "1.a", "max_points": "5", "mean": "3.75", "difficulty": "0.75", "discrimination": "1.00"},
        {"question_id": "2", "max_points": "15", "mean": "11.13", "difficulty": "0.74", "discrimination": "1.00"},
    ]);
    assert_eq!(all["questions"], expected);

    let told = teacher.get(&progress).await.expect(200).json();
    assert_eq!(
        (&told["all"]["total"], &told["own"]["total"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(told["all"]["by_status"]["GRADED"], 2);
    // Nobody is put on display: not a word about the other one.
    assert!(told["correctors"].is_null());
    assert!(!told.to_string().contains(&colleague.id) && !both.to_string().contains(&colleague.id));
    let told = admin.get(&progress).await.expect(200).json();
    assert_eq!(told["correctors"].as_array().unwrap().len(), 2);
    assert!(told["own"].is_null());
}

#[tokio::test]
async fn before_the_first_graded_copy_there_is_nothing_to_tell() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let path = format!("/exams/{}/statistics", desk.exam);
    let told = system.teacher().await.get(&path).await.expect(200).json();
    assert_eq!((&told["max"], &told["own"]), (&json!("20"), &Value::Null));
    assert_eq!(
        (&told["all"]["graded"], &told["all"]["mean"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn a_reopened_copy_counts_no_more_until_it_is_graded_again() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    desk.grade(&teacher).await;
    let path = format!("/exams/{}/statistics", desk.exam);
    let graded = async || teacher.get(&path).await.expect(200).json()["all"]["graded"].clone();
    assert_eq!(graded().await, 1);
    admin
        .post(&desk.at("/reopen"), &json!({"reason": "appeal"}))
        .await
        .expect(200);
    assert_eq!(graded().await, 0);
}
