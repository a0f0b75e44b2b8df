//! The part of the records that a deed bears on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use school::deed::{Appointment, Deed, Engagement, Facts, Invited, Person, Span};
use school::invitation::State;
use school::{
    BookingId, ClassId, ContactId, EveningId, Holder, HolderId, HolderKind, InvitationId,
    JointTeachers, MeetingId, SlotNumber, StudentId, TeacherId, VisitorId,
};

use crate::call_guests::a_day_before;
use crate::database::Work;
use crate::fault::{Fault, Read, Result};

use crate::store::Store;
use crate::talks::after;
use crate::value::{Value, columns, list, listed, values};

columns! {
    /// An appointment with one of its teachers.
    struct Booked {
        id: BookingId,
        meeting: MeetingId,
        evening: EveningId,
        parent: ContactId,
        student: StudentId,
        class: ClassId,
        slot: SlotNumber,
        start_at: Timestamp,
        end_at: Timestamp,
        teacher: TeacherId,
    }
}

/// Appointments that are not over at `$2`.
macro_rules! booked {
    ($where:literal) => {
        concat!(
            "SELECT bookings.id AS id, bookings.meeting AS meeting, bookings.evening AS evening, bookings.parent AS parent,
               bookings.student AS student, bookings.class AS class, bookings.slot AS slot,
               bookings.start_at AS start_at, bookings.end_at AS end_at,
               booking_teachers.teacher AS teacher
             FROM bookings
             JOIN booking_teachers ON booking_teachers.school = bookings.school
               AND booking_teachers.booking = bookings.id
             WHERE bookings.school = $1 AND bookings.cancelled_at IS NULL
               AND bookings.end_at > $2 AND ",
            $where,
            " ORDER BY bookings.id, booking_teachers.position"
        )
    };
}

columns! {
    /// An invitation with one of the students it covers.
    struct Covered {
        id: InvitationId,
        evening: EveningId,
        inviter: Option<ContactId>,
        state: State,
        student: Option<StudentId>,
    }
}

/// Invitations that have not ended.
macro_rules! covered {
    ($where:literal) => {
        concat!(
            "SELECT invitations.id AS id, invitations.evening AS evening,
               invitations.inviter AS inviter, invitations.state AS state,
               coverage.student AS student
             FROM invitations
             LEFT JOIN coverage ON coverage.school = invitations.school
               AND coverage.invitation = invitations.id
             WHERE invitations.school = $1 AND invitations.state <> 'removed'
               AND invitations.",
            $where
        )
    };
}

columns! {
    /// Somebody's place in an evening.
    struct Held {
        evening: EveningId,
        kind: HolderKind,
        holder: HolderId,
    }
}

impl Held {
    const fn place(&self) -> (EveningId, Holder) {
        (self.evening, Holder::new(self.kind, self.holder))
    }
}

/// Who has a link that lives, or was written to.
macro_rules! held {
    (links, $where:literal) => {
        concat!(
            "SELECT scope AS evening, holders.kind, holder FROM links
             JOIN holders ON holders.school = links.school AND holders.id = links.holder
             WHERE links.school = $1 AND withdrawn_at IS NULL AND ",
            $where
        )
    };
    (mail, $where:literal) => {
        concat!(
            "SELECT DISTINCT scope AS evening, holders.kind, holder FROM mail
             JOIN holders ON holders.school = mail.school AND holders.id = mail.holder
             WHERE mail.school = $1 AND scope IS NOT NULL AND ",
            $where
        )
    };
}

columns! {
    /// What somebody attends.
    struct Attended {
        who: i64,
        booking: BookingId,
        start_at: Timestamp,
        end_at: Timestamp,
        longer: Option<i64>,
    }
}

columns! {
    struct Visit {
        id: VisitorId,
    }
}

