//! What statements are given, and what rows give back as this program's own types.

use jiff::Timestamp;
use school::registration::ParentsInvite;
use school::{
    AccountId, AreaId, BookingId, ClassId, ContactId, EmailAddress, EveningId, HolderId,
    InvitationId, Label, MailId, MeetingId, Mobile, Name, Note, PasskeyId, Rank, RoomId,
    SaidNameId, SchoolId, Scope, ScopeId, SlotNumber, StaffId, StopId, StudentId, TeacherId,
    VisitorId, WishId,
};

use crate::database::Row;
use crate::fault::Fault;

/// A value for a statement; nothing of a known type is `NULL`.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// The values of a statement, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

/// A list of ids for [`listed`].
pub(crate) fn list<T: std::fmt::Display>(ids: impl IntoIterator<Item = T>) -> Value {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(",")).into()
}

/// A list of anything for [`each`].
pub(crate) fn list_of<T: serde::Serialize>(parts: &[T]) -> Result<String, Fault> {
    serde_json::to_string(parts).map_err(|_never| Fault::Broken("what is no JSON"))
}

/// A statement in which `$before` is followed by the ids of the [`list`] `$2`, each a row: one
/// statement for all of them. The two databases read it by different words.
macro_rules! listed {
    ($work:expr, $before:expr, $after:expr) => {
        if $work.is_postgres() {
            concat!(
                $before,
                " (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($2 AS JSON))) ",
                $after
            )
        } else {
            concat!($before, " (SELECT value FROM json_each($2)) ", $after)
        }
    };
}
pub(crate) use listed;

/// A statement in which `$before` is followed by the parts of the JSON array `$2`, each a row with
/// the column `value`: one statement for all of them.
macro_rules! each {
    ($work:expr, $before:expr, $after:expr) => {
        if $work.is_postgres() {
            concat!($before, " json_array_elements(CAST($2 AS JSON)) ", $after)
        } else {
            concat!($before, " json_each($2) ", $after)
        }
    };
}
pub(crate) use each;

impl From<i64> for Value {
    fn from(it: i64) -> Self {
        Self::Number(Some(it))
    }
}

impl From<Option<i64>> for Value {
    fn from(it: Option<i64>) -> Self {
        Self::Number(it)
    }
}

impl From<u32> for Value {
    fn from(it: u32) -> Self {
        Self::Number(Some(it.into()))
    }
}

impl From<u16> for Value {
    fn from(it: u16) -> Self {
        Self::Number(Some(it.into()))
    }
}

