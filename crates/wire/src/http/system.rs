//! The information system that a school's people are taken from, at night and at once (DIR-1).

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `PUT /api/v1/system`: how it is reached. It is Wonde's API.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SystemDraft {
    /// Where its records are kept.
    pub region: SystemRegion,
    /// The school's id there, such as `A1930499544`.
    pub school: String,
    /// What lets us read; without it the one before stays. It is given back by nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub token: Option<String>,
    /// Whether people are taken from it every night.
    pub nightly: bool,
    /// The `version` that the form began with, as that of a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

impl fmt::Debug for SystemDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemDraft")
    }
}

/// Where Wonde keeps the records of a school.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SystemRegion {
    /// The United Kingdom, and wherever is none of the others.
    World,
    /// Australia and New Zealand.
    Australia,
    /// South Africa.
    Africa,
}

/// `POST /api/v1/system/run`: everybody is taken from it now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SystemRunRequest {
    /// Whether it is done, or only tried.
    pub apply: bool,
    /// What the run before, which asked, was `seen` as: more than a fifth of those whom imports have
    /// brought may leave with it, if they are those of whom whoever asks has read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen: Option<String>,
}

/// Answers `GET /api/v1/system`, and what changes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct InformationSystem {
    /// How it is reached, where one is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub connected: Option<SystemConnection>,
    /// How far the run is that goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub running: Option<SystemProgress>,
    /// The last run that has ended, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last: Option<SystemRun>,
}

/// Answers `GET /api/v1/system/folder`, and what has it looked into: the folder of the settings in which
/// another system leaves lists or an export.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ImportFolder {
    /// Whether there is one.
    pub there: bool,
    /// How far the run is that goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub running: Option<SystemProgress>,
    /// The last run that has ended, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last: Option<SystemRun>,
}

/// How an information system is reached.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SystemConnection {
    /// Where its records are kept.
    pub region: SystemRegion,
    /// The school's id there.
    pub school: String,
    /// Whether people are taken from it every night.
    pub nightly: bool,
    /// Another with each change of these.
    pub version: String,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SystemProgress {
    /// What it is at.
    pub step: SystemStep,
    /// How many records of that kind it has read.
    pub count: u32,
}

/// What a run is at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SystemStep {
    /// It begins.
    Beginning,
    /// It reads who works there.
    Employees,
    /// It reads classes.
    Classes,
    /// It reads students and their contacts.
    Students,
    /// It compares all of it with what is kept, and writes it down.
    Taking,
}

/// A run that has ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SystemRun {
    /// When it began: RFC 3339.
    pub began: String,
    /// What it came to.
    pub outcome: SystemOutcome,
    /// Where it broke off, in words of the trade; empty where it did not.
    pub detail: String,
    /// How many rows bring somebody new.
    pub created: u32,
    /// How many change somebody.
    pub updated: u32,
    /// How many change nothing.
    pub unchanged: u32,
    /// How many are refused.
    pub refused: u32,
    /// How many people leave.
    pub leaving: u32,
    /// How many it does not name, and stay because a refused row may be theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept_back: Option<u32>,
    /// How many court orders could not be entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub unentered: Option<u32>,
    /// Whether `GET /api/v1/system/report` has a result for every row.
    pub has_report: bool,
    /// Where it asks, what stands for the files that were read and for who would leave, until the program
    /// ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen: Option<String>,
}

/// What a run came to. All but the first changed nothing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SystemOutcome {
    /// It was done.
    Done,
    /// It was tried.
    Tried,
    /// More than a fifth of the people would leave: somebody must say that they do.
    Asks,
    /// The token is not, or no longer, accepted.
    Token,
    /// The token does not reach that school, or not all that is asked for.
    School,
    /// The system asked us to wait for longer than we do.
    Busy,
    /// It failed, again and again.
    Failing,
    /// It cannot be reached, or does not answer.
    Unreachable,
    /// It answered something else than its documentation says.
    Odd,
    /// It has more than a school's records can be.
    TooLarge,
    /// The token was locked with keys that are gone: it is to be entered again.
    Keys,
    /// The program ended during the run.
    Stopped,
    /// The records could not be written.
    Records,
    /// The folder holds no list and no export.
    Nothing,
    /// A file in it was written a moment ago, and may be half there.
    Unfinished,
    /// A file in it cannot be taken.
    Unreadable,
    /// The folder, or a file in it, cannot be opened.
    Folder,
}
