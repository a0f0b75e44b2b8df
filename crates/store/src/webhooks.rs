//! What programs of the school's are told by webhooks (OPS-3): each event is written down in the transaction in
//! which it happens, once for each subscriber, and gone once it was told. Nothing in it names a person.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use call::Parting;
use jiff::{SignedDuration, Timestamp};
use school::meeting::Role;
use school::{
    BookingId, EveningId, Holder, InvitationId, MailId, MeetingId, RoomId, ScopeId, VisitorId,
};
use serde_json::{Map, Value, json};

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::known_time::not_held;
use crate::outbox::Channel;
use crate::store::Store;
use crate::value::{columns, each, list_of, values};

/// How many may wait for one subscriber: what happens beyond is not told to it.
const MOST_WAITING: i64 = 10_000;

/// Into how many parts the room for one subscriber is cut: so many programs may write for it at a time, and
/// together write no more than there is room for before they count again.
const SHARES: i64 = 8;

/// How much is not told to a subscriber for whom too much waits, before it is counted again.
const WHILE_FULL: i64 = 100;

macro_rules! hooks {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What subscribers may hear of.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Hook {
            $($(#[$doc])* $name,)*
        }

        impl Hook {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its stable name: the `type` of what is sent.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

hooks! {
    /// Somebody was given a seat in a call.
    Joined = "call.joined";
    /// Somebody with a seat is out of it, by themselves or because it is over.
    Left = "call.left";
    /// Somebody with a seat was put out of it.
    Evicted = "call.evicted";
    /// Nobody is in a call any more.
    Ended = "call.ended";
    /// An invitation went out.
    Invited = "invitation.sent";
    /// An e-mail or a text message did not arrive.
    Bounced = "mail.bounced";
}

impl Hook {
    /// The one of that name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.code() == code)
    }

    const fn of_parting(why: Parting) -> Self {
        match why {
            Parting::Replaced
            | Parting::Withdrawn
            | Parting::Disconnected
            | Parting::TurnedAway
            | Parting::Stopped => Self::Evicted,
            Parting::Left
            | Parting::Ended
            | Parting::TimeUp
            | Parting::NobodyCame
            | Parting::TimedOut => Self::Left,
        }
    }
}

/// Who is told.
#[derive(Clone, Debug, Default)]
pub struct Subscribers(Arc<Subscribed>);

#[derive(Debug, Default)]
struct Subscribed {
    names: Vec<String>,
    hears: Vec<Hook>,
    dropped: AtomicU64,
    rooms: Mutex<Vec<Room>>,
}

/// What is known of the room for one subscriber.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Room {
    /// What waits is to be counted.
    #[default]
    Unknown,
    /// There is room for so many more.
    For(i64),
    /// There is none for the next so many.
    Full(i64),
}

impl Room {
    /// Beside so many that wait.
    fn beside(waiting: i64) -> Self {
        match MOST_WAITING - waiting {
            left if left > 0 => Self::For((left / SHARES).max(1)),
            _none => Self::Full(WHILE_FULL),
        }
    }

    /// What is left of it after one more.
    const fn after_one(self) -> Self {
        match self {
            Self::For(number @ 2..) => Self::For(number - 1),
            Self::Full(number @ 2..) => Self::Full(number - 1),
            Self::Unknown | Self::For(_) | Self::Full(_) => Self::Unknown,
        }
    }
}

impl Subscribers {
    /// Those of these names, which do not change over runs of the program; all hear of the same.
    #[must_use]
    pub fn new(names: Vec<String>, hears: Vec<Hook>) -> Self {
        let rooms = Mutex::new(vec![Room::Unknown; names.len()]);
        Self(Arc::new(Subscribed {
            names,
            hears,
            dropped: AtomicU64::new(0),
            rooms,
        }))
    }

    /// How much was not told to somebody for whom too much waited, since the program began.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    fn hear(&self, hook: Hook) -> bool {
        !self.0.names.is_empty() && self.0.hears.contains(&hook)
    }

    /// For whom there is room for one more, which is theirs then; nothing where what waits is to be counted.
    fn with_room(&self) -> Option<Vec<&String>> {
        let mut rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if rooms.contains(&Room::Unknown) {
            return None;
        }
        let mut whom = Vec::new();
        for (name, room) in self.0.names.iter().zip(rooms.iter_mut()) {
            if matches!(room, Room::For(_)) {
                whom.push(name);
            }
            *room = room.after_one();
        }
        drop(rooms);
        Some(whom)
    }

    /// What waits was counted; for whoever is not named nothing does.
    fn counted(&self, waiting: &[WaitingRow]) {
        let mut rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, room) in self.0.names.iter().zip(rooms.iter_mut()) {
            let row = waiting.iter().find(|row| row.subscriber == *name);
            *room = Room::beside(row.map_or(0, |row| row.number));
        }
    }
}

