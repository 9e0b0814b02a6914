//! An administrator with lists and copies.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, System, Upload, corpus};

/// A list as most schools write one.
pub(crate) const LIST: &str = "Nom;Prénom;Né(e) le;Classe;INE\r\n\
    LÉCUYER;Zoé;01/03/2009;1re B;070801\r\n\
    DURAND;Anne-Sophie;2009-04-12;1re B;070802\r\n\
    MARTIN;Paul;31-12-2008;1re A;070803\r\n";

/// Has the administrator take a list in.
pub(crate) async fn import(client: &Client, list: impl Into<Vec<u8>>) -> Answer {
    let import = client.request(Method::POST, "/students/import");
    let import = import.header("Content-Type", "text/csv").body(list.into());
    Client::send(import).await
}

/// Everybody whom a search finds.
pub(crate) async fn find(client: &Client, query: &[(&str, &str)]) -> Vec<Value> {
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let found = client.get(&format!("/students?{}", query.join("&"))).await;
    let found = found.expect(200).json();
    found["items"].as_array().cloned().unwrap_or_default()
}

/// The pupil of that name.
pub(crate) async fn pupil(client: &Client, name: &str) -> String {
    let found = find(client, &[("search", name)]).await;
    found[0]["id"].as_str().unwrap().to_owned()
}

/// Imported copies of an exam, in the order of their uploads.
pub(crate) async fn copies(system: &System, exam: &str, count: u32) -> Vec<String> {
    let teacher = system.teacher().await;
    let mut copies = Vec::new();
    for number in 0..count {
        let key = format!("copy-{number}");
        let accepted = teacher
            .upload(Upload::new(exam, corpus::marked(&key), &key))
            .await;
        copies.push(accepted.expect(202).text("/copy_id"));
    }
    system.settle().await;
    copies
}

/// Says whose copy it is.
pub(crate) async fn identify(client: &Client, copy: &str, student: &str) -> Answer {
    let identity = json!({"student_id": student, "method": "MANUAL"});
    client.post(&format!("/copies/{copy}/identity"), &identity).await
}

/// What happened to a copy, oldest first, with what is told of it.
pub(crate) async fn events(client: &Client, copy: &str, action: &str) -> Vec<Value> {
    let found = client.get(&format!("/copies/{copy}/events?limit=100")).await;
    let found = found.expect(200).json();
    let events = found["items"].as_array().unwrap().iter();
    let events = events.filter(|event| event["action"] == action);
    events.map(|event| event["metadata"].clone()).collect()
}
