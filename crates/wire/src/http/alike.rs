//! Records that may be of one person, and making them one (DIR-13).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `GET /api/v1/alike`: records that may be of one person, and those that were made one within a day.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AlikeRecords {
    /// The likeliest first, 200 at most.
    pub pairs: Vec<AlikePair>,
    /// How many more there are.
    pub more: u32,
    /// The newest first.
    pub joined: Vec<JoinedPair>,
}

/// Two records that may be of one person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AlikePair {
    /// By what they are alike.
    pub alike: AlikeBy,
    /// One.
    pub one: AlikeContact,
    /// The other.
    pub other: AlikeContact,
}

/// By what two records are alike.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlikeBy {
    /// They share an address under different names: two people may read there.
    Address,
    /// They have one name, and share a student or a homeroom.
    Name,
    /// They have one name and one address.
    Both,
}

/// One of two records.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AlikeContact {
    /// Names them in requests.
    pub contact: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address; empty where none is known.
    pub email: String,
    /// The names of their students.
    pub students: Vec<String>,
    /// Whether a court order is in force on them.
    pub court_order: bool,
    /// Whether they have an account.
    pub registered: bool,
}

/// Two records that were made one, and can still be parted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct JoinedPair {
    /// The one that stays.
    pub contact: String,
    /// Their name.
    pub name: String,
    /// The one that went.
    pub gone: String,
    /// Its name.
    pub gone_name: String,
    /// Until when they can be parted.
    #[schema(format = DateTime)]
    pub until: String,
}

/// `POST /api/v1/contacts/{contact}/join`, `…/join/preview`, `…/part` and `…/other-person`: the other of
/// two records. The contact of the path is the one that stays.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OtherRecord {
    /// Its id.
    #[serde(default)]
    pub other: String,
}

/// What comes from one record to the other where they are made one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct JoinReport {
    /// The names of students whose guardian the other one was not yet.
    pub students: Vec<String>,
    /// How many appointments.
    pub appointments: u32,
    /// How many invitations of guests, with the consent given for them.
    pub invitations: u32,
    /// How many links that go on to work.
    pub links: u32,
    /// How many links end: the other one has a link for the same evening.
    pub links_ended: u32,
    /// What becomes of accounts.
    pub account: JoinedAccount,
    /// Whether what they said of themselves comes.
    pub details: bool,
    /// Whether a court order is in force on both from then on.
    pub court_order: bool,
    /// How many appointments it cancels.
    pub appointments_cancelled: u32,
}

/// What becomes of the accounts of two records.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinedAccount {
    /// Neither has one.
    None,
    /// That of the one that stays goes on.
    Kept,
    /// That of the one that goes is theirs from then on.
    Comes,
    /// There are two: that of the one that goes shows nothing any more.
    Two,
}