impl Store {
    /// All that bears on `deed`.
    #[expect(clippy::too_many_lines, reason = "a table, one arm a deed")]
    pub(super) async fn facts(
        &self,
        work: &mut Work,
        deed: &Deed,
        now: Timestamp,
    ) -> Result<Facts> {
        let mut facts = Facts {
            barred: self.all_barred(work).await?,
            ..Facts::default()
        };
        match deed {
            Deed::InvitationEnded { invitation, .. } => {
                let of = values![self.school, *invitation];
                self.gather_invitations(work, covered!("id = $2"), of, &mut facts)
                    .await?;
            }
            Deed::VisitEnded { visitor } => {
                facts.visits = self.visits(work, *visitor).await?;
            }
            Deed::AppointmentCancelled { booking } | Deed::AppointmentMoved { booking, .. } => {
                let of = values![self.school, now, *booking];
                self.gather_appointments(work, booked!("bookings.id = $3"), of, &mut facts)
                    .await?;
            }
            Deed::AppointmentGiven {
                booking, teachers, ..
            } => {
                let of = values![self.school, now, *booking];
                self.gather_appointments(work, booked!("bookings.id = $3"), of, &mut facts)
                    .await?;
                let all = teachers.as_slice().iter().copied();
                self.gather_teachers(work, all.collect(), now, &mut facts)
                    .await?;
                let parents = facts.appointments.values().map(|it| it.parent).collect();
                self.gather_attending(work, parents, now, &mut facts)
                    .await?;
            }
            Deed::TeachersChanged { class, teachers } => {
                self.gather_away(work, &mut facts).await?;
                let of = values![self.school, now, *class];
                self.gather_appointments(work, booked!("bookings.class = $3"), of, &mut facts)
                    .await?;
                let stand_in = facts.away.values().flatten();
                let all = teachers.as_slice().iter().chain(stand_in).copied();
                self.gather_teachers(work, all.collect(), now, &mut facts)
                    .await?;
            }
            Deed::PlacesEnded { places } => {
                let students: BTreeSet<_> = places.iter().map(|(student, _)| *student).collect();
                for student in students {
                    let of = values![self.school, now, student];
                    self.gather_appointments(
                        work,
                        booked!("bookings.student = $3"),
                        of,
                        &mut facts,
                    )
                    .await?;
                }
            }
            Deed::TeacherIll {
                evening,
                teacher,
                instead,
            } => {
                let theirs = booked!(
                    "bookings.id IN (SELECT booking FROM booking_teachers
                       WHERE school = $1 AND evening = $3 AND teacher = $4)"
                );
                let of = values![self.school, now, *evening, *teacher];
                self.gather_appointments(work, theirs, of, &mut facts)
                    .await?;
                self.gather_away(work, &mut facts).await?;
                let here = facts.away.iter().filter(|((of, _), _)| of == evening);
                let stand_in = here.filter_map(|(_, instead)| instead.as_ref());
                let all = instead.iter().chain([teacher]).chain(stand_in).copied();
                self.gather_teachers(work, all.collect(), now, &mut facts)
                    .await?;
                let of = values![self.school, *evening];
                self.gather_links(work, held!(links, "scope = $2"), of, &mut facts)
                    .await?;
            }
            Deed::TeacherBack {
                evening, classes, ..
            } => {
                let of = values![self.school, now, *evening];
                self.gather_appointments(work, booked!("bookings.evening = $3"), of, &mut facts)
                    .await?;
                self.gather_away(work, &mut facts).await?;
                let own = classes.values().flat_map(JointTeachers::as_slice);
                let all = own.chain(facts.away.values().flatten()).copied();
                self.gather_teachers(work, all.collect(), now, &mut facts)
                    .await?;
                let of = || values![self.school, *evening];
                self.gather_links(work, held!(links, "scope = $2"), of(), &mut facts)
                    .await?;
                self.gather_written_to(work, held!(mail, "scope = $2"), of(), &mut facts)
                    .await?;
            }
            Deed::AddressChanged { holder } => {
                self.gather_holder(work, *holder, &mut facts).await?;
                if let Holder::Guest(id) = holder {
                    let of = values![self.school, *id];
                    self.gather_invitations(work, covered!("id = $2"), of, &mut facts)
                        .await?;
                }
            }
            Deed::OrderEntered { contact } => {
                self.gather_contact(work, *contact, now, &mut facts).await?;
                for barred in self.barred_and_alike(work).await? {
                    for guest in self.guests_like(work, &barred).await? {
                        facts.alike.entry(guest).or_insert(barred.contact);
                    }
                }
                self.gather_alike(work, &mut facts).await?;
                facts.visits.extend(self.visits_like(work, now).await?);
            }
            Deed::Suspended { contact, .. } => {
                let holder = Holder::Parent(*contact);
                self.gather_holder(work, holder, &mut facts).await?;
            }
            Deed::RecordsJoined { kept, gone } => {
                self.gather_contact(work, *kept, now, &mut facts).await?;
                self.gather_contact(work, *gone, now, &mut facts).await?;
            }
            Deed::GuardianshipEnded { contact, .. } => {
                self.gather_contact(work, *contact, now, &mut facts).await?;
            }
            Deed::Left {
                person: Person::Contact(contact),
            } => self.gather_contact(work, *contact, now, &mut facts).await?,
            Deed::Left { person } | Deed::Erased { person } => {
                if let Deed::Erased {
                    person: Person::Contact(contact),
                } = deed
                {
                    facts.visits = self.visits_of(work, *contact, now).await?;
                }
                self.gather_person(work, *person, now, &mut facts).await?;
            }
            Deed::EveningChanged { evening, .. } | Deed::EveningCancelled { evening } => {
                self.gather_evening(work, *evening, now, &mut facts).await?;
            }
            Deed::CallStopped { meeting, .. } | Deed::LetBack { meeting, .. } => {
                let of = values![self.school, now, *meeting];
                self.gather_appointments(work, booked!("bookings.meeting = $3"), of, &mut facts)
                    .await?;
            }
        }
        self.gather_guests(work, &mut facts).await?;
        self.gather_evenings(work, &mut facts).await?;
        Ok(facts)
    }

    /// The guests who were invited out of meetings at the address of a contact, or came to a room with
    /// it.
    async fn visits_of(
        &self,
        work: &mut Work,
        contact: ContactId,
        now: Timestamp,
    ) -> Read<BTreeSet<VisitorId>> {
        let other = self.other_address_key(work, contact).await?;
        let rows: Vec<Visit> = work
            .rows(
                "SELECT came.id AS id FROM (
                   SELECT school, id, email_key FROM call_guests WHERE removed_at IS NULL
                   UNION ALL SELECT school, id, email_key FROM visitors
                   WHERE removed_at IS NULL AND came_at > $3) AS came
                 WHERE came.school = $1 AND email_key IN (
                   SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                   UNION ALL SELECT CAST($4 AS TEXT))",
                values![self.school, contact, a_day_before(now), other.as_deref()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Who cannot come to which evening, and who does instead.
    async fn gather_away(&self, work: &mut Work, facts: &mut Facts) -> Read<()> {
        let rows = work
            .all(
                "SELECT evening, teacher, instead FROM substitutes WHERE school = $1",
                values![self.school],
            )
            .await?;
        for row in &rows {
            let place = (row.named("evening")?, row.named("teacher")?);
            facts.away.insert(place, row.named("instead")?);
        }
        Ok(())
    }

    /// Contacts whom nobody writes to.
    async fn all_barred(&self, work: &mut Work) -> Read<BTreeSet<ContactId>> {
        let rows = work
            .all(
                "SELECT id FROM contacts
                 WHERE school = $1 AND (court_order_at IS NOT NULL OR may_be IS NOT NULL)",
                values![self.school],
            )
            .await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn gather_appointments(
        &self,
        work: &mut Work,
        sql: &'static str,
        of: Vec<Value>,
        facts: &mut Facts,
    ) -> Read<()> {
        let mut teachers: BTreeMap<BookingId, Vec<TeacherId>> = BTreeMap::new();
        let rows: Vec<Booked> = work.rows(sql, of).await?;
        for row in &rows {
            teachers.entry(row.id).or_default().push(row.teacher);
        }
        for row in rows {
            let Some(teachers) = teachers.remove(&row.id) else {
                continue;
            };
            let teachers = JointTeachers::new(teachers)
                .map_err(|_refused| Fault::Broken("an appointment with too many teachers"))?;
            let one = Appointment {
                meeting: row.meeting,
                evening: row.evening,
                parent: row.parent,
                student: row.student,
                class: row.class,
                teachers,
                slot: row.slot,
                span: Span {
                    start: row.start_at,
                    end: row.end_at,
                },
            };
            facts.appointments.insert(row.id, one);
        }
        Ok(())
    }

    async fn gather_invitations(
        &self,
        work: &mut Work,
        sql: &'static str,
        of: Vec<Value>,
        facts: &mut Facts,
    ) -> Read<()> {
        let rows: Vec<Covered> = work.rows(sql, of).await?;
        for row in rows {
            let one = facts.invitations.entry(row.id).or_insert_with(|| Invited {
                evening: row.evening,
                inviter: row.inviter,
                state: row.state,
                students: BTreeSet::new(),
            });
            one.students.extend(row.student);
        }
        Ok(())
    }

    /// The invitations of those who booked: their guests may come to what they booked.
    async fn gather_guests(&self, work: &mut Work, facts: &mut Facts) -> Read<()> {
        let parents: BTreeSet<_> = facts.appointments.values().map(|it| it.parent).collect();
        if parents.is_empty() {
            return Ok(());
        }
        let sql = listed!(
            work,
            "SELECT invitations.id AS id, invitations.evening AS evening,
               invitations.inviter AS inviter, invitations.state AS state,
               coverage.student AS student
             FROM invitations
             LEFT JOIN coverage ON coverage.school = invitations.school
               AND coverage.invitation = invitations.id
             WHERE invitations.school = $1 AND invitations.state <> 'removed'
               AND invitations.inviter IN",
            ""
        );
        let of = values![self.school, list(parents)];
        self.gather_invitations(work, sql, of, facts).await
    }

    async fn gather_alike(&self, work: &mut Work, facts: &mut Facts) -> Read<()> {
        let alike: Vec<InvitationId> = facts.alike.keys().copied().collect();
        for id in alike {
            let of = values![self.school, id];
            self.gather_invitations(work, covered!("id = $2"), of, facts)
                .await?;
        }
        Ok(())
    }

    async fn gather_links(
        &self,
        work: &mut Work,
        sql: &'static str,
        of: Vec<Value>,
        facts: &mut Facts,
    ) -> Read<()> {
        let rows: Vec<Held> = work.rows(sql, of).await?;
        for row in &rows {
            facts.links.insert(row.place());
        }
        Ok(())
    }

    async fn gather_written_to(
        &self,
        work: &mut Work,
        sql: &'static str,
        of: Vec<Value>,
        facts: &mut Facts,
    ) -> Read<()> {
        let rows: Vec<Held> = work.rows(sql, of).await?;
        for row in &rows {
            facts.written_to.insert(row.place());
        }
        Ok(())
    }

    /// What one holder has, in every evening.
    async fn gather_holder(&self, work: &mut Work, holder: Holder, facts: &mut Facts) -> Read<()> {
        let of = || values![self.school, holder];
        self.gather_links(work, held!(links, "holder = $2"), of(), facts)
            .await?;
        self.gather_written_to(work, held!(mail, "holder = $2"), of(), facts)
            .await
    }

    /// What teachers have who are to take other appointments; each until its talk ends, also where that was made
    /// longer.
    async fn gather_teachers(
        &self,
        work: &mut Work,
        teachers: BTreeSet<TeacherId>,
        now: Timestamp,
        facts: &mut Facts,
    ) -> Read<()> {
        for teacher in &teachers {
            self.gather_holder(work, Holder::Teacher(*teacher), facts)
                .await?;
        }
        // Whether colleagues were written to shows whether those who come in are.
        let evenings: BTreeSet<_> = facts.appointments.values().map(|it| it.evening).collect();
        for evening in evenings {
            let of = values![self.school, evening];
            let sql = held!(mail, "scope = $2 AND holders.kind = 'teacher'");
            self.gather_written_to(work, sql, of, facts).await?;
        }
        self.gather_engaged(work, teachers, now, facts).await
    }

    async fn gather_engaged(
        &self,
        work: &mut Work,
        teachers: BTreeSet<TeacherId>,
        now: Timestamp,
        facts: &mut Facts,
    ) -> Read<()> {
        let sql = listed!(
            work,
            "SELECT booking_teachers.teacher AS who, bookings.id AS booking,
               bookings.start_at AS start_at, bookings.end_at AS end_at, talks.longer AS longer
             FROM booking_teachers
             JOIN bookings ON bookings.school = booking_teachers.school
               AND bookings.id = booking_teachers.booking
             LEFT JOIN talks ON talks.school = bookings.school
               AND talks.meeting = bookings.meeting AND talks.start_at = bookings.start_at
             WHERE booking_teachers.school = $1 AND bookings.cancelled_at IS NULL
               AND bookings.end_at + COALESCE(talks.longer, 0) > $3
               AND booking_teachers.teacher IN",
            ""
        );
        for (who, engagement) in self.attended(work, sql, list(teachers), now).await? {
            let of = facts.engaged.entry(TeacherId(who)).or_default();
            of.push(engagement);
        }
        Ok(())
    }

    async fn gather_attending(
        &self,
        work: &mut Work,
        parents: BTreeSet<ContactId>,
        now: Timestamp,
        facts: &mut Facts,
    ) -> Read<()> {
        let sql = listed!(
            work,
            "SELECT bookings.parent AS who, bookings.id AS booking,
               bookings.start_at AS start_at, bookings.end_at AS end_at, talks.longer AS longer
             FROM bookings
             LEFT JOIN talks ON talks.school = bookings.school
               AND talks.meeting = bookings.meeting AND talks.start_at = bookings.start_at
             WHERE bookings.school = $1 AND bookings.cancelled_at IS NULL
               AND bookings.end_at + COALESCE(talks.longer, 0) > $3 AND bookings.parent IN",
            ""
        );
        for (who, engagement) in self.attended(work, sql, list(parents), now).await? {
            let of = facts.attending.entry(ContactId(who)).or_default();
            of.push(engagement);
        }
        Ok(())
    }

    async fn attended(
        &self,
        work: &mut Work,
        sql: &'static str,
        whose: Value,
        now: Timestamp,
    ) -> Read<Vec<(u64, Engagement)>> {
        let mut of = values![self.school];
        of.push(whose);
        of.push(now.into());
        let rows: Vec<Attended> = work.rows(sql, of).await?;
        rows.into_iter()
            .map(|row| {
                let who =
                    u64::try_from(row.who).map_err(|_negative| Fault::Broken("a negative id"))?;
                let span = Span {
                    start: row.start_at,
                    end: row.end_at,
                };
                let engagement = Engagement {
                    booking: row.booking,
                    span,
                    until: after(row.end_at, row.longer),
                };
                Ok((who, engagement))
            })
            .collect()
    }

    /// All that a contact has.
    async fn gather_contact(
        &self,
        work: &mut Work,
        contact: ContactId,
        now: Timestamp,
        facts: &mut Facts,
    ) -> Read<()> {
        self.gather_holder(work, Holder::Parent(contact), facts)
            .await?;
        let of = values![self.school, contact];
        self.gather_invitations(work, covered!("inviter = $2"), of, facts)
            .await?;
        let of = values![self.school, now, contact];
        self.gather_appointments(work, booked!("bookings.parent = $3"), of, facts)
            .await
    }

    async fn gather_person(
        &self,
        work: &mut Work,
        person: Person,
        now: Timestamp,
        facts: &mut Facts,
    ) -> Read<()> {
        match person {
            Person::Contact(contact) => {
                self.gather_contact(work, contact, now, facts).await?;
                let other = self.other_address_key(work, contact).await?;
                let rows = work
                    .all(
                        "SELECT id FROM invitations
                         WHERE school = $1 AND state <> 'removed' AND email_key IN
                           (SELECT email_key FROM contacts WHERE school = $1 AND id = $2
                            UNION ALL SELECT CAST($3 AS TEXT))",
                        values![self.school, contact, other.as_deref()],
                    )
                    .await?;
                for row in &rows {
                    facts.alike.insert(row.get(0)?, contact);
                }
                self.gather_alike(work, facts).await
            }
            Person::Student(student) => {
                let of = values![self.school, now, student];
                self.gather_appointments(work, booked!("bookings.student = $3"), of, facts)
                    .await?;
                let sql = covered!(
                    "id IN (SELECT invitation FROM coverage WHERE school = $1 AND student = $2)"
                );
                self.gather_invitations(work, sql, values![self.school, student], facts)
                    .await
            }
            Person::Guest(invitation) => {
                let of = values![self.school, invitation];
                self.gather_invitations(work, covered!("id = $2"), of, facts)
                    .await
            }
            Person::Teacher(teacher) => {
                self.gather_holder(work, Holder::Teacher(teacher), facts)
                    .await
            }
        }
    }

    async fn gather_evening(
        &self,
        work: &mut Work,
        evening: EveningId,
        now: Timestamp,
        facts: &mut Facts,
    ) -> Read<()> {
        let of = values![self.school, now, evening];
        self.gather_appointments(work, booked!("bookings.evening = $3"), of, facts)
            .await?;
        let of = || values![self.school, evening];
        self.gather_links(work, held!(links, "scope = $2"), of(), facts)
            .await?;
        self.gather_written_to(work, held!(mail, "scope = $2"), of(), facts)
            .await?;
        let appointments = facts.appointments.values();
        let parents = appointments.clone().map(|it| it.parent).collect();
        let teachers = appointments.flat_map(|it| it.teachers.as_slice().iter().copied());
        let teachers = teachers.collect();
        self.gather_engaged(work, teachers, now, facts).await?;
        self.gather_attending(work, parents, now, facts).await
    }

    /// The evenings of all that was found.
    async fn gather_evenings(&self, work: &mut Work, facts: &mut Facts) -> Read<()> {
        let appointments = facts.appointments.values().map(|it| it.evening);
        let invitations = facts.invitations.values().map(|it| it.evening);
        let places = facts.links.iter().chain(&facts.written_to);
        let all: BTreeSet<_> = appointments
            .chain(invitations)
            .chain(places.map(|(evening, _)| *evening))
            .collect();
        let sql = listed!(
            work,
            "SELECT id, start_at, end_at FROM evenings WHERE school = $1 AND id IN",
            ""
        );
        for row in work.all(sql, values![self.school, list(all)]).await? {
            let span = Span {
                start: row.named("start_at")?,
                end: row.named("end_at")?,
            };
            facts.evenings.insert(row.named("id")?, span);
        }
        Ok(())
    }
}