columns! {
    /// What one subscriber is to be told.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct Webhook {
        /// Its place in the order.
        pub id: i64,
        /// Names it, the same over all tries.
        pub message: String,
        /// What is sent.
        pub body: String,
        /// When it happened.
        pub queued_at: Timestamp,
        /// How often it was tried.
        pub attempts: u32,
    }
}

columns! {
    /// What waits for one subscriber.
    #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
    pub struct WebhookBacklog {
        /// How much.
        pub number: u32,
        /// When the oldest of it happened.
        pub oldest: Option<Timestamp>,
        /// When the oldest of it happened that was tried.
        pub refused: Option<Timestamp>,
    }
}

/// What became of a try.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WebhookOutcome {
    /// It was told, or is given up.
    Over,
    /// It is to be tried again then.
    Again(Timestamp),
}

columns! {
    struct WaitingRow {
        subscriber: String,
        number: i64,
    }
}

columns! {
    struct LastRow {
        last: i64,
    }
}

columns! {
    struct MeetingRow {
        kind: String,
        booking: Option<BookingId>,
        room: Option<RoomId>,
        number: Option<u32>,
        role: Option<Role>,
    }
}

columns! {
    struct MailRow {
        kind: String,
        channel: Channel,
        scope: Option<ScopeId>,
        booking: Option<BookingId>,
    }
}

/// The members of `data`, without those that are not there.
fn data<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let there = members.into_iter();
    let there = there.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    there.collect()
}

fn id(id: impl std::fmt::Display) -> Value {
    Value::from(id.to_string())
}

impl Store {
    /// The same records, where these hear of what happens.
    #[must_use]
    pub fn with_subscribers(mut self, subscribers: Subscribers) -> Self {
        self.subscribers = subscribers;
        self
    }

    /// Who hears of what happens.
    #[must_use]
    pub const fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    /// Somebody was given a seat in a call.
    pub(crate) async fn hook_joined(
        &self,
        work: &mut Work,
        (meeting, holder): (MeetingId, Holder),
        now: Timestamp,
    ) -> Read<()> {
        let of = (meeting, Some(holder));
        self.hook_call(work, Hook::Joined, of, (None, now)).await
    }

