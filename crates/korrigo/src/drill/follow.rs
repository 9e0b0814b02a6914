//! Follows the playbook through one fault: from a system that is well, through the fault, to a system that is well.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;
use crate::drill::bench::Bench;
use crate::drill::fault::{Fault, Harm};
use crate::drill::playbook::{Steps, steps};
use crate::drill::scenario::{Alert, Did, SCENARIOS, Scenario};
use crate::drill::shell::{Access, Ran};
use crate::drill::wait::until;
use crate::drill::watch::{QUIET, SETTLED};
use crate::terminal;

/// How long a fault may take until it is seen, and until nothing is left of it. The longest is a job that is tried three times.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_secs(2);
/// What a system that is well says.
const STEADY: [&str; 3] = [
    "korrigo status",
    "korrigo audit verify",
    "korrigo audit reconcile",
];

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    pub(super) verdict: &'static str,
    /// The faults that were named.
    pub(super) named: BTreeSet<&'static str>,
    /// Every verdict and every finding.
    pub(super) said: BTreeSet<String>,
    /// The alert that was waited for, and that came and went unless there is a problem.
    pub(super) alert: Option<&'static str>,
    pub(super) seconds: u64,
    /// Why it is not as it should be.
    pub(super) problem: Option<Failure>,
}

/// Follows it.
pub(super) async fn follow(bench: &mut Bench, scenario: &'static Scenario) -> Outcome {
    let begun = Instant::now();
    let alert = alert(bench, scenario);
    let mut drill = Drill {
        bench,
        scenario,
        steps: steps(scenario.name),
        harm: Harm::default(),
        alert,
        said: BTreeSet::new(),
    };
    let problem = drill.whole().await.err();
    let said = std::mem::take(&mut drill.said);
    let verdicts = SCENARIOS.iter().map(|scenario| scenario.verdict);
    Outcome {
        name: scenario.name,
        verdict: scenario.verdict,
        named: verdicts.filter(|verdict| said.contains(*verdict)).collect(),
        said,
        alert: alert.map(|alert| alert.name),
        seconds: begun.elapsed().as_secs(),
        problem,
    }
}

/// The alert to wait for, if somebody watches.
fn alert(bench: &Bench, scenario: &Scenario) -> Option<Alert> {
    let alert = bench.watch.as_ref().and(scenario.alert);
    if alert.is_some() && scenario.fault == Fault::VolumeFull && !bench.volume.is_mounted() {
        let name = scenario.name;
        terminal::progress(format_args!(
            "{name}: nothing may be mounted here, so that its alert is not waited for"
        ));
        return None;
    }
    alert
}

struct Drill<'a> {
    bench: &'a mut Bench,
    scenario: &'static Scenario,
    steps: Steps,
    harm: Harm,
    alert: Option<Alert>,
    said: BTreeSet<String>,
}

