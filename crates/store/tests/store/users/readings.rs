//! What was read where pupils write who they are: for suggestions, and for no longer.

use domain::audit::EraseCause;
use domain::student::{ClassName, GivenNames, Particulars, Surname};
use domain::{Copy, CopyId, Job, Reading, Reason, StudentId, Task};

use crate::harness::{Bench, attempt};

impl Bench {
    /// A copy whose first page has the image of its identity zone.
    async fn shown(&self, source: &[u8]) -> Copy {
        let copy = self.imported(source).await;
        self.database.run(&format!(
            "UPDATE grading.pages SET identity_digest = display_digest, identity_format = display_format
             WHERE copy_id = '{}' AND index = 0",
            copy.id
        ));
        copy
    }

    async fn read(&self, copy: CopyId, text: &str) {
        let (exam, reading) = (self.exam, Reading::of(text));
        let stored = self.tx(move |tx| tx.readings().put(exam, copy, &reading)).await;
        stored.expect("the reading is stored");
    }

    async fn unread(&self) -> Vec<CopyId> {
        let exam = self.exam;
        let unread = self.tx(move |tx| tx.readings().unread(exam, None, 9)).await;
        unread.expect("the copies are listed")
    }

    fn readings(&self) -> i64 {
        self.database
            .count("SELECT count(*) FROM grading.identity_readings")
    }
}

#[tokio::test]
async fn copies_are_read_that_show_who_wrote_them_and_that_nobody_reads_yet() {
    let bench = Bench::new().await;
    let [first, second, third] = [
        bench.shown(b"one").await.id,
        bench.shown(b"two").await.id,
        bench.shown(b"three").await.id,
    ];
    // One of before has no such image.
    bench.imported(b"old").await;
    assert_eq!(bench.unread().await, [first, second, third]);
    let exam = bench.exam;
    let later = bench
        .tx(move |tx| tx.readings().unread(exam, Some(first), 1))
        .await;
    assert_eq!(later, Ok(vec![second]));

    let job = Job::queued(Task::Read(first), bench.admin, &bench.ids);
    let (envelope, id) = (bench.envelope(job.id), job.id);
    let ordered = job.clone();
    let open = bench.tx(move |tx| {
        tx.order(&ordered, &envelope)?;
        Ok((tx.jobs().reading_of(first)?, tx.jobs().reading_of(second)?))
    });
    assert_eq!(open.await, Ok((Some(id), None)));
    bench.read(second, "NOISETIER Éloïse").await;
    assert_eq!(bench.unread().await, [third]);

    // No second one, whoever forgets to ask.
    let again = Job::queued(Task::Read(first), bench.admin, &bench.ids);
    let envelope = bench.envelope(again.id);
    assert!(bench.tx(move |tx| tx.order(&again, &envelope)).await.is_err());
    let cancelled = job.cancel().expect("it waits");
    let open = bench.tx(move |tx| {
        tx.jobs().save(&cancelled)?;
        tx.jobs().reading_of(first)
    });
    assert_eq!(open.await, Ok(None));
    assert_eq!(bench.unread().await, [first, third]);
}

#[tokio::test]
async fn a_reading_is_replaced_and_goes_with_its_copy() {
    let bench = Bench::new().await;
    let (first, second) = (bench.shown(b"one").await, bench.shown(b"two").await);
    for text in ["NOIS", "NOISETIER Éloïse"] {
        bench.read(first.id, text).await;
    }
    bench.read(second.id, "").await;
    let exam = bench.exam;
    let found = bench
        .tx(move |tx| tx.readings().of_exam(exam))
        .await
        .expect("readings");
    let found: Vec<_> = found
        .values()
        .map(|reading| reading.expose().to_owned())
        .collect();
    assert_eq!(found, ["NOISETIER Éloïse", ""]);

    let asked = bench.asked(bench.admin).await;
    let discarded = first
        .discard(Reason::BadScan, asked)
        .expect("it can be put aside");
    let _entry = bench.record(discarded).await;
    assert_eq!(bench.readings(), 1);
    let asked = bench.asked(bench.admin).await;
    let erased = second.erase(EraseCause::Retention, asked).expect("nobody has it");
    bench
        .tx(move |tx| tx.erase(&erased).map(drop))
        .await
        .expect("it is erased");
    assert_eq!(bench.readings(), 0);
    assert!(bench.unread().await.is_empty());
}

#[tokio::test]
async fn pupils_of_the_classes_of_an_exam_are_looked_for() {
    let bench = Bench::new().await;
    let pupil = |surname: &str, class: &str| Particulars {
        surname: Surname::new(surname).expect("a name"),
        given_names: GivenNames::new("Alix").expect("a name"),
        birth_date: None,
        class: ClassName::new(class),
        number: None,
    };
    let pupils: Vec<(StudentId, Particulars)> = [("Noisetier", "1re A"), ("Ortie", "1re B"), ("Pivoine", "")]
        .map(|(surname, class)| (bench.ids.next(), pupil(surname, class)))
        .into();
    let exam = bench.exam;
    let found = bench.tx(move |tx| {
        tx.students().insert_all(&pupils)?;
        let all = tx.readings().roster(exam)?.len();
        let class = ClassName::new("1re B").expect("a class");
        tx.exams().set_classes(exam, &[class])?;
        let some = tx.readings().roster(exam)?;
        let some = some
            .iter()
            .map(|pupil| pupil.particulars.surname.expose().to_owned());
        Ok((all, some.collect::<Vec<_>>()))
    });
    assert_eq!(found.await, Ok((3, vec!["Ortie".to_owned()])));
}

#[tokio::test]
async fn diagnosis_sees_that_a_copy_was_read_and_not_what() {
    let bench = Bench::new().await;
    let read = bench.database.read_url();
    let allowed = "SELECT copy_id, exam_id, created_at FROM grading.identity_readings";
    assert_eq!(attempt(&read, allowed), Ok(()));
    let refused = attempt(&read, "SELECT reading FROM grading.identity_readings");
    assert!(refused.expect_err("a name").starts_with("permission denied"));
}
