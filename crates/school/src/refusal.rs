//! What somebody asked for and may not have.

use crate::evening::{LONGEST_GAP, LONGEST_SLOT, SHORTEST_SLOT};
use crate::people::MOST_TEACHERS;
use crate::retention::{LONGEST_DAYS, SHORTEST_DAYS};
use crate::text::{LONGEST_NAME, LONGEST_NOTE};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $($sentence:expr),+;)*) => {
        /// What somebody asked for and may not have: a stable code, and a sentence for a person.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($($sentence),+)] $name,)*
        }

        impl Refusal {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its stable name on the wire.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

refusals! {
    /// Nothing of that id is there for whoever asks; foreign and unknown are one answer.
    NotFound, "not_found", "This does not exist, or is not yours.";

    /// A name is asked for.
    NameMissing, "name_missing", "Enter a name.";
    /// The name is longer than [`LONGEST_NAME`] characters.
    NameTooLong, "name_too_long", "Enter a name of at most {LONGEST_NAME} characters.";
    /// Line breaks and other control characters.
    TextNotPlain, "text_not_plain", "Remove line breaks and other special characters from this text. Some cannot be seen: if it was pasted, type it instead.";
    /// A homeroom, a telephone number or the like is longer than [`LONGEST_NAME`] characters.
    TextTooLong, "text_too_long", "Enter at most {LONGEST_NAME} characters here.";
    /// The note is longer than [`LONGEST_NOTE`] characters.
    NoteTooLong, "note_too_long", "Enter a note of at most {LONGEST_NOTE} characters.";
    /// Control characters and marks that nobody sees, in a note.
    NoteNotPlain, "note_not_plain", "This note has characters that cannot be seen. If it was pasted, type it instead.";
    /// An e-mail address is asked for.
    EmailMissing, "email_missing", "Enter an email address.";
    /// That is no e-mail address.
    EmailInvalid, "email_invalid", "Enter an email address in the correct format, like name@example.com.";
    /// A password is too short.
    PasswordTooShort, "password_too_short", "Enter a password of at least {} characters.", crate::password::SHORTEST;
    /// A password is one that others try first.
    PasswordGuessable, "password_guessable", "This password is easy to guess. Use other words than those of the school, your name and common passwords.";
    /// A password is longer than anybody types.
    PasswordTooLong, "password_too_long", "Enter a password of at most {} characters.", crate::password::LONGEST;

    /// The zone is not in the time zone database.
    ZoneUnknown, "zone_unknown", "Choose a time zone, like Europe/London.";
    /// Personal data would be kept too shortly or too long.
    Retention, "retention", "Enter a whole number of days from {SHORTEST_DAYS} to {LONGEST_DAYS}.";
    /// The evening ends before it starts.
    EndsBeforeStart, "ends_before_start", "Enter an end that is after the start, on the same day.";
    /// The evening is over before it is made.
    DatePast, "date_past", "Enter a date and times that are still to come.";
    /// The year is a slip.
    DateTooFar, "date_too_far", "Check the year: this is more than 20 years away.";
    /// That is no date.
    DateInvalid, "date_invalid", "Enter a date, like 2027-03-18.";
    /// That is no time of the day.
    TimeInvalid, "time_invalid", "Enter a time from 00:00 to 23:59.";
    /// Booking would close before it opens.
    ClosesPast, "closes_past", "The time at which booking closes has passed. Choose a later one.";
    /// A time that the clocks skip on that day.
    TimeSkipped, "time_skipped", "Enter another time: the clocks go forward on that day, and this time does not exist.";
    /// The slot is too short or too long.
    SlotLength, "slot_length", "Enter a slot length from {SHORTEST_SLOT} to {LONGEST_SLOT} minutes.";
    /// The gap is too long.
    GapLength, "gap_length", "Enter a gap of at most {LONGEST_GAP} minutes.";
    /// Not one slot fits in.
    NoSlotFits, "no_slot_fits", "Enter times with room for at least one appointment.";
    /// The times cannot change under appointments that were booked.
    TimesAreBooked, "times_are_booked", "Appointments are already booked at these times. Cancel them first, or keep the times.";
    /// Somebody would be in two places at once (EVE-19).
    BusyElsewhere, "busy_elsewhere", "At the new time somebody has an appointment in another evening already. Choose another time, or move that one first.";
    /// Somebody who cannot come takes the place of somebody else.
    TeacherAway, "teacher_away", "Choose a teacher who is there that evening.";
    /// The evening does not take place.
    EveningCancelled, "evening_cancelled", "The school has cancelled this evening.";
    /// The evening is over.
    EveningOver, "evening_over", "This evening is over.";

    /// Somebody else saved the same form first.
    ChangedMeanwhile, "changed_meanwhile", "Somebody else has changed this since you opened it. Nothing was saved.";

    /// A fourth teacher on a joint appointment.
    TooManyTeachers, "too_many_teachers", "A joint appointment has at most {MOST_TEACHERS} teachers, because a call has room for 4 people.";
    /// A class without a teacher.
    NoTeacher, "no_teacher", "Choose at least one teacher.";
    /// The same teacher twice.
    TeacherTwice, "teacher_twice", "Choose each teacher once.";
    /// It has appointments to come, and cannot be removed.
    HasAppointments, "has_appointments", "There are appointments booked here. Cancel them first.";
    /// A teacher who takes classes or appointments cannot be removed.
    TakesClasses, "takes_classes", "This teacher takes classes or appointments. Give them to somebody else first.";
    /// Another student has that id in the system that the import comes from.
    SourceTaken, "source_taken", "Another student has this id.";
    /// Nobody else of the office can sign in.
    LastAccount, "last_account", "Nobody else can sign in. Add another account first.";
    /// Somebody else has that address.
    EmailTaken, "email_taken", "There is an account with this email address already.";
    /// The link to set up or to choose a password is used or too old, or the first administrator is
    /// there already.
    SetUpDone, "set_up_done", "This link has been used or is too old. Sign in, or ask for a new one.";

    /// Booking has not begun.
    BookingNotOpen, "booking_not_open", "Booking is not open yet.";
    /// Booking is over.
    BookingClosed, "booking_closed", "Booking is closed. Contact the school to change an appointment.";
    /// No slot of that number.
    NoSuchSlot, "no_such_slot", "Choose one of the times of this evening.";
    /// That time has passed.
    SlotOver, "slot_over", "This time is over. Choose a later one.";
    /// Somebody else was faster.
    SlotTaken, "slot_taken", "This time has just been taken. Choose another.";
    /// The parent has another appointment then.
    ParentBusy, "parent_busy", "You have another appointment at this time.";
    /// The parent has an appointment for that student and class.
    AlreadyBooked, "already_booked", "You have an appointment for this class already. You can move it.";
    /// No time is left that suits.
    NoTimeLeft, "no_time_left", "No time is free that fits with your other appointments.";

    /// No tick of consent.
    ConsentMissing, "consent_missing", "Tick the box to agree that this person is given access to the information used to make the appointments.";
    /// The wording changed since the page was opened.
    WordingOutdated, "wording_outdated", "The wording of the agreement has changed. Read it again, and tick the box.";
    /// No student was ticked.
    StudentsMissing, "students_missing", "Choose at least one student.";
    /// One invitation a student, evening and inviting parent (INV-4, INV-7).
    AlreadyInvited, "already_invited", "Unable to invite another parent/guardian. Only one invite can be sent per student.";
    /// The invitation waits for the office; nothing more is said (DIR-4).
    NeedsApproval, "needs_approval", "Your school needs to approve this invitation.";
    /// The office approves somebody with a court order in force.
    CourtOrderStands, "court_order_stands", "There is a court order on this person. Lift it first if it has ended.";
    /// A contact may be somebody with a court order in force.
    MayBeBarred, "may_be_barred", "This may be somebody with a court order. Open their page and say whether they are that person.";
    /// The invitation was removed.
    InvitationRemoved, "invitation_removed", "This invitation was removed.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_its_own_and_every_sentence_ends() {
        let codes: BTreeSet<_> = Refusal::ALL.iter().map(|it| it.code()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        for refusal in Refusal::ALL {
            assert!(refusal.to_string().ends_with('.'), "{refusal:?}");
        }
    }

    #[test]
    fn quoted_sentences_stand_as_written() {
        assert_eq!(
            Refusal::AlreadyInvited.to_string(),
            "Unable to invite another parent/guardian. Only one invite can be sent per student."
        );
        assert_eq!(
            Refusal::NeedsApproval.to_string(),
            "Your school needs to approve this invitation."
        );
    }
}
