//! Alerts and dashboards speak of metrics that exist, and every alert has a severity, a test, and a runbook that is there.
//!
//! The rules are read line by line, as they are written here; whether they are good YAML, `promtool` says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::tidy::inventory::Inventory;
use crate::tidy::promql::selectors;

const RUNBOOK: &str = "docs/alerts.md";
/// Where the links of the rules get their beginning from.
const CONFIGURATION: &str = "deploy/prometheus/prometheus.yml";

/// A rule that records, or that alerts.
#[derive(Debug, Default)]
struct Rule {
    name: String,
    alerts: bool,
    expression: String,
    lines: Vec<String>,
}

pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let rules: Vec<Rule> = texts(&root.join("deploy/prometheus/rules"), "yml")?
        .iter()
        .flat_map(|(_, text)| rules(text))
        .collect();
    ensure!(!rules.is_empty(), "there are no rules for Prometheus");
    let tests = texts(&root.join("deploy/prometheus/tests"), "yml")?;
    let tested: BTreeSet<&str> = tests.iter().flat_map(|(_, text)| tested(text)).collect();
    let runbook = fs::read_to_string(root.join(RUNBOOK)).context("there is no runbook")?;

    let mut expressions: Vec<(String, String)> = rules
        .iter()
        .map(|rule| (rule.name.clone(), rule.expression.clone()))
        .collect();
    for (file, text) in texts(&root.join("deploy/grafana/dashboards"), "json")? {
        let dashboard: Value = serde_json::from_str(&text).with_context(|| format!("{file} is no JSON"))?;
        let mut found = Vec::new();
        collect(&dashboard, &mut found);
        expressions.extend(found.into_iter().map(|expression| (file.clone(), expression)));
    }
    let mut findings = unknown(&Inventory::read(root)?, &rules, &expressions);
    findings.extend(surroundings(&rules, &tested, &runbook));
    let configuration = fs::read_to_string(root.join(CONFIGURATION)).context("there is no configuration")?;
    if !names_runbooks(&configuration) {
        findings.push(format!("{CONFIGURATION} does not say where the documents are"));
    }
    Ok(findings)
}

/// What expressions ask for that is neither recorded by a rule nor in the inventory. Each comes with its place.
fn unknown(inventory: &Inventory, rules: &[Rule], expressions: &[(String, String)]) -> Vec<String> {
    let recorded: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| !rule.alerts)
        .map(|rule| rule.name.as_str())
        .collect();
    let mut findings = Vec::new();
    for (place, expression) in expressions {
        let selectors = selectors(expression);
        let strange = selectors
            .iter()
            .filter(|selector| !recorded.contains(selector.metric.as_str()));
        let unknown = strange.flat_map(|selector| inventory.unknown(selector));
        findings.extend(unknown.map(|what| format!("{place}: {what}")));
    }
    findings
}

/// What an alert needs beside its expression, and sections of the runbook that belong to no alert.
fn surroundings(rules: &[Rule], tested: &BTreeSet<&str>, runbook: &str) -> Vec<String> {
    let alerts: BTreeSet<&str> = rules
        .iter()
        .filter(|rule| rule.alerts)
        .map(|rule| rule.name.as_str())
        .collect();
    let sections: BTreeSet<&str> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let mut findings = Vec::new();
    for rule in rules.iter().filter(|rule| rule.alerts) {
        let name = &rule.name;
        let link = link(name);
        for needed in ["severity: ", "component: ", "summary: ", &link] {
            if !rule.lines.iter().any(|line| line.contains(needed)) {
                findings.push(format!("{name} has no {needed}"));
            }
        }
    }
    let untested = alerts.difference(tested);
    findings.extend(untested.map(|name| format!("{name} has no test")));
    let unexplained = alerts.difference(&sections);
    findings.extend(unexplained.map(|name| format!("{RUNBOOK} has no section {name}")));
    let orphans = sections.difference(&alerts);
    findings.extend(orphans.map(|name| format!("{RUNBOOK}: there is no alert {name}")));
    findings
}

/// The link of an alert to its section of the runbook, below where the documents of `docs/` are published.
fn link(name: &str) -> String {
    let file = RUNBOOK.trim_start_matches("docs");
    let anchor = name.to_lowercase();
    format!("runbook_url: '{{{{ $externalLabels.runbooks }}}}{file}#{anchor}'")
}

