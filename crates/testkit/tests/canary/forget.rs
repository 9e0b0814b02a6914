//! What was said and shown is read from the trail, and forgotten.

use reqwest::Method;
use testkit::System;

use crate::driver::Driver;
use crate::kinds::NAME;
use crate::work::Office;

impl Driver {
    /// The trail is looked at, a pupil is erased, and what is kept no longer is purged.
    pub(crate) async fn forget(&mut self, system: &System, office: &Office) {
        for path in ["/audit/events", "/audit/checkpoints", "/audit/export"] {
            let request = office.admin.request(Method::GET, path);
            self.send(system, request).await.expect(200);
        }
        let pupil = system.database.pupil();
        system.database.run(&format!(
            "UPDATE grading.students SET surname = '{NAME}', search_key = lower('{NAME}') WHERE id = '{pupil}'"
        ));
        let erase = office
            .admin
            .request(Method::DELETE, &format!("/students/{pupil}"));
        self.send(system, erase).await.expect(204);
        let purge = ["retention", "purge", "--yes", "--operator", system.admin_login()];
        let purged = self.operate(system, &purge);
        assert!(purged.status.success(), "{purged:?}");
    }
}
