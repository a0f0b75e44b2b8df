//! What somebody was told of their appointments: an e-mail says what has become of that since, and
//! nothing where nothing has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{BookingId, EveningId, MailId};
use serde::{Deserialize, Serialize};

use crate::appointments::Appointment;
use crate::database::{Row, Work};
use crate::fault::{Fault, Read};
use crate::holders::Holder;
use crate::store::Store;
use crate::value::{Value, values};

/// When an appointment is, as an e-mail says it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Said {
    /// Its first moment, milliseconds UTC.
    pub(super) start_ms: i64,
    /// The moment after it.
    pub(super) end_ms: i64,
}

impl Said {
    pub(super) fn of(appointment: &Appointment) -> Self {
        Self {
            start_ms: appointment.start.as_millisecond(),
            end_ms: appointment.end.as_millisecond(),
        }
    }

    pub(super) fn start(self) -> Timestamp {
        moment(self.start_ms)
    }

    pub(super) fn end(self) -> Timestamp {
        moment(self.end_ms)
    }
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// All appointments that an e-mail tells of, by booking: one that is not among them is none.
pub(super) type Says = BTreeMap<u64, Said>;

/// What an e-mail says, and the SEQUENCE of its calendar entries (RFC 5545 §3.8.7.4).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Content {
    pub(super) says: Says,
    pub(super) sequence: i64,
}

impl Content {
    /// As it is kept with a claim; nothing where no claim is, or nobody doubts what became of it.
    pub(super) fn read(text: &str) -> Read<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        let content = serde_json::from_str(text);
        content.map_err(|_no_json| Fault::Broken("an e-mail that says nothing"))
    }

    pub(super) fn write(&self) -> Read<String> {
        serde_json::to_string(self).map_err(|_never| Fault::Broken("what is no JSON"))
    }
}

/// Where to say an appointment was, if there is anything to say of it: it is not `now` where they
/// were `told`, or where an e-mail of which nobody knows whether it arrived `may` have said.
pub(super) fn before(told: Option<Said>, may: Option<Said>, now: Option<Said>) -> Option<Said> {
    let other = |it: &Said| Some(*it) != now;
    may.filter(other).or_else(|| told.filter(other))
}

/// The columns of `told` and of `mail` that name a holder, and whom they name.
fn of(holder: Holder) -> Option<(&'static str, Value)> {
    match holder {
        Holder::Parent(id) => Some(("contact", id.into())),
        Holder::Guest(id) => Some(("invitation", id.into())),
        // Teachers hear of their link alone.
        Holder::Teacher(_) => None,
    }
}

/// A statement for whoever it is about: `$1` is the school, `$3` the holder.
macro_rules! by_holder {
    ($column:expr, $before:literal, $after:literal) => {
        if $column == "contact" {
            concat!($before, "contact", $after)
        } else {
            concat!($before, "invitation", $after)
        }
    };
}

impl Store {
    /// What somebody was last told of the appointments of an evening, and the highest SEQUENCE in
    /// it.
    pub(super) async fn told(
        &self,
        work: &mut Work,
        evening: EveningId,
        holder: Holder,
    ) -> Read<Content> {
        let Some((column, id)) = of(holder) else {
            return Ok(Content::default());
        };
        let sql = by_holder!(
            column,
            "SELECT booking, told.start_at, told.end_at, sequence FROM told
             JOIN bookings ON bookings.school = told.school AND bookings.id = told.booking
             WHERE told.school = $1 AND bookings.evening = $2 AND told.",
            " = $3"
        );
        let mut values = values![self.school, evening];
        values.push(id);
        let mut content = Content::default();
        for row in work.all(sql, values).await? {
            let BookingId(booking) = row.get(0)?;
            content.says.insert(booking, read_said(&row)?);
            content.sequence = content.sequence.max(row.get(3)?);
        }
        Ok(content)
    }

