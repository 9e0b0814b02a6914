//! What is asked for, what may be answered, and by what it is known that it was done once.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::Office;

/// A command of somebody.
pub(in crate::kills) struct Act {
    pub(in crate::kills) ask: RequestBuilder,
    /// What whoever asks may be told when it is done, just now or before.
    pub(in crate::kills) told: &'static [u16],
    /// A number that is one more when it was done.
    pub(in crate::kills) done: String,
}

/// The name of a transaction, and what leads to it.
type Named = (&'static str, fn(&Office) -> Act);

/// Each act by the name of its transaction, in an order in which one does not take anything away from another.
pub(super) const ACTS: &[Named] = &[
    ("update_exam", update_exam),
    ("set_marking_scheme", set_marking_scheme),
    ("create_user", create_user),
    ("import_students", import_students),
    ("dispatch_copies", dispatch_copies),
    ("set_corrector", set_corrector),
    ("set_identity", set_identity),
    ("clear_identity", clear_identity),
    ("release_lock", release_lock),
    ("force_release_lock", force_release_lock),
    ("discard_copy", discard_copy),
    ("merge_copies", merge_copies),
    ("reopen_copy", reopen_copy),
    ("adjust_scores", adjust_scores),
    ("release_results", release_results),
    ("order_archive", order_archive),
    ("withdraw_results", withdraw_results),
    ("erase_pupil", erase_pupil),
];

/// How often this has happened to a copy.
fn events(copy: &str, action: &str) -> String {
    format!("SELECT count(*) FROM grading.grading_events WHERE copy_id = '{copy}' AND action = '{action}'")
}

fn version(exam: &str) -> String {
    format!("SELECT version FROM grading.exams WHERE id = '{exam}'")
}

fn update_exam(office: &Office) -> Act {
    let [exam, _] = &office.blank;
    let name = json!({"name": "Épreuve blanche"});
    Act {
        ask: office.change(Method::PATCH, &format!("/exams/{exam}"), &name),
        told: &[200, 412],
        done: version(exam),
    }
}

fn set_marking_scheme(office: &Office) -> Act {
    let [_, exam] = &office.blank;
    let scheme = json!({"questions": [{"id": "1", "label": "Dissertation", "max_points": "20"}]});
    Act {
        ask: office.change(Method::PUT, &format!("/exams/{exam}/marking-scheme"), &scheme),
        told: &[200, 412],
        done: version(exam),
    }
}

fn create_user(office: &Office) -> Act {
    let login = format!("office-{}@school.example", office.number);
    let person = json!({"login": login, "display_name": "Dominique Exemple", "role": "TEACHER"});
    Act {
        ask: office.post("/users", &person),
        told: &[201, 422],
        done: format!("SELECT count(*) FROM grading.users WHERE login = '{login}'"),
    }
}

fn import_students(office: &Office) -> Act {
    let number = office.number;
    let list = format!(
        "Nom;Prénom;Né(e) le;Classe;INE\r\nEXEMPLE;Bureau{number};01/03/2009;1re B;08{number:04}\r\n"
    );
    let import = office.admin.request(Method::POST, "/students/import");
    Act {
        ask: import.header("Content-Type", "text/csv").body(list),
        told: &[200],
        done: format!("SELECT count(*) FROM grading.students WHERE given_names = 'Bureau{number}'"),
    }
}

fn dispatch_copies(office: &Office) -> Act {
    Act {
        ask: office.post(
            &format!("/exams/{}/dispatch", office.exam),
            &json!({"absent": []}),
        ),
        told: &[200],
        done: events(&office.shared, "DISPATCH"),
    }
}

fn set_corrector(office: &Office) -> Act {
    let request = office
        .admin
        .request(Method::PUT, &format!("/copies/{}/corrector", office.shared));
    Act {
        ask: request.json(&json!({"user_id": null})),
        told: &[200],
        done: events(&office.shared, "DISPATCH"),
    }
}

fn set_identity(office: &Office) -> Act {
    let [pupil, _] = &office.pupils;
    let identity = json!({"student_id": pupil, "method": "MANUAL"});
    Act {
        ask: office.post(&format!("/copies/{}/identity", office.named), &identity),
        told: &[200],
        done: events(&office.named, "IDENTIFY"),
    }
}

fn clear_identity(office: &Office) -> Act {
    Act {
        ask: office.delete(&format!("/copies/{}/identity", office.named)),
        told: &[200],
        done: events(&office.named, "IDENTIFY"),
    }
}

fn release_lock(office: &Office) -> Act {
    let (copy, token) = &office.held;
    let release = office
        .teacher
        .request(Method::DELETE, &format!("/copies/{copy}/lock"));
    Act {
        ask: release.header("X-Lock-Token", token),
        told: &[200, 204, 409],
        done: events(copy, "UNLOCK"),
    }
}

fn force_release_lock(office: &Office) -> Act {
    let reason = json!({"reason": "corrector_absent"});
    Act {
        ask: office.post(&format!("/copies/{}/lock/force-release", office.forced), &reason),
        told: &[200, 409],
        done: events(&office.forced, "FORCE_UNLOCK"),
    }
}

fn discard_copy(office: &Office) -> Act {
    let reason = json!({"reason": "bad_scan"});
    Act {
        ask: office.post(&format!("/copies/{}/discard", office.discarded), &reason),
        told: &[200, 404, 409],
        done: events(&office.discarded, "DISCARD"),
    }
}

fn merge_copies(office: &Office) -> Act {
    let [one, other] = &office.merged;
    Act {
        ask: office.post(&format!("/copies/{one}/merge"), &json!({"other_id": other})),
        told: &[200, 404, 409, 422],
        done: events(one, "MERGE"),
    }
}

fn reopen_copy(office: &Office) -> Act {
    let copy = &office.reopened.id;
    Act {
        ask: office.post(&format!("/copies/{copy}/reopen"), &json!({"reason": "appeal"})),
        told: &[200, 409],
        done: events(copy, "REOPEN"),
    }
}

fn adjust_scores(office: &Office) -> Act {
    let change = json!({"reason_code": "marking_error", "delta": "-0.5"});
    let exam = &office.released.exam;
    Act {
        ask: office.keyed(&format!("/exams/{exam}/change-sets")).json(&change),
        told: &[201],
        done: events(&office.released.id, "CORRECTION"),
    }
}

fn release_results(office: &Office) -> Act {
    Act {
        ask: office.keyed(&format!("/exams/{}/release", office.released.exam)),
        told: &[201],
        done: events(&office.released.id, "RELEASE"),
    }
}

fn order_archive(office: &Office) -> Act {
    let exam = &office.released.exam;
    Act {
        ask: office.keyed(&format!("/exams/{exam}/archive")),
        told: &[202],
        done: format!("SELECT count(*) FROM grading.archives WHERE exam_id = '{exam}'"),
    }
}

fn withdraw_results(office: &Office) -> Act {
    Act {
        ask: office.delete(&format!("/exams/{}/release", office.released.exam)),
        told: &[204],
        done: events(&office.released.id, "RELEASE"),
    }
}

fn erase_pupil(office: &Office) -> Act {
    let [_, pupil] = &office.pupils;
    Act {
        ask: office.delete(&format!("/students/{pupil}")),
        told: &[204, 404],
        done: format!("SELECT 1 - count(*) FROM grading.students WHERE id = '{pupil}'"),
    }
}
