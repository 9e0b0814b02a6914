//! People with access, and what they are.

closed_names! {
    /// What a person is in the system.
    Role {
        /// School administration: exams, people, dispatch, release.
        Admin = "ADMIN",
        /// Corrects copies.
        Teacher = "TEACHER",
        /// Reads their own results.
        Student = "STUDENT",
    }
}

personal_text! {
    /// The name a person logs in with. Compared without case.
    Login, at most 128 characters;
    /// The name a person is shown by.
    DisplayName, at most 200 characters;
}

impl Login {
    /// The form that is stored and compared.
    #[must_use]
    pub fn normalized(&self) -> String {
        self.expose().to_lowercase()
    }
}
