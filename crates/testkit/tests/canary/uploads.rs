//! Files as clients send them: under names that are written in all ways, and such that nothing can be made of them.

use reqwest::Method;
use testkit::{Client, System, corpus};

use crate::driver::Driver;
use crate::kinds::AUTHOR;
use crate::sent::names_of_files;
use crate::work::{key, talkative, uploading};

impl Driver {
    /// Documents and scans of which nothing can be made, each for a reason of its own.
    pub(crate) async fn unfit(&mut self, system: &System, teacher: &Client, exam: &str) {
        for unfit in [
            corpus::user_encrypted(),
            corpus::zero_pages(),
            corpus::many_pages(501),
            corpus::gigantic_page(),
        ] {
            for place in ["copies", "batches"] {
                let said = format!("\n%% {AUTHOR} {place}\n").into_bytes();
                let path = format!("/exams/{exam}/{place}");
                let upload = uploading(teacher, &path, [unfit.clone(), said].concat());
                let accepted = self.send(system, upload).await.expect(202);
                self.ended(system, teacher, &accepted.text("/job/id")).await;
            }
        }
    }

    /// Files whose names are written in all ways.
    pub(crate) async fn named(&mut self, system: &System, teacher: &Client, exam: &str) {
        let path = format!("/exams/{exam}/copies");
        for (number, (name, is_read)) in (40..).zip(names_of_files()) {
            let head = b"--x\r\nContent-Disposition: form-data; name=\"file\"; ".to_vec();
            let document = talkative(number);
            let form = [
                head,
                name,
                b"\r\n\r\n".to_vec(),
                document,
                b"\r\n--x--\r\n".to_vec(),
            ]
            .concat();
            let upload = teacher
                .request(Method::POST, &path)
                .header("Idempotency-Key", key())
                .header("Content-Type", "multipart/form-data; boundary=x")
                .body(form);
            let answer = self.send(system, upload).await;
            if is_read {
                self.ended(system, teacher, &answer.expect(202).text("/job/id"))
                    .await;
            } else {
                answer.expect_problem(422, "invalid");
            }
        }
    }
}