    /// Writes down that somebody is out of a call, in the audit log and, where they had a seat, for whoever hears of
    /// it.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn parted(
        &self,
        holder: Holder,
        meeting: MeetingId,
        (why, was_seated): (Parting, bool),
        now: Timestamp,
    ) -> Result<()> {
        let action = match why {
            Parting::Replaced | Parting::Withdrawn => Action::Evicted,
            Parting::Disconnected | Parting::TurnedAway => Action::Disconnected,
            Parting::Left
            | Parting::Ended
            | Parting::TimeUp
            | Parting::Stopped
            | Parting::NobodyCame
            | Parting::TimedOut => Action::Left,
        };
        let mut work = self.write().await?;
        let subject = format!("meeting:{meeting}");
        self.audit(&mut work, holder.into(), action, &subject, &[], now)
            .await?;
        if was_seated {
            let of = (meeting, Some(holder));
            let hook = Hook::of_parting(why);
            self.hook_call(&mut work, hook, of, (Some(why), now))
                .await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// Writes down, for whoever hears of it, that nobody is in a call any more.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn call_ended(&self, meeting: MeetingId, now: Timestamp) -> Result<()> {
        if !self.subscribers.hear(Hook::Ended) {
            return Ok(());
        }
        let mut work = self.write().await?;
        self.hook_call(&mut work, Hook::Ended, (meeting, None), (None, now))
            .await?;
        work.commit().await?;
        Ok(())
    }

    async fn hook_call(
        &self,
        work: &mut Work,
        hook: Hook,
        (meeting, holder): (MeetingId, Option<Holder>),
        (why, now): (Option<Parting>, Timestamp),
    ) -> Read<()> {
        if !self.subscribers.hear(hook) {
            return Ok(());
        }
        let row: Option<MeetingRow> = work
            .row(
                "SELECT meetings.kind AS kind, bookings.id AS booking, rooms.id AS room,
                   number, role
                 FROM meetings
                 LEFT JOIN bookings ON bookings.school = meetings.school
                   AND bookings.meeting = meetings.id
                 LEFT JOIN rooms ON rooms.school = meetings.school AND rooms.meeting = meetings.id
                 LEFT JOIN entitled ON entitled.school = meetings.school
                   AND entitled.meeting = meetings.id AND entitled.holder = $3
                 WHERE meetings.school = $1 AND meetings.id = $2",
                values![self.school, meeting, holder.map(Holder::id)],
            )
            .await?;
        // Erased meanwhile, with all that could be told of it.
        let Some(row) = row else {
            return Ok(());
        };
        let data = data([
            ("call", Some(id(meeting))),
            ("kind", Some(row.kind.into())),
            ("appointment", row.booking.map(id)),
            ("room", row.room.map(id)),
            ("participant", row.number.map(Value::from)),
            ("role", row.role.map(|it| it.code().into())),
            ("why", why.map(|it| it.word().into())),
        ]);
        self.hook(work, hook, (&format!("meeting:{meeting}"), data), now)
            .await
    }

    /// An invitation of a parent's went out.
    pub(crate) async fn hook_invited(
        &self,
        work: &mut Work,
        (invitation, evening): (InvitationId, EveningId),
        now: Timestamp,
    ) -> Read<()> {
        let data = data([
            ("invitation", Some(id(invitation))),
            ("evening", Some(id(evening))),
        ]);
        let about = (&*format!("invitation:{invitation}"), data);
        self.hook(work, Hook::Invited, about, now).await
    }

    /// Somebody was invited out of a call.
    pub(crate) async fn hook_call_guest(
        &self,
        work: &mut Work,
        (visitor, meeting): (VisitorId, MeetingId),
        now: Timestamp,
    ) -> Read<()> {
        let data = data([
            ("invitation", Some(id(visitor))),
            ("call", Some(id(meeting))),
        ]);
        let about = (&*format!("invitation:{visitor}"), data);
        self.hook(work, Hook::Invited, about, now).await
    }

    /// An e-mail or a text message did not arrive.
    pub(crate) async fn hook_bounced(
        &self,
        work: &mut Work,
        mail: MailId,
        now: Timestamp,
    ) -> Read<()> {
        if !self.subscribers.hear(Hook::Bounced) {
            return Ok(());
        }
        let row: Option<MailRow> = work
            .row(
                "SELECT kind, channel, scope, booking FROM mail WHERE school = $1 AND id = $2",
                values![self.school, mail],
            )
            .await?;
        let Some(row) = row else {
            return Ok(());
        };
        let data = data([
            ("mail", Some(id(mail))),
            ("kind", Some(row.kind.into())),
            ("by", Some(row.channel.code().into())),
            ("scope", row.scope.map(id)),
            ("appointment", row.booking.map(id)),
        ]);
        let about = (&*format!("mail:{mail}"), data);
        self.hook(work, Hook::Bounced, about, now).await
    }

    /// Writes it down for everybody who hears of it and for whom not too much waits.
    async fn hook(
        &self,
        work: &mut Work,
        hook: Hook,
        (subject, data): (&str, Map<String, Value>),
        now: Timestamp,
    ) -> Read<()> {
        if !self.subscribers.hear(hook) {
            return Ok(());
        }
        let whom = loop {
            if let Some(whom) = self.subscribers.with_room() {
                break whom;
            }
            let waiting: Vec<WaitingRow> = work
                .rows(
                    "SELECT subscriber, COUNT(*) AS number FROM webhooks WHERE school = $1
                     GROUP BY subscriber",
                    values![self.school],
                )
                .await?;
            self.subscribers.counted(&waiting);
        };
        let all = &self.subscribers.0.names;
        let dropped = all.len() - whom.len();
        if dropped > 0 {
            let dropped = u64::try_from(dropped).unwrap_or(u64::MAX);
            let counted = &self.subscribers.0.dropped;
            if counted.fetch_add(dropped, Ordering::Relaxed) == 0 {
                tracing::warn!("too much waits for a receiver of webhooks: the rest is not told");
            }
        }
        if whom.is_empty() {
            return Ok(());
        }
        let last: Option<LastRow> = work
            .row(
                "SELECT COALESCE(MAX(id), 0) AS last FROM webhooks WHERE school = $1",
                values![self.school],
            )
            .await?;
        let last = last.map_or(0, |row| row.last);
        let message = format!("msg_{:032x}", ambient::random::<u128>());
        let body = json!({"type": hook.code(), "timestamp": now.to_string(), "data": data});
        let rows: Vec<_> = (last + 1..).zip(whom).collect();
        let rows = list_of(&rows)?;
        let sql = each!(
            work,
            "INSERT INTO webhooks
               (school, id, subscriber, subject, message, body, queued_at, due_at, attempts)
             SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1, $3, $4, $5, $6, $6, 0
             FROM",
            "WHERE 0 = 0"
        );
        let body = body.to_string();
        work.run(
            sql,
            values![self.school, rows, subject, message.as_str(), body, now],
        )
        .await?;
        Ok(())
    }

    /// Claims what that subscriber is to be told now, at most `most`, for the time of `lease`: of each subject the
    /// first, while it was neither told nor given up. Nobody else gets it until the lease has run out. What was
    /// queued before a time that nothing confirms waits: by that time it would be too old to be told.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn claim_webhooks(
        &self,
        subscriber: &str,
        (most, lease): (u16, SignedDuration),
        now: Timestamp,
    ) -> Result<Vec<Webhook>> {
        let due = self.due_webhooks(subscriber, most, now).await?;
        if due.is_empty() {
            return Ok(due);
        }
        // Whoever was quicker has moved when it is due.
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let ids: Vec<_> = due.iter().map(|it| (it.id, it.message.as_str())).collect();
        let mut work = self.write().await?;
        let sql = each!(
            work,
            "UPDATE webhooks SET due_at = $3
             WHERE school = $1 AND due_at <= $4 AND (id, message) IN (
               SELECT CAST(value ->> 0 AS BIGINT), value ->> 1 FROM",
            ") RETURNING id"
        );
        let claimed = work
            .all(sql, values![self.school, list_of(&ids)?, until, now])
            .await?;
        let claimed: Vec<i64> = claimed.iter().map(|row| row.get(0)).collect::<Read<_>>()?;
        work.commit().await?;
        Ok(due
            .into_iter()
            .filter(|it| claimed.contains(&it.id))
            .collect())
    }

    async fn due_webhooks(
        &self,
        subscriber: &str,
        most: u16,
        now: Timestamp,
    ) -> Result<Vec<Webhook>> {
        let mut work = self.glance().await?;
        let due = work
            .rows(
                concat!(
                    "SELECT id, message, body, queued_at, attempts FROM webhooks
                     WHERE school = $1 AND subscriber = $3 AND due_at <= $2 AND ",
                    not_held!(),
                    " AND NOT EXISTS (SELECT 1 FROM webhooks AS before
                        WHERE before.school = webhooks.school
                          AND before.subscriber = webhooks.subscriber
                          AND before.subject = webhooks.subject AND before.id < webhooks.id)
                     ORDER BY due_at, id LIMIT $4"
                ),
                values![self.school, now, subscriber, most],
            )
            .await?;
        Ok(due)
    }

    /// What became of those that were tried.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn settle_webhooks(&self, tried: &[(Webhook, WebhookOutcome)]) -> Result<()> {
        let (mut over, mut again) = (Vec::new(), Vec::new());
        for (it, outcome) in tried {
            match outcome {
                WebhookOutcome::Over => over.push((it.id, it.message.as_str())),
                WebhookOutcome::Again(at) => {
                    again.push((it.id, it.message.as_str(), at.as_millisecond()));
                }
            }
        }
        let mut work = self.write().await?;
        // An id may be another's by now, a message never is.
        let sql = each!(
            work,
            "DELETE FROM webhooks WHERE school = $1 AND (id, message) IN (
               SELECT CAST(value ->> 0 AS BIGINT), value ->> 1 FROM",
            ")"
        );
        if !over.is_empty() {
            work.run(sql, values![self.school, list_of(&over)?]).await?;
        }
        let sql = each!(
            work,
            "UPDATE webhooks SET attempts = attempts + 1, due_at = tried.due_at
             FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id, value ->> 1 AS message,
               CAST(value ->> 2 AS BIGINT) AS due_at FROM",
            ") AS tried
             WHERE webhooks.school = $1 AND webhooks.id = tried.id
               AND webhooks.message = tried.message"
        );
        if !again.is_empty() {
            work.run(sql, values![self.school, list_of(&again)?])
                .await?;
        }
        work.commit().await?;
        Ok(())
    }

    /// What waits for that subscriber.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn webhook_backlog(&self, subscriber: &str) -> Result<WebhookBacklog> {
        let mut work = self.glance().await?;
        let row: Option<WebhookBacklog> = work
            .row(
                "SELECT COUNT(*) AS number, MIN(queued_at) AS oldest,
                   MIN(CASE WHEN attempts > 0 THEN queued_at END) AS refused
                 FROM webhooks WHERE school = $1 AND subscriber = $2",
                values![self.school, subscriber],
            )
            .await?;
        Ok(row.unwrap_or_default())
    }

    /// Forgets what waits for whoever is no subscriber any more.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn forget_unsubscribed(&self) -> Result<u64> {
        let names: Vec<_> = self.subscribers.0.names.iter().map(|it| [it]).collect();
        let names = list_of(&names)?;
        let mut work = self.write().await?;
        let sql = each!(
            work,
            "DELETE FROM webhooks WHERE school = $1 AND subscriber NOT IN (
               SELECT value ->> 0 FROM",
            ")"
        );
        let forgotten = work.run(sql, values![self.school, names]).await?;
        work.commit().await?;
        Ok(forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hook_is_known_by_its_name_and_every_parting_is_one() {
        for hook in Hook::ALL {
            assert_eq!(Hook::of_code(hook.code()), Some(*hook));
        }
        assert_eq!(Hook::of_code("call"), None);
        for why in Parting::ALL {
            let hook = Hook::of_parting(why);
            assert!(matches!(hook, Hook::Left | Hook::Evicted), "{why:?}");
        }
    }

    #[test]
    fn nobody_hears_where_nobody_subscribed() {
        let nobody = Subscribers::new(Vec::new(), Hook::ALL.to_vec());
        assert!(!nobody.hear(Hook::Joined));
        let one = Subscribers::new(vec!["a".to_owned()], vec![Hook::Left]);
        assert!(one.hear(Hook::Left) && !one.hear(Hook::Joined));
    }
}
