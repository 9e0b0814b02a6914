//! People with access: found without case, listed in pages, changed one at a time.

mod readings;
mod students;
mod trails;

use chrono::TimeDelta;
use domain::user::{AccountChange, Change, Invite};
use domain::{Digest, DisplayName, Login, PasswordHash, Role, User};
use store::{Constraint, Error};

use crate::harness::{Bench, user};

#[tokio::test]
async fn a_login_is_found_without_regard_to_case_and_belongs_to_one_person() {
    let bench = Bench::new().await;
    let login = Login::new("  TEACHER@School.Example ").expect("a login");
    let found = bench
        .tx(move |tx| tx.users().by_login(&login))
        .await
        .expect("a look")
        .expect("somebody");
    assert_eq!(
        (found.id, found.role, found.disabled),
        (bench.teacher, Role::Teacher, false)
    );

    let second = user(bench.ids.next(), "Teacher", Role::Teacher).add(None, bench.by());
    let answer = bench.tx(move |tx| tx.change_account(&second)).await;
    assert_eq!(
        answer,
        Err(Error::Conflict {
            constraint: Constraint::DuplicateLogin
        })
    );
}

#[tokio::test]
async fn a_password_is_replaced_and_never_stored_as_it_is() {
    let bench = Bench::new().await;
    let teacher = bench.teacher;
    let new = PasswordHash::restore("$argon2id$v=19$another");
    let set = |id, hash: &PasswordHash| {
        let change = AccountChange::give_password(id, hash.clone(), false, bench.by());
        bench.tx(move |tx| tx.change_account(&change))
    };
    assert!(set(teacher, &new).await.is_ok());
    let found = bench
        .tx(move |tx| tx.users().get(teacher))
        .await
        .expect("a look")
        .expect("somebody");
    assert!(found.password_hash.is_some_and(|hash| hash.is(&new)));

    let plain = PasswordHash::restore("correct horse");
    assert_eq!(
        set(teacher, &plain).await,
        Err(Error::Refused {
            rule: "users_password_is_hashed"
        })
    );
    let nobody = bench.ids.next();
    assert_eq!(set(nobody, &new).await, Err(Error::Stale { table: "users" }));
    assert_eq!(bench.tx(|tx| tx.users().any_administrator()).await, Ok(true));
    bench.database.run("UPDATE grading.users SET disabled = true");
    assert_eq!(bench.tx(|tx| tx.users().any_administrator()).await, Ok(false));
}

#[tokio::test]
async fn people_are_listed_in_pages_and_by_role() {
    let bench = Bench::new().await;
    let page = |role, after, limit| {
        let bench = &bench;
        async move {
            let page = bench.tx(move |tx| tx.users().page(role, after, limit)).await;
            let page = page.expect("a page");
            let ids: Vec<_> = page.items.iter().map(|view| view.user.id).collect();
            (ids, page.next)
        }
    };
    let (admin, teacher) = (bench.admin, bench.teacher);
    assert_eq!(page(None, None, 1).await, (vec![admin], Some(admin)));
    assert_eq!(page(None, Some(admin), 1).await, (vec![teacher], None));
    assert_eq!(page(Some(Role::Teacher), None, 9).await, (vec![teacher], None));
    assert_eq!(page(Some(Role::Student), None, 9).await, (vec![], None));
}

#[tokio::test]
async fn who_is_invited_has_no_password_until_they_have_one() {
    let bench = Bench::new().await;
    let invited = User {
        password_hash: None,
        ..user(bench.ids.next(), "new", Role::Teacher)
    };
    let id = invited.id;
    let invite = Invite {
        token: Digest::of(b"a token"),
        lifetime: TimeDelta::days(7),
    };
    let added = invited.add(Some(invite), bench.by());
    let hash = PasswordHash::restore("$argon2id$v=19$of$somebody");
    let given = AccountChange::give_password(id, hash, true, bench.by());
    let (before, after) = bench
        .tx(move |tx| {
            let _invited = tx.change_account(&added)?;
            let before = tx.users().get(id)?;
            let _given = tx.change_account(&given)?;
            Ok((before, tx.users().get(id)?))
        })
        .await
        .expect("the password is stored");
    assert!(before.is_some_and(|user| user.password_hash.is_none() && !user.must_change_password));
    assert!(after.is_some_and(|user| user.password_hash.is_some() && user.must_change_password));
}

#[tokio::test]
async fn changes_are_stored_and_nobody_logs_in_or_changes_meanwhile() {
    let impatience = std::time::Duration::from_millis(100);
    let bench = Bench::with(|config| config.lock_timeout = impatience).await;
    let (admin, teacher, by) = (bench.admin, bench.teacher, bench.by());
    let store = bench.store.clone();
    let handle = tokio::runtime::Handle::current();
    bench
        .tx(move |tx| {
            let both = tx.users().for_update(&[teacher, admin])?;
            let ids: Vec<_> = both.iter().map(|user| user.id).collect();
            assert_eq!(ids, [admin, teacher]);
            let other = store.transaction("test", move |tx| tx.users().for_share(teacher).map(|_user| ()));
            assert_eq!(handle.block_on(other), Err(Error::Contention));
            let before = both.into_iter().find(|user| user.id == teacher);
            let change = Change {
                display_name: DisplayName::new("Dominique Exemple"),
                role: Some(Role::Student),
                disabled: Some(true),
            };
            let change = before.expect("the teacher").change(change, by);
            tx.change_account(&change).map(|_changed| ())
        })
        .await
        .expect("the change is stored");
    let changed = bench.tx(move |tx| tx.users().for_share(teacher)).await;
    let changed = changed.expect("a query").expect("the teacher");
    assert_eq!(changed.display_name.expose(), "Dominique Exemple");
    assert_eq!((changed.role, changed.disabled), (Role::Student, true));
    let missing = user(bench.ids.next(), "nobody", Role::Teacher).change(Change::default(), bench.by());
    assert_eq!(
        bench.tx(move |tx| tx.change_account(&missing)).await,
        Err(Error::Stale { table: "users" })
    );
}
