//! The playbook as the drill reads it: of each scenario the commands below *Diagnosis*, *Actions* and *Recovery check*.
//!
//! Only fences marked `sh` are run. All else is for people.

use crate::fences::{self, Line};

const TEXT: &str = include_str!("../../../../docs/playbook.md");

/// What a scenario says is to be run, line by line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    /// What tells what is the matter.
    pub(super) diagnosis: Vec<String>,
    /// What mends it.
    pub(super) actions: Vec<String>,
    /// What shows that it is mended.
    pub(super) recovery: Vec<String>,
}

/// The steps of the scenario with this heading.
pub(super) fn steps(name: &str) -> Steps {
    steps_in(TEXT, name)
}

fn steps_in(text: &str, name: &str) -> Steps {
    let mut steps = Steps::default();
    for line in fences::lines(text) {
        if is_command(&line)
            && anchor(line.section) == name
            && let Some(list) = steps.list(line.part)
        {
            list.push(line.text);
        }
    }
    steps
}

impl Steps {
    fn list(&mut self, part: &str) -> Option<&mut Vec<String>> {
        match part {
            "Diagnosis" => Some(&mut self.diagnosis),
            "Actions" => Some(&mut self.actions),
            "Recovery check" => Some(&mut self.recovery),
            _ => None,
        }
    }
}

fn is_command(line: &Line<'_>) -> bool {
    line.mark == "sh" && !line.text.starts_with('#')
}

/// The name by which a heading is linked to.
fn anchor(heading: &str) -> String {
    heading.trim().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::scenario::SCENARIOS;

    #[test]
    fn only_the_shell_commands_of_the_scenario_are_read() {
        let text = "## Other\n### Diagnosis\n```sh\nno\n```\n## Disk full\n### Symptoms\n```sh\nno\n```\n\
            ### Diagnosis\n```text\nno\n```\n```sh\n# a word\none \\\n  two\n\nthree\n```\n### Actions\n```sh\nfour\n```\n";
        let steps = steps_in(text, "disk-full");
        assert_eq!(steps.diagnosis, ["one two", "three"]);
        assert_eq!(steps.actions, ["four"]);
        assert!(steps.recovery.is_empty());
    }

    #[test]
    fn every_scenario_has_its_section_and_every_section_with_a_diagnosis_its_scenario() {
        for scenario in SCENARIOS {
            let steps = steps(scenario.name);
            assert_eq!(
                steps.diagnosis.len(),
                scenario.expected.len(),
                "{}: one expectation for each command",
                scenario.name
            );
            assert!(!steps.recovery.is_empty(), "{}", scenario.name);
        }
        let drilled = TEXT.lines().filter(|line| *line == "### Diagnosis").count();
        assert_eq!(drilled, SCENARIOS.len());
    }

    #[test]
    fn the_alert_of_a_fault_is_among_its_symptoms_and_among_what_was_proven() {
        let proven = include_str!("../../../../docs/faults.md");
        for scenario in SCENARIOS {
            let Some(alert) = scenario.alert else { continue };
            let section = TEXT
                .split("\n## ")
                .find(|text| anchor(text.lines().next().unwrap_or_default()) == scenario.name);
            let symptoms = section.and_then(|text| text.split("\n### ").nth(1)).unwrap();
            let link = format!("[{0}](alerts.md#{1})", alert.name, alert.name.to_lowercase());
            assert!(symptoms.contains(&link), "{} does not name {link}", scenario.name);
            assert!(proven.contains(&link), "{link}");
        }
    }

    /// Settings and alerts that are named there are there: what is true of links, `tests/documents` sees to.
    #[test]
    fn every_scenario_says_what_keeps_it_from_coming_again() {
        let settings = include_str!("../../../../docs/configuration.md");
        let scenarios = TEXT
            .split("\n## ")
            .filter(|text| text.contains("\n### Diagnosis\n"));
        for scenario in scenarios {
            let name = scenario.lines().next().unwrap();
            let prevention = scenario.split("\n### Prevention\n").nth(1).expect(name);
            let prevention = prevention.split("\n### ").next().unwrap();
            assert!(
                prevention.contains("](alerts.md#korrigo"),
                "{name} names no alert"
            );
            let quoted = prevention.split('`').skip(1).step_by(2);
            for setting in quoted.filter(|word| word.starts_with("KORRIGO_")) {
                assert!(settings.contains(&format!("`{setting}`")), "{name}: {setting}");
            }
        }
    }

    #[test]
    fn every_line_that_is_marked_as_the_drills_is_run_by_it() {
        let marked = fences::lines(TEXT).into_iter().filter(is_command);
        let run = SCENARIOS.iter().map(|scenario| {
            let steps = steps(scenario.name);
            steps.diagnosis.len() + steps.actions.len() + steps.recovery.len()
        });
        assert_eq!(marked.count(), run.sum::<usize>());
    }
}