impl From<Timestamp> for Value {
    fn from(it: Timestamp) -> Self {
        Self::Number(Some(it.as_millisecond()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(it: Option<Timestamp>) -> Self {
        Self::Number(it.map(Timestamp::as_millisecond))
    }
}

impl From<&str> for Value {
    fn from(it: &str) -> Self {
        Self::Text(Some(it.to_owned()))
    }
}

impl From<String> for Value {
    fn from(it: String) -> Self {
        Self::Text(Some(it))
    }
}

impl From<Option<String>> for Value {
    fn from(it: Option<String>) -> Self {
        Self::Text(it)
    }
}

impl From<Option<&str>> for Value {
    fn from(it: Option<&str>) -> Self {
        Self::Text(it.map(str::to_owned))
    }
}

impl From<&[u8]> for Value {
    fn from(it: &[u8]) -> Self {
        Self::Bytes(Some(it.to_vec()))
    }
}

impl From<Option<&[u8]>> for Value {
    fn from(it: Option<&[u8]>) -> Self {
        Self::Bytes(it.map(<[u8]>::to_vec))
    }
}

impl From<&Name> for Value {
    fn from(it: &Name) -> Self {
        it.reveal().into()
    }
}

impl From<&Label> for Value {
    fn from(it: &Label) -> Self {
        it.as_str().into()
    }
}

impl From<&Note> for Value {
    fn from(it: &Note) -> Self {
        it.reveal().into()
    }
}

impl From<&EmailAddress> for Value {
    fn from(it: &EmailAddress) -> Self {
        it.reveal().into()
    }
}

impl From<Option<&EmailAddress>> for Value {
    fn from(it: Option<&EmailAddress>) -> Self {
        it.map(EmailAddress::reveal).into()
    }
}

impl From<Rank> for Value {
    fn from(it: Rank) -> Self {
        it.code().into()
    }
}

impl From<SlotNumber> for Value {
    fn from(it: SlotNumber) -> Self {
        it.0.into()
    }
}

impl From<links::LinkId> for Value {
    fn from(it: links::LinkId) -> Self {
        // Below 2^40.
        Self::Number(i64::try_from(it.number()).ok())
    }
}

/// An id as it is kept, and back. Ids are below 2^53.
macro_rules! ids {
    ($($id:ident),*) => {$(
        impl From<$id> for Value {
            fn from(it: $id) -> Self {
                // One that is not kept by anybody: it is found nowhere, and refused as NULL.
                Self::Number(i64::try_from(it.0).ok())
            }
        }

        impl From<Option<$id>> for Value {
            fn from(it: Option<$id>) -> Self {
                it.map_or(Self::Number(None), Self::from)
            }
        }

        impl Kept for $id {
            fn of(row: &Row, column: usize) -> Result<Self, Fault> {
                let number: i64 = row.at(column)?;
                u64::try_from(number).map($id).map_err(|_negative| Fault::Broken("a negative id"))
            }
        }
    )*};
}

impl From<Scope> for Value {
    fn from(it: Scope) -> Self {
        it.id().into()
    }
}

/// What can be read out of a row.
pub(crate) trait Kept: Sized {
    fn of(row: &Row, column: usize) -> Result<Self, Fault>;
}

impl<T: Kept> Kept for Option<T> {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        row.maybe(column)
    }
}

/// What a statement gives, by the names of its columns.
pub(crate) trait Columns: Sized {
    /// The names, in the order of the fields.
    const NAMES: &'static [&'static str];

    /// Reads a row in which these names stand in the columns `at`.
    fn read(row: &Row, at: &[usize]) -> Result<Self, Fault>;
}

/// A struct beside the statement whose rows it is: each field is the column of its name.
macro_rules! columns {
    ($(#[$doc:meta])* $visible:vis struct $name:ident {
        $($(#[$about:meta])* $seen:vis $field:ident: $type:ty),+ $(,)?
    }) => {
        $(#[$doc])*
        $visible struct $name { $($(#[$about])* $seen $field: $type),+ }

        impl $crate::value::Columns for $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read(
                row: &$crate::database::Row,
                at: &[usize],
            ) -> $crate::fault::Read<Self> {
                let mut at = at.iter().copied();
                let mut next = || at.next().unwrap_or(usize::MAX);
                Ok(Self { $($field: row.get(next())?),+ })
            }
        }
    };
}
pub(crate) use columns;

ids!(
    AccountId,
    AreaId,
    BookingId,
    ClassId,
    ContactId,
    EveningId,
    HolderId,
    InvitationId,
    MailId,
    MeetingId,
    PasskeyId,
    RoomId,
    SchoolId,
    ScopeId,
    StaffId,
    StopId,
    StudentId,
    TeacherId,
    VisitorId,
    WishId,
    SaidNameId
);

impl Kept for Timestamp {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::from_millisecond(row.at(column)?)
            .map_err(|_out_of_range| Fault::Broken("a wrong time"))
    }
}

impl Kept for Name {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::read(row.at(column)?).map_err(|_refused| Fault::Broken("a name that is none"))
    }
}

impl Kept for Label {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::read(row.at(column)?).map_err(|_refused| Fault::Broken("a label that is none"))
    }
}

impl Kept for Note {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::read(row.at(column)?).map_err(|_refused| Fault::Broken("a note that is none"))
    }
}

impl Kept for EmailAddress {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::read(row.at(column)?).map_err(|_refused| Fault::Broken("an address that is none"))
    }
}

impl Kept for ParentsInvite {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        let code: String = row.at(column)?;
        Self::of_code(&code).ok_or(Fault::Broken("a setting that is none"))
    }
}

impl Kept for Rank {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        let code: String = row.at(column)?;
        Self::of_code(&code).ok_or(Fault::Broken("a rank that is none"))
    }
}

impl Kept for Mobile {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Ok(Self::kept(row.at(column)?))
    }
}

impl Kept for String {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        row.at(column)
    }
}

impl Kept for Vec<u8> {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        row.at(column)
    }
}

impl Kept for i64 {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        row.at(column)
    }
}

impl Kept for u32 {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::try_from(row.at::<i64>(column)?)
            .map_err(|_out_of_range| Fault::Broken("a wrong number"))
    }
}

impl Kept for u16 {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Self::try_from(row.at::<i64>(column)?)
            .map_err(|_out_of_range| Fault::Broken("a wrong number"))
    }
}

impl Kept for SlotNumber {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        Kept::of(row, column).map(Self)
    }
}

impl Kept for links::LinkId {
    fn of(row: &Row, column: usize) -> Result<Self, Fault> {
        let number: i64 = row.at(column)?;
        u64::try_from(number)
            .ok()
            .and_then(Self::from_number)
            .ok_or(Fault::Broken("a wrong link"))
    }
}

impl Row {
    /// What stands in that column, counted from 0.
    pub(crate) fn get<T: Kept>(&self, column: usize) -> Result<T, Fault> {
        T::of(self, column)
    }

    /// What stands in the column of that name.
    pub(crate) fn named<T: Kept>(&self, name: &str) -> Result<T, Fault> {
        T::of(self, self.column(name)?)
    }

    /// What stands in a column that may be empty.
    pub(crate) fn maybe<T: Kept>(&self, column: usize) -> Result<Option<T>, Fault> {
        if self.is_null(column)? {
            Ok(None)
        } else {
            T::of(self, column).map(Some)
        }
    }
}
