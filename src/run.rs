//! The spine: plan, show, confirm, save, apply, verify. It names no cloud and decides no content.

mod outcome;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};

use crate::apply::{Applied, Patience};
use crate::common::{Action, CONNECT_WAIT, Common};
use crate::error::{ErrorCode, Failure};
use crate::interrupt::Interrupt;
use crate::output::Reporter;
use crate::output::progress::Progress;
use crate::prompt::Prompter;
use crate::report::{ChangeReport, ChangeResult, Report};
use crate::resource::Intent;
use crate::step::Step;
use crate::wiring::{Opening, Wiring};
use crate::{backup, verify};
use outcome::{
    first_result, hand_off_steps, handed_off, interrupted, merge_failures, must_confirm, outcome,
    question, refused, skip_rest, unfinished,
};

/// What one run works with.
pub struct Session<'a> {
    /// What every command takes.
    pub common: &'a Common,
    /// Who is told.
    pub reporter: &'a dyn Reporter,
    /// Who may be asked.
    pub prompter: Arc<dyn Prompter + Send + Sync>,
    /// The spinner.
    pub progress: &'a Progress,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
    /// Whether documents are saved before the first write.
    pub backup: bool,
}

impl Session<'_> {
    /// Runs one action from beginning to end. Everything that happened is in the report, whatever happened.
    pub async fn run(&self, command: &str, action: Action, opening: Opening<'_>) -> Report {
        let mut report = Report::new(command);
        if let Err(failure) = self.act(action, opening, &mut report).await {
            if report.next_steps.is_empty() {
                report.next_steps = hand_off_steps(&report);
            }
            report.error = Some(failure);
        }
        report
    }

    async fn act(
        &self,
        action: Action,
        opening: Opening<'_>,
        report: &mut Report,
    ) -> Result<(), Failure> {
        if action.writes() && !self.common.yes && !self.prompter.may_ask() {
            return Err(must_confirm());
        }
        self.progress.say("Signing in and looking up the target");
        let wiring = self.or_interrupted(opening).await??;
        report.target = Some(wiring.target());
        match action {
            Action::Verify => self.verify(&*wiring, action, report).await,
            Action::Plan { exit_code } => {
                report.tell_changes = exit_code;
                self.plan(&*wiring, action, Intent::Connect, report).await?;
                self.reporter.planned(report);
                next_steps(&*wiring, action, report);
                refused(report)
            }
            Action::Connect => {
                let writes = self
                    .change(&*wiring, action, Intent::Connect, report)
                    .await?;
                if writes {
                    self.apply(&*wiring, action, report).await?;
                }
                let left = handed_off(report);
                if let Err(failure) = left
                    && !report.wrote()
                {
                    next_steps(&*wiring, action, report);
                    return Err(wiring.explain_missing(action, failure).await);
                }
                self.verify(&*wiring, action, report).await?;
                handed_off(report).map_err(|failure| unfinished(report, failure))
            }
            Action::Disconnect => {
                let writes = self
                    .change(&*wiring, action, Intent::Disconnect, report)
                    .await?;
                if writes {
                    self.apply(&*wiring, action, report).await?;
                    self.gone(&*wiring, report).await?;
                }
                next_steps(&*wiring, action, report);
                match handed_off(report) {
                    Err(failure) if !report.wrote() => {
                        Err(wiring.explain_missing(action, failure).await)
                    }
                    left => left.map_err(|failure| unfinished(report, failure)),
                }
            }
        }
    }

    /// Reads every document at once and fills in what would change.
    async fn plan(
        &self,
        wiring: &dyn Wiring,
        action: Action,
        intent: Intent,
        report: &mut Report,
    ) -> Result<(), Failure> {
        self.progress.say("Reading what is there");
        let plans = join_all(wiring.steps().iter().map(|step| step.plan(intent)));
        let look_ahead = async {
            if action == Action::Connect {
                wiring.look_ahead().await;
            }
        };
        let (plans, ()) = self.or_interrupted(join(plans, look_ahead)).await?;
        let mut failures = Vec::new();
        for plan in plans {
            match plan {
                Ok(change) => report.changes.push(ChangeReport {
                    result: first_result(&change),
                    change,
                }),
                Err(failure) => failures.push(failure),
            }
        }
        self.progress.clear();
        match merge_failures(failures) {
            None => Ok(()),
            Some(failure) => {
                skip_rest(report);
                Err(wiring.explain_missing(action, failure).await)
            }
        }
    }

    /// Plans, shows and asks; whether there is something to write.
    async fn change(
        &self,
        wiring: &dyn Wiring,
        action: Action,
        intent: Intent,
        report: &mut Report,
    ) -> Result<bool, Failure> {
        self.plan(wiring, action, intent, report).await?;
        self.reporter.planned(report);
        if let Err(failure) = refused(report) {
            skip_rest(report);
            return Err(failure);
        }
        if !report.changes.iter().any(|entry| entry.change.writes()) {
            return Ok(false);
        }
        if !self.common.yes {
            let answer = self.ask(question(report, intent)).await;
            let refusal = match answer {
                Ok(true) => None,
                Ok(false) => Some(Failure::new(
                    ErrorCode::Declined,
                    "declined: nothing was written",
                )),
                Err(failure) => Some(failure),
            };
            if let Some(failure) = refusal {
                skip_rest(report);
                return Err(failure);
            }
        }
        if self.backup {
            let saved = backup::save(report).inspect_err(|_| skip_rest(report))?;
            self.reporter.saved(&saved);
            report.backup = Some(saved);
        }
        Ok(true)
    }

    /// Asks on a thread of its own, so that a signal is heard while somebody thinks.
    async fn ask(&self, question: String) -> Result<bool, Failure> {
        let prompter = Arc::clone(&self.prompter);
        let asked = tokio::task::spawn_blocking(move || prompter.confirm(&question));
        match self.or_interrupted(asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => Err(Failure::new(
                ErrorCode::Declined,
                "the question could not be asked",
            )
            .cause(error.to_string())),
            Err(failure) => {
                self.prompter.abandon();
                Err(failure)
            }
        }
    }

    /// Makes the planned changes one after the other, and stops at the first that is not made.
    async fn apply(
        &self,
        wiring: &dyn Wiring,
        action: Action,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let patience = Patience {
            wait: self.common.wait.unwrap_or(CONNECT_WAIT),
            interrupt: self.interrupt,
            progress: self.progress,
        };
        for (index, step) in wiring.steps().iter().enumerate() {
            let Some(entry) = report.changes.get_mut(index) else {
                continue;
            };
            if entry.result != ChangeResult::Planned {
                continue;
            }
            let title = entry.change.subject.title;
            self.progress.say(&format!("Writing the {title}"));
            let applied = if self.interrupt.requested() {
                Applied::Interrupted
            } else {
                tokio::select! {
                    applied = step.apply(&patience) => applied,
                    () = self.interrupt.second() => Applied::Uncertain(
                        Failure::new(ErrorCode::Uncertain, format!("interrupted while the {title} was being written")),
                    ),
                }
            };
            self.progress.clear();
            if let Applied::HandedOff(hand_off) = &applied {
                entry.change.hand_off = Some(hand_off.clone());
            }
            let (result, failure) = outcome(applied, title);
            entry.result = result;
            self.reporter.applied(entry);
            if let Some(failure) = failure {
                skip_rest(report);
                let failure = wiring.explain_missing(action, failure).await;
                return Err(unfinished(report, failure));
            }
        }
        if self.interrupt.requested() {
            return Err(unfinished(report, interrupted()));
        }
        Ok(())
    }

    /// Reads back what was removed. A removal that the service confirmed and that is still to be made was not made, or
    /// is not to be seen yet.
    async fn gone(&self, wiring: &dyn Wiring, report: &Report) -> Result<(), Failure> {
        self.progress.say("Reading back");
        let wait = self.common.wait.unwrap_or_default();
        // What is left to somebody else is still there, and was not confirmed by anybody.
        let written: Vec<&dyn Step> = wiring
            .steps()
            .iter()
            .zip(&report.changes)
            .filter(|(_, entry)| entry.result == ChangeResult::Written)
            .map(|(step, _)| &**step)
            .collect();
        let gone = self
            .or_interrupted(verify::settled(&written, Intent::Disconnect, wait))
            .await;
        self.progress.clear();
        match gone.map_err(|failure| unfinished(report, failure))? {
            Ok(left) if left.is_empty() => Ok(()),
            Ok(left) => Err(Failure::new(
                ErrorCode::Partial,
                format!(
                    "the removal was confirmed, and cannot be seen yet in the {}",
                    left.join(" and the ")
                ),
            )
            .hint("run the same command again in a minute; with `--wait 2m` it waits by itself")),
            Err(failure) => Err(unfinished(report, failure)),
        }
    }

    async fn verify(
        &self,
        wiring: &dyn Wiring,
        action: Action,
        report: &mut Report,
    ) -> Result<(), Failure> {
        self.progress.say("Checking access and CORS");
        // What is left to somebody else does not come by waiting.
        let left = report
            .changes
            .iter()
            .any(|entry| entry.change.hand_off.is_some());
        let wait = self.common.wait.unwrap_or(match action {
            Action::Connect if !left => CONNECT_WAIT,
            Action::Connect | Action::Plan { .. } | Action::Verify | Action::Disconnect => {
                Duration::ZERO
            }
        });
        let checked = self
            .or_interrupted(verify::verify(wiring, wait, report, self.progress))
            .await;
        if self.common.handover.is_some() {
            report.inputs = wiring.inputs();
        }
        self.progress.clear();
        next_steps(wiring, action, report);
        checked.map_err(|failure| unfinished(report, failure))
    }

    /// Waits for `future`, but not once the run is asked to stop.
    async fn or_interrupted<T>(&self, future: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            done = future => Ok(done),
            () = self.interrupt.first() => {
                self.progress.clear();
                Err(interrupted())
            }
        }
    }
}

/// What is left to people: first what the caller may not do, then what the cloud has to say.
fn next_steps(wiring: &dyn Wiring, action: Action, report: &mut Report) {
    let mut steps = hand_off_steps(report);
    steps.extend(wiring.next_steps(action, report));
    report.next_steps = steps;
}