/// Whether links begin with something that can be opened from a mail.
fn names_runbooks(configuration: &str) -> bool {
    let mut lines = configuration.lines().map(str::trim);
    lines.any(|line| line.starts_with("runbooks: https://") && !line.ends_with('/'))
}

fn rules(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut in_expression = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('#') {
            continue;
        }
        let begun = [("- alert: ", true), ("- record: ", false)];
        let begun = begun
            .iter()
            .find_map(|(key, alerts)| Some((line.strip_prefix(key)?, *alerts)));
        if let Some((name, alerts)) = begun {
            rules.push(Rule {
                name: name.to_owned(),
                alerts,
                ..Rule::default()
            });
            in_expression = false;
            continue;
        }
        let Some(rule) = rules.last_mut() else { continue };
        if let Some(first) = line.strip_prefix("expr:") {
            first.trim_end_matches('|').clone_into(&mut rule.expression);
            in_expression = true;
            continue;
        }
        in_expression &= !["for:", "labels:", "annotations:", "- name:"]
            .iter()
            .any(|key| line.starts_with(key));
        if in_expression {
            rule.expression.push('\n');
            rule.expression.push_str(line);
        } else {
            rule.lines.push(line.to_owned());
        }
    }
    rules
}

fn tested(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.split_once("alertname: "))
        .map(|(_, rest)| rest.split_once(',').map_or(rest, |(name, _)| name))
}

/// All expressions of a dashboard, wherever they are.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == "expr" {
                    found.extend(value.as_str().map(str::to_owned));
                } else {
                    collect(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn texts(directory: &Path, extension: &str) -> Result<Vec<(String, String)>> {
    let missing = || format!("{} could not be read", directory.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).with_context(missing)? {
        files.push(entry.with_context(missing)?.path());
    }
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    files.iter().map(PathBuf::as_path).map(text).collect()
}

fn text(file: &Path) -> Result<(String, String)> {
    let text = fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))?;
    let name = file.file_name().unwrap_or_default();
    Ok((name.to_string_lossy().into_owned(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "\
groups:
  - name: g
    rules:
      - record: r
        expr: sum(a)
      - alert: Bad
        expr: |
          b > 1
          and c
        for: 1m
        labels: {severity: page, component: x}
        annotations:
          summary: s
          runbook_url: '{{ $externalLabels.runbooks }}/alerts.md#bad'
";

    #[test]
    fn rules_are_read_with_their_expressions() {
        let found = rules(RULES);
        let names: Vec<(&str, bool)> = found
            .iter()
            .map(|rule| (rule.name.as_str(), rule.alerts))
            .collect();
        assert_eq!(names, [("r", false), ("Bad", true)]);
        let metrics: Vec<String> = found
            .iter()
            .flat_map(|rule| selectors(&rule.expression))
            .map(|selector| selector.metric)
            .collect();
        assert_eq!(metrics, ["a", "b", "c"]);
    }

    #[test]
    fn an_alert_with_everything_is_fine() {
        let tested = tested("- {eval_time: 1m, alertname: Bad, exp_alerts: []}").collect();
        assert!(surroundings(&rules(RULES), &tested, "### Bad\n").is_empty());
    }

    #[test]
    fn what_an_alert_lacks_is_named() {
        let rules = rules(&RULES.replace("#bad", "#good").replace("severity", "urgency"));
        assert_eq!(
            surroundings(&rules, &BTreeSet::new(), "### Worse\n"),
            [
                "Bad has no severity: ",
                "Bad has no runbook_url: '{{ $externalLabels.runbooks }}/alerts.md#bad'",
                "Bad has no test",
                "docs/alerts.md has no section Bad",
                "docs/alerts.md: there is no alert Worse",
            ]
        );
    }

    #[test]
    fn links_begin_with_an_address() {
        assert!(names_runbooks(
            "  external_labels:\n    runbooks: https://docs.school.example\n"
        ));
        for useless in ["", "runbooks: docs", "runbooks: https://docs.school.example/"] {
            assert!(!names_runbooks(useless), "{useless}");
        }
    }

    #[test]
    fn expressions_of_dashboards_are_found_wherever_they_are() {
        let mut found = Vec::new();
        let dashboard =
            serde_json::json!({"panels": [{"targets": [{"expr": "a"}], "panels": [{"expr": "b"}]}]});
        collect(&dashboard, &mut found);
        found.sort();
        assert_eq!(found, ["a", "b"]);
    }
}