impl Drill<'_> {
    async fn whole(&mut self) -> Result<(), Failure> {
        let Scenario { name, fault, .. } = self.scenario;
        self.steady().await?;
        self.alert_goes(SETTLED).await?;
        self.harm = self.bench.inject(*fault).await?;
        terminal::progress(format_args!("{name}: the fault is done"));
        self.diagnose().await?;
        terminal::progress(format_args!("{name}: it is named {}", self.scenario.verdict));
        self.alert_comes().await?;
        self.bench.mend(*fault, &self.harm)?;
        for line in self.steps.actions.clone() {
            let ran = self.run(&line, Access::Act).await?;
            if ran.code != 0 {
                return Err(strange(&ran, "an action failed"));
            }
        }
        self.recovered().await?;
        self.events().await?;
        self.steady().await?;
        self.alert_goes(QUIET).await?;
        terminal::progress(format_args!("{name}: all is well again"));
        Ok(())
    }

    /// A copy is imported, nothing is found, and the trail is what was written.
    async fn steady(&mut self) -> Result<(), Failure> {
        self.bench.imported().await?;
        let end = Instant::now() + PATIENCE;
        for line in STEADY {
            until(end, PAUSE, async || {
                let ran = self.run(line, Access::Look).await?;
                Ok((ran.code != 0).then(|| strange(&ran, "the system is not well")))
            })
            .await?;
        }
        Ok(())
    }

    /// Looks until the fault is named. A fault takes its time until it shows; meanwhile nothing else may be named.
    async fn diagnose(&mut self) -> Result<(), Failure> {
        until(Instant::now() + PATIENCE, PAUSE, async || {
            let lines = self.steps.diagnosis.clone();
            for (line, expected) in lines.iter().zip(self.scenario.expected) {
                let ran = self.run(line, Access::Look).await?;
                Self::judge(&ran, |said| self.scenario.may_say(said))?;
                self.said.extend(ran.said().map(str::to_owned));
                if (ran.code, ran.verdict()) != (expected.code, expected.verdict) {
                    return Ok(Some(strange(&ran, "the fault is not named")));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Refuses what is neither the verdict on our fault nor one of its named consequences.
    fn judge(ran: &Ran, may_say: impl Fn(&str) -> bool) -> Result<(), Failure> {
        match ran.said().find(|said| !may_say(said)) {
            Some(said) => Err(strange(ran, &format!("{said} is named, which is not ours"))),
            None => Ok(()),
        }
    }

    /// Waits for the alert that has to tell of it, if somebody watches.
    async fn alert_comes(&mut self) -> Result<(), Failure> {
        if let (Some(watch), Some(alert)) = (&mut self.bench.watch, self.alert) {
            watch.comes(alert).await?;
            terminal::progress(format_args!("{}: {} has come", self.scenario.name, alert.name));
        }
        Ok(())
    }

    /// Waits until there is nothing of it for so long.
    async fn alert_goes(&mut self, quiet: Duration) -> Result<(), Failure> {
        if let (Some(watch), Some(alert)) = (&mut self.bench.watch, self.alert) {
            watch.goes(alert, quiet).await?;
        }
        Ok(())
    }

    async fn recovered(&mut self) -> Result<(), Failure> {
        until(Instant::now() + PATIENCE, PAUSE, async || {
            let mut found = None;
            for line in self.steps.recovery.clone() {
                let ran = self.run(&line, Access::Look).await?;
                Self::judge(&ran, |said| self.scenario.may_still_say(said))?;
                found = ran.verdict().map(str::to_owned);
                if ran.code != 0 {
                    return Ok(Some(strange(&ran, "it is not mended")));
                }
            }
            let (end, found) = (self.scenario.end, found.unwrap_or_default());
            let other = || broken(format!("the copy should be {end} in the end and is {found}"));
            Ok((found != end).then(other))
        })
        .await
    }

    async fn events(&mut self) -> Result<(), Failure> {
        let ran = self
            .run("korrigo diagnose copy \"$COPY\" --json", Access::Look)
            .await?;
        let seen: Value = serde_json::from_str(&ran.printed).unwrap_or_default();
        let events = seen.get("events").and_then(Value::as_array);
        let is_there = |did: &Did| events.is_some_and(|events| events.iter().any(|event| did.is(event)));
        let missing = self.scenario.events.iter().find(|did| !is_there(did));
        missing.map_or(Ok(()), |did| {
            Err(broken(format!(
                "the trail of the copy has no such event: {did:?}"
            )))
        })
    }

    async fn run(&mut self, line: &str, access: Access) -> Result<Ran, Failure> {
        let ran = self.bench.run_line(line, access, &self.harm).await?;
        if self.bench.canaries.spared_by(&ran.printed) {
            Ok(ran)
        } else {
            Err(broken(format!("{line} printed something personal, or a secret")))
        }
    }
}

fn strange(ran: &Ran, why: &str) -> Failure {
    let Ran { line, code, printed } = ran;
    broken(format!("{why}: `{line}` ended with {code} and said\n{printed}"))
}

fn broken(what: String) -> Failure {
    Failure::new(what, "mend docs/playbook.md, or what it speaks of")
}
