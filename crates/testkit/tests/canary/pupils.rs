//! The work of a school with who its pupils are: lists, searches, access, and whose copy is whose.

use reqwest::Method;
use serde_json::json;
use testkit::{Client, System, eventually};

use crate::driver::{Driver, json};
use crate::kinds::{ACCESS, CLASS, FORM, GIVEN_NAME, NUMBER, PUPIL};
use crate::sent::{in_address, lists};
use crate::work::talkative;

impl Driver {
    /// A pupil out of a list, with access, who wrote the copy.
    pub(crate) async fn pupils(&mut self, system: &System, admin: &Client, exam: &str, copy: &str) -> String {
        self.listed(system, admin).await;
        let student = self.sought(system, admin).await;
        let path = format!("/students/{student}");
        self.send(system, admin.request(Method::GET, &path))
            .await
            .expect(200);
        let change = json!({"surname": format!("{PUPIL} {PUPIL}"), "number": NUMBER});
        self.send(system, json(admin, Method::PATCH, &path, &change))
            .await
            .expect(200);
        let access = json!({"login": ACCESS});
        let invite = json(admin, Method::POST, &format!("{path}/invite"), &access);
        let invited = self.send(system, invite).await.expect(201);
        self.secret("invitation", invited.text("/invitation/token"));
        let classes = json!({"classes": [FORM, CLASS]});
        let exam = format!("/exams/{exam}");
        let seen = self
            .send(system, admin.request(Method::GET, &exam))
            .await
            .expect(200);
        let change = json(admin, Method::PATCH, &exam, &classes);
        let change = change.header("If-Match", seen.header("etag"));
        self.send(system, change).await.expect(200);
        self.identification(system, admin, &exam, (copy, &student)).await;
        student
    }

    /// A list of one pupil and of two lines that are wrong, in each encoding: it says the same each time. Without its
    /// headings it says nothing.
    async fn listed(&mut self, system: &System, admin: &Client) {
        let list = format!(
            "Nom;Prénom;Né(e) le;Classe;INE\n{PUPIL};{GIVEN_NAME};01/03/2009;{FORM};{NUMBER}\n\
             {PUPIL};{GIVEN_NAME};{PUPIL};{FORM};\n;{GIVEN_NAME};;{FORM};{NUMBER}\n"
        );
        for headings in [true, false] {
            let text = if headings {
                list.as_str()
            } else {
                list.split_once('\n').unwrap().1
            };
            for list in lists(text) {
                let import = admin
                    .request(Method::POST, "/students/import")
                    .header("Content-Type", "text/csv")
                    .body(list);
                let answer = self.send(system, import).await;
                if headings {
                    let counts = answer.expect(200).json();
                    let good: i64 = ["created", "updated", "unchanged"]
                        .iter()
                        .filter_map(|count| counts[*count].as_i64())
                        .sum();
                    assert_eq!(good, 1, "{counts}");
                } else {
                    answer.expect_problem(422, "invalid");
                }
            }
        }
    }

    /// The pupil, asked for by name.
    async fn sought(&mut self, system: &System, admin: &Client) -> String {
        let mut found = Vec::new();
        // As it is, and with its accent behind the letter.
        for turn in 0..2 {
            let (name, class) = (in_address(PUPIL, turn), in_address(FORM, 0));
            let search = admin.request(Method::GET, &format!("/students?search={name}&class={class}"));
            let answer = self.send(system, search).await.expect(200).json();
            found.extend(answer["items"].as_array().unwrap().clone());
        }
        let [one, again] = found.try_into().unwrap();
        assert_eq!(one["id"], again["id"]);
        one["id"].as_str().unwrap().to_owned()
    }

    async fn identification(
        &mut self,
        system: &System,
        admin: &Client,
        exam: &str,
        (copy, student): (&str, &str),
    ) {
        let queue = admin.request(Method::GET, &format!("{exam}/identification"));
        self.send(system, queue).await.expect(200);
        let path = format!("/copies/{copy}");
        let image = admin.request(Method::GET, &format!("{path}/identity-image"));
        self.send(system, image).await.expect(200);
        self.reading(system, admin, exam, &path).await;
        let identity = json!({"student_id": student, "method": "OCR_ASSISTED"});
        let identity = || json(admin, Method::POST, &format!("{path}/identity"), &identity);
        self.send(system, identity()).await.expect(200);
        let back = admin.request(Method::DELETE, &format!("{path}/identity"));
        self.send(system, back).await.expect(200);
        self.send(system, identity()).await.expect(200);
    }

    /// Two copies that say who wrote them become one.
    pub(crate) async fn merged(&mut self, system: &System, (admin, teacher): (&Client, &Client), exam: &str) {
        let (kept, _) = self.uploaded(system, teacher, exam, talkative(4)).await;
        let (other, _) = self.uploaded(system, teacher, exam, talkative(5)).await;
        let path = format!("/copies/{kept}");
        let other = json!({"other_id": other});
        let merge = json(admin, Method::POST, &format!("{path}/merge"), &other);
        let merged = self.send(system, merge).await.expect(200);
        let turned = [1, 0].map(|place| merged.text(&format!("/booklets/{place}/id")));
        let turned = json!({"booklets": turned});
        let turned = json(admin, Method::PUT, &format!("{path}/booklets"), &turned);
        self.send(system, turned).await.expect(200);
    }

    /// A machine reads what is on the copies, and who may have written one of them is suggested.
    async fn reading(&mut self, system: &System, admin: &Client, exam: &str, copy: &str) {
        let suggestions = format!("{copy}/identity/suggestions");
        let order = admin.request(Method::POST, &suggestions);
        self.send(system, order).await.expect(202);
        let all = admin.request(Method::POST, &format!("{exam}/identification/suggestions"));
        self.send(system, all).await.expect(202);
        eventually("the copies to be read", async || {
            self.passing.look(system);
            let suggestions = admin.get(&suggestions).await.expect(200);
            if suggestions.json()["reading_available"] == true {
                Ok(())
            } else {
                Err("nothing was read")
            }
        })
        .await;
        let suggestions = admin.request(Method::GET, &suggestions);
        self.send(system, suggestions).await.expect(200);
    }
}
