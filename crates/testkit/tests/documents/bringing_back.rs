//! Files that are missing or damaged come out of a backup, as the playbook says it.

use std::fs;

use domain::Digest;
use tempfile::TempDir;
use testkit::{System, corpus};

use crate::seat::Seat;
use crate::standing_still::Import;
use crate::typed::{FAILING, PLAYBOOK, lines};

#[tokio::test]
async fn files_that_are_missing_or_damaged_come_out_of_a_backup() {
    let system = System::start().await;
    let machine = TempDir::new().unwrap();
    let mut seat = Seat::take(machine.path(), system.seat());
    Import::order(&system, corpus::text(2)).await;
    system.settle().await;
    system.vouched().await;
    seat.enter("BACKUP=/mnt/backups/2030-05-17");
    seat.enter("korrigo backup take \"$BACKUP\"");

    let names = system.blob_names();
    let [damaged, missing] = [&names[0], &names[1]].map(|name| system.blob(name).unwrap());
    fs::write(damaged, "something else").unwrap();
    fs::remove_dir_all(missing.parent().unwrap()).unwrap();
    for line in lines(PLAYBOOK, FAILING, "shell") {
        seat.enter(&line);
    }
    for name in names {
        let file = fs::read(system.blob(&name).unwrap()).unwrap();
        assert_eq!(Digest::of(&file).to_string(), name);
    }
}
