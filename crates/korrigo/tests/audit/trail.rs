//! A trail of three copies with five events each, with two checkpoints, and the commands to look at it.

use std::path::PathBuf;
use std::process::{Command, Output};

use domain::CopyId;
use domain::audit::{Root, SigningKey, checkpoint};
use serde_json::Value;
use tempfile::TempDir;
use testkit::commands::alone;
use testkit::{TestDatabase, text};

/// An administrator, an exam, three copies. The trail writes itself.
const SCENE: &str = r#"
    INSERT INTO grading.users (id, login_normalized, login, display_name, role)
        VALUES (gen_random_uuid(), 'head@school.example', 'head@school.example', 'Nobody', 'ADMIN');
    INSERT INTO grading.exams (id, name, date, layout) VALUES (gen_random_uuid(), 'Mock exam', '2030-05-17', 'A4');
    INSERT INTO grading.copies (id, exam_id, anonymous_id)
        SELECT gen_random_uuid(), e.id, code
        FROM grading.exams e, unnest(ARRAY['AAAA-2222', 'BBBB-2222', 'CCCC-2222']) AS codes (code);
    INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
        SELECT gen_random_uuid(), c.id, 'REMARK', 'user', gen_random_uuid(), gen_random_uuid(),
            '{"target": "copy", "cleared": false}'
        FROM grading.copies c, generate_series(1, 5) ORDER BY random();
"#;

pub(crate) struct Trail {
    pub(crate) database: TestDatabase,
    pub(crate) home: TempDir,
    key: SigningKey,
    runtime: tokio::runtime::Runtime,
}

impl Trail {
    /// Of 15 events, of which checkpoints vouch for the first seven and for all.
    pub(crate) fn new() -> Self {
        let key = SigningKey::random("korrigo.example/test".parse().unwrap());
        let trail = Self {
            database: TestDatabase::create(),
            home: tempfile::tempdir().unwrap(),
            key,
            runtime: tokio::runtime::Runtime::new().unwrap(),
        };
        std::fs::write(trail.path("key.pub"), trail.key.public().to_string()).unwrap();
        trail.database.run(SCENE);
        let _first = trail.vouch(7);
        let _last = trail.vouch(100);
        trail
    }

    /// Lets the tree grow and adds a checkpoint.
    pub(crate) fn vouch(&self, limit: u16) -> Root {
        let tree = self.runtime.block_on(async {
            let store = self.database.store().await;
            let grown = store
                .transaction("test", move |tx| tx.audit_tree().grow(limit))
                .await;
            let grown: Result<_, store::Error> = grown;
            grown.unwrap().1
        });
        let root = Root {
            size: tree.size(),
            hash: tree.root(),
        };
        let file = self.path("checkpoints");
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        let after = format!("{before}{}\n", checkpoint(root, &self.key));
        std::fs::write(file, after).unwrap();
        root
    }

    /// The database remembers a checkpoint, as it does for the service.
    pub(crate) fn remember(&self, root: Root) {
        let kept = self.runtime.block_on(async {
            let store = self.database.store().await;
            store
                .transaction("test", move |tx| tx.audit_tree().vouch(root))
                .await
        });
        let kept: Result<(), store::Error> = kept;
        kept.unwrap();
    }

    /// Waits for what happens meanwhile.
    pub(crate) fn meanwhile<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The second of the copies, by id.
    pub(crate) fn second_copy(&self) -> String {
        let copies = self.runtime.block_on(async {
            let store = self.database.store().await;
            store.transaction("test", |tx| tx.trails().copies(None, 10)).await
        });
        let copies: Result<Vec<CopyId>, store::Error> = copies;
        copies.unwrap()[1].to_string()
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Alters rows as somebody may who rules the database: no trigger and no rule is asked.
    pub(crate) fn alter(&self, sql: &str) {
        self.database.run(&format!(
            "ALTER TABLE grading.grading_events DROP CONSTRAINT grading_events_metadata_closed,
                 DROP CONSTRAINT grading_events_action_known;
             SET session_replication_role = replica; {sql}"
        ));
    }

    /// Runs `korrigo` as an operator who has this database, and all else of the trail.
    pub(crate) fn operate(&self, database: &TestDatabase, arguments: &[&str]) -> Output {
        self.command(database, arguments).output().unwrap()
    }

    /// The same, for who does something else meanwhile.
    pub(crate) fn command(&self, database: &TestDatabase, arguments: &[&str]) -> Command {
        let mut command = alone(env!("CARGO_BIN_EXE_korrigo"), arguments);
        command.current_dir(self.home.path());
        command.env("KORRIGO_MIGRATE_URL", database.owner_url());
        command.env("KORRIGO_DATABASE_URL", database.app_url());
        command.env("KORRIGO_AUDIT_CHECKPOINTS", "checkpoints");
        command.env("KORRIGO_AUDIT_PUBLIC_KEY", "key.pub");
        command.env("KORRIGO_OPERATOR", "head@school.example");
        command.envs(testkit::postgres_tools());
        command
    }

    /// Runs `korrigo audit` in the directory of checkpoints and key.
    pub(crate) fn audit(&self, arguments: &[&str]) -> Output {
        let mut command = alone(env!("CARGO_BIN_EXE_korrigo"), &["audit"]);
        command.args(arguments).current_dir(self.home.path());
        command.env("KORRIGO_DATABASE_URL", self.database.app_url());
        command.env("KORRIGO_AUDIT_CHECKPOINTS", "checkpoints");
        command.env("KORRIGO_AUDIT_PUBLIC_KEY", "key.pub");
        command.output().unwrap()
    }

    /// How verification ends, and what it found.
    pub(crate) fn verified(&self, more: &[&str]) -> (Option<i32>, Value) {
        let output = self.audit(&[&["verify", "--json"], more].concat());
        let said = serde_json::from_slice(&output.stdout);
        (output.status.code(), said.unwrap_or_default())
    }

    /// Exports the trail to a file.
    pub(crate) fn export(&self, to: &str) -> Output {
        self.audit(&["export", "--to", to, "--operator", "head@school.example"])
    }

    /// How the program of others ends with a file, and what it says.
    pub(crate) fn verified_by_others(&self, export: &str, more: &[&str]) -> (Option<i32>, String) {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit_verify.py");
        let mut command = Command::new("python3");
        command.args(["-I", program, export, "key.pub"]).args(more);
        let output = command.current_dir(self.home.path()).output().unwrap();
        (output.status.code(), text(&output))
    }
}
