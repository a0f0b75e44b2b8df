//! What each node knows of its runs by itself, as it tells the others: the office is shown the same at all of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sources::wonde::Records;
use store::SystemRun;
use wire::http::people::ImportReport;
use wire::http::system::{SystemProgress, SystemStep};

use super::{Intake, Intakes, Progress, Wish};
use crate::api::import_report;
use crate::house::House;

/// From where people are taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The information system that the office has connected.
    System,
    /// The folder of the settings.
    Folder,
}

/// How it stands at one node.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AtNode {
    /// Whether there is anything to take people from by its settings.
    is_there: bool,
    /// How far the run is that goes on there.
    running: Option<SystemProgress>,
    /// The last one there, of which it knows row by row what it came to.
    reported: Option<Reported>,
}

/// A run of which a node knows row by row what it came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Reported {
    /// When it began, in milliseconds since 1970.
    began: i64,
    /// Where it asks, what stands for what it has read and who would leave.
    pub(crate) seen: Option<String>,
}

/// How it stands at all nodes that are reached, this one first.
pub(crate) struct Everywhere(Vec<AtNode>);

impl Everywhere {
    /// Whether there is anything to take people from by the settings of any.
    pub(crate) fn is_there(&self) -> bool {
        self.0.iter().any(|it| it.is_there)
    }

    /// How far the run is that goes on at one of them.
    pub(crate) fn running(&self) -> Option<SystemProgress> {
        self.0.iter().find_map(|it| it.running)
    }

    /// What one of them knows of this run.
    pub(crate) fn reported(&self, run: &SystemRun) -> Option<&Reported> {
        let began = run.began_at.as_millisecond();
        let mut all = self.0.iter().filter_map(|it| it.reported.as_ref());
        all.find(|it| it.began == began)
    }
}

impl From<Progress> for SystemProgress {
    fn from(progress: Progress) -> Self {
        let (step, count) = match progress {
            Progress::Beginning => (SystemStep::Beginning, 0),
            Progress::Reading(Records::Employees, count) => (SystemStep::Employees, count),
            Progress::Reading(Records::Classes, count) => (SystemStep::Classes, count),
            Progress::Reading(Records::Students, count) => (SystemStep::Students, count),
            Progress::Taking => (SystemStep::Taking, 0),
        };
        Self {
            step,
            count: super::number(count),
        }
    }
}

impl Intakes {
    pub(crate) const fn of(&self, source: Source) -> &Intake {
        match source {
            Source::System => &self.system,
            Source::Folder => &self.folder,
        }
    }
}

impl Intake {
    /// How it stands here.
    pub(crate) fn stands(&self) -> AtNode {
        let state = self.state();
        let (running, seen) = (state.progress.map(Into::into), state.seen.clone());
        let began = state.imported.as_ref().and(state.began);
        drop(state);
        AtNode {
            is_there: self.is_there(),
            running,
            reported: began.map(|began| Reported {
                began: began.as_millisecond(),
                seen,
            }),
        }
    }

    /// What the run that began then has come to, row by row; nothing where it broke off, was one of an earlier program,
    /// or another node's.
    pub(crate) fn report(&self, began: i64) -> Option<ImportReport> {
        let state = self.state();
        let is_it = state.began.map(Timestamp::as_millisecond) == Some(began);
        let imported = state.imported.clone().filter(|_| is_it);
        drop(state);
        imported.map(|it| import_report(&it))
    }

    /// Asks for a run here, where there is anything to take people from; whether there is.
    pub(crate) fn ask_here(&self, wish: Wish) -> bool {
        if self.is_there() {
            self.ask(wish);
        }
        self.is_there()
    }
}

impl House {
    /// How it stands, wherever.
    pub(crate) async fn intake_everywhere(&self, source: Source) -> Everywhere {
        let mut all = vec![self.intake.of(source).stands()];
        if let Some(nodes) = &self.nodes {
            all.extend(nodes.intakes(source).await);
        }
        Everywhere(all)
    }

    /// What a run came to, row by row, whichever node it was at; nothing where that is not known.
    pub(crate) async fn report_of(&self, source: Source, run: &SystemRun) -> Option<ImportReport> {
        let began = run.began_at.as_millisecond();
        match (self.intake.of(source).report(began), &self.nodes) {
            (None, Some(nodes)) => nodes.import_report(source, began).await,
            (report, _) => report,
        }
    }

    /// Asks for a run; where one goes on, at whichever node, that is it. What only other nodes have, one of these looks
    /// into. Whether any node has it.
    pub(crate) async fn ask_for_intake(&self, source: Source, wish: Wish) -> bool {
        if self.intake_everywhere(source).await.running().is_some() {
            return true;
        }
        let intake = self.intake.of(source);
        match &self.nodes {
            Some(nodes) if !intake.is_there() => nodes.take_from_folder(&wish).await,
            Some(_) | None => intake.ask_here(wish),
        }
    }
}
