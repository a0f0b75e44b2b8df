//! What somebody was told of their appointments: an e-mail says what has become of that since, and
//! nothing where nothing has.

use std::collections::BTreeMap;

use jiff::Timestamp;
use school::{BookingId, EveningId, Holder, HolderKind, MailId};
use serde::{Deserialize, Serialize};

use crate::appointments::Appointment;
use crate::database::{Row, Work};
use crate::fault::{Fault, Read};
use crate::store::Store;
use crate::value::values;

/// When an appointment is and who takes it, as an e-mail says it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Said {
    /// Its first moment, milliseconds UTC.
    pub(super) start_ms: i64,
    /// The moment after it.
    pub(super) end_ms: i64,
    /// Who takes it, by id, in order.
    pub(super) teachers: Vec<u64>,
}

impl Said {
    pub(super) fn of(appointment: &Appointment) -> Self {
        Self {
            start_ms: appointment.start.as_millisecond(),
            end_ms: appointment.end.as_millisecond(),
            teachers: appointment.teachers.iter().map(|(id, _)| id.0).collect(),
        }
    }

    /// What was so of an appointment before a deed.
    pub(crate) fn of_facts(appointment: &school::deed::Appointment) -> Self {
        let teachers = appointment.teachers.as_slice().iter();
        Self {
            start_ms: appointment.span.start.as_millisecond(),
            end_ms: appointment.span.end.as_millisecond(),
            teachers: teachers.map(|id| id.0).collect(),
        }
    }

    pub(super) fn start(&self) -> Timestamp {
        moment(self.start_ms)
    }

    pub(super) fn end(&self) -> Timestamp {
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
pub(super) fn before<'s>(
    told: Option<&'s Said>,
    may: Option<&'s Said>,
    now: Option<&Said>,
) -> Option<&'s Said> {
    let other = |it: &&Said| Some(*it) != now;
    may.filter(other).or_else(|| told.filter(other))
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
        let rows = work
            .all(
                "SELECT booking, start_at, end_at, sequence, teachers FROM told
                 WHERE school = $1 AND evening = $2 AND holder = $3",
                values![self.school, evening, holder],
            )
            .await?;
        let mut content = Content::default();
        for row in rows {
            let BookingId(booking) = row.named("booking")?;
            content.says.insert(booking, read_said(&row)?);
            content.sequence = content.sequence.max(row.named("sequence")?);
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
        let one = booking.unwrap_or(BookingId(0));
        work.run(
            "DELETE FROM told
             WHERE school = $1 AND evening = $2 AND holder = $3 AND ($4 = 0 OR booking = $4)",
            values![self.school, evening, holder, one],
        )
        .await?;
        for (booking, said) in &content.says {
            let one = (BookingId(*booking), said);
            self.insert_told(work, (evening, holder), one, content.sequence)
                .await?;
        }
        Ok(())
    }

    /// What nobody has told them of an appointment, and no e-mail is about to, they know from
    /// elsewhere.
    pub(crate) async fn assume_told(
        &self,
        work: &mut Work,
        (evening, holder): (EveningId, Holder),
        (booking, said): (BookingId, Said),
    ) -> Read<()> {
        let about_to = work
            .count(
                "SELECT COUNT(*) FROM mail
                 WHERE school = $1 AND scope = $2 AND holder = $3
                   AND state IN ('queued', 'sending')
                   AND kind IN ('confirmation', 'invitation', 'resend', 'booked')",
                values![self.school, evening, holder],
            )
            .await?;
        if about_to == 0 {
            self.insert_told(work, (evening, holder), (booking, &said), 0)
                .await?;
        }
        Ok(())
    }

    async fn insert_told(
        &self,
        work: &mut Work,
        (evening, holder): (EveningId, Holder),
        (booking, said): (BookingId, &Said),
        sequence: i64,
    ) -> Read<()> {
        if holder.kind() == HolderKind::Teacher {
            // Teachers hear of their link alone.
            return Ok(());
        }
        let teachers = serde_json::to_string(&said.teachers)
            .map_err(|_never| Fault::Broken("what is no JSON"))?;
        work.run(
            "INSERT INTO told (school, holder, evening, booking, start_at, end_at, teachers,
               sequence)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            values![
                self.school,
                holder,
                evening,
                booking,
                said.start_ms,
                said.end_ms,
                teachers,
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
    let teachers: String = row.named("teachers")?;
    Ok(Said {
        start_ms: row.named("start_at")?,
        end_ms: row.named("end_at")?,
        teachers: serde_json::from_str(&teachers)
            .map_err(|_no_json| Fault::Broken("teachers that are none"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_know_is_not_said_again() {
        let at = |start_ms, teacher| Said {
            start_ms,
            end_ms: 0,
            teachers: vec![teacher],
        };
        let (zero, one, two) = (&at(0, 1), &at(1, 1), &at(2, 1));
        // Told, and moved, or moved back, or cancelled.
        assert_eq!(before(Some(zero), None, Some(one)), Some(zero));
        assert_eq!(before(Some(one), None, Some(one)), None);
        assert_eq!(before(Some(one), None, None), Some(one));
        // The same time with somebody else.
        assert_eq!(before(Some(one), None, Some(&at(1, 2))), Some(one));
        // Never told: there is nothing it was.
        assert_eq!(before(None, None, Some(one)), None);
        assert_eq!(before(None, None, None), None);
        // A try that may have arrived said it was moved.
        assert_eq!(before(Some(zero), Some(one), Some(one)), Some(zero));
        assert_eq!(before(Some(zero), Some(one), Some(zero)), Some(one));
        assert_eq!(before(Some(zero), Some(one), Some(two)), Some(one));
        assert_eq!(before(Some(zero), Some(one), None), Some(one));
    }
}