    /// Keeps what an e-mail has told somebody: of one booking, or of all of an evening.
    pub(super) async fn keep_told(
        &self,
        work: &mut Work,
        (evening, holder): (EveningId, Holder),
        booking: Option<BookingId>,
        content: &Content,
    ) -> Read<()> {
        let Some((column, id)) = of(holder) else {
            return Ok(());
        };
        let forget = by_holder!(
            column,
            "DELETE FROM told WHERE school = $1 AND booking IN
               (SELECT id FROM bookings WHERE school = $1 AND evening = $2
                  AND ($4 = 0 OR id = $4)) AND ",
            " = $3"
        );
        let mut values = values![self.school, evening];
        values.push(id.clone());
        values.push(booking.unwrap_or(BookingId(0)).into());
        work.run(forget, values).await?;
        for (booking, said) in &content.says {
            self.insert_told(work, holder, BookingId(*booking), *said, content.sequence)
                .await?;
        }
        Ok(())
    }

    /// What nobody has told them of an appointment, and no e-mail is about to, they know from
    /// elsewhere.
    pub(super) async fn assume_told(
        &self,
        work: &mut Work,
        holder: Holder,
        appointment: &Appointment,
    ) -> Read<()> {
        let Some((column, id)) = of(holder) else {
            return Ok(());
        };
        let about_to = by_holder!(
            column,
            "SELECT COUNT(*) FROM mail
             WHERE school = $1 AND evening = $2 AND state IN ('queued', 'sending')
               AND kind IN ('confirmation', 'invitation', 'resend', 'booked') AND ",
            " = $3"
        );
        let mut values = values![self.school, appointment.evening];
        values.push(id);
        if work.count(about_to, values).await? == 0 {
            self.insert_told(work, holder, appointment.id, Said::of(appointment), 0)
                .await?;
        }
        Ok(())
    }

    async fn insert_told(
        &self,
        work: &mut Work,
        holder: Holder,
        booking: BookingId,
        said: Said,
        sequence: i64,
    ) -> Read<()> {
        let (contact, invitation) = match holder {
            Holder::Parent(id) => (Some(id), None),
            Holder::Guest(id) => (None, Some(id)),
            Holder::Teacher(_) => return Ok(()),
        };
        // Only while it is there: it may have been erased since it was said.
        work.run(
            "INSERT INTO told (school, contact, invitation, booking, start_at, end_at, sequence)
             SELECT school, $3, $4, id, $5, $6, $7 FROM bookings
             WHERE school = $1 AND id = $2
             ON CONFLICT DO NOTHING",
            values![
                self.school,
                booking,
                contact,
                invitation,
                said.start_ms,
                said.end_ms,
                sequence
            ],
        )
        .await?;
        Ok(())
    }

    /// Somebody else has the address now: they have been told nothing.
    pub(crate) async fn forget_told(
        &self,
        work: &mut Work,
        evening: EveningId,
        holder: Holder,
    ) -> Read<()> {
        self.keep_told(work, (evening, holder), None, &Content::default())
            .await
    }

    /// Keeps with its claim what an e-mail says, by a Message-ID of its own where an earlier try of
    /// it, which may have arrived, said something else.
    pub(super) async fn keep_content(
        &self,
        work: &mut Work,
        mail: MailId,
        content: &Content,
        message_id: &str,
    ) -> Read<()> {
        work.run(
            "UPDATE mail SET says = $3, message_id = $4 WHERE school = $1 AND id = $2",
            values![self.school, mail, content.write()?, message_id],
        )
        .await?;
        Ok(())
    }
}

fn read_said(row: &Row) -> Read<Said> {
    Ok(Said {
        start_ms: row.get(1)?,
        end_ms: row.get(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_know_is_not_said_again() {
        let at = |start_ms| {
            Some(Said {
                start_ms,
                end_ms: 0,
            })
        };
        // Told, and moved, or moved back, or cancelled.
        assert_eq!(before(at(0), None, at(1)), at(0));
        assert_eq!(before(at(1), None, at(1)), None);
        assert_eq!(before(at(1), None, None), at(1));
        // Never told: there is nothing it was.
        assert_eq!(before(None, None, at(1)), None);
        assert_eq!(before(None, None, None), None);
        // A try that may have arrived said it was moved.
        assert_eq!(before(at(0), at(1), at(1)), at(0));
        assert_eq!(before(at(0), at(1), at(0)), at(1));
        assert_eq!(before(at(0), at(1), at(2)), at(1));
        assert_eq!(before(at(0), at(1), None), at(1));
    }
}
