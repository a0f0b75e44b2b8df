//! What somebody asked for and may not have.

use crate::evening::{LONGEST_GAP, LONGEST_SLOT, SHORTEST_SLOT};
use crate::people::MOST_TEACHERS;
use crate::retention::{LONGEST_DAYS, SHORTEST_DAYS};
use crate::rooms::{LONGEST_LIMIT, SHORTEST_LIMIT};
use crate::text::{LONGEST_NAME, LONGEST_NOTE};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident, $($sentence:expr),+;)*) => {
        /// What somebody asked for and may not have, and a sentence for a person.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($($sentence),+)] $name,)*
        }

        impl Refusal {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

refusals! {
    /// Nothing of that id is there for whoever asks; foreign and unknown are one answer.
    NotFound, "This does not exist, or is not yours.";

    /// A name is asked for.
    NameMissing, "Enter a name.";
    /// The name is longer than [`LONGEST_NAME`] characters.
    NameTooLong, "Enter a name of at most {LONGEST_NAME} characters.";
    /// Line breaks and other control characters.
    TextNotPlain, "Remove line breaks and other special characters from this text. Some cannot be seen: if it was pasted, type it instead.";
    /// A homeroom, a telephone number or the like is longer than [`LONGEST_NAME`] characters.
    TextTooLong, "Enter at most {LONGEST_NAME} characters here.";
    /// The note is longer than [`LONGEST_NOTE`] characters.
    NoteTooLong, "Enter a note of at most {LONGEST_NOTE} characters.";
    /// Control characters and marks that nobody sees, in a note.
    NoteNotPlain, "This note has characters that cannot be seen. If it was pasted, type it instead.";
    /// An e-mail address is asked for.
    EmailMissing, "Enter an email address.";
    /// That is no e-mail address.
    EmailInvalid, "Enter an email address in the correct format, like name@example.com.";
    /// A mobile number is asked for.
    MobileMissing, "Enter a mobile number.";
    /// That is no telephone number.
    MobileInvalid, "Enter a mobile number, like 07700 900123. For another country, begin with + and its code.";
    /// That is the number of no mobile telephone.
    NotMobile, "Enter the number of a mobile phone: this one cannot get text messages.";
    /// That is a number of a country that the school does not write to.
    MobileElsewhere, "Your school does not send text messages to numbers of this country.";
    /// Nobody carries text messages for the school.
    TextsOff, "Your school does not send text messages. Send an email, or copy the link.";
    /// The school has sent as many text messages as it pays for in a day.
    TextsSpent, "Your school has sent all the text messages it sends in a day. Send an email, or copy the link.";
    /// As [`Self::TextsSpent`], to whoever invites contacts to register.
    TextsTomorrow, "The school has sent all the text messages it sends in a day. Send this one tomorrow, or print a letter.";
    /// An invitation to register was sent to as many addresses as its reader may give.
    AddressesSpent, "You have entered as many addresses as you can. Ask the school office for help.";
    /// Somebody has sent as many invitations out of one meeting as a day allows.
    InvitesSpent, "You have sent as many invites from this meeting as one day allows. Copy the link instead.";
    /// A password is too short.
    PasswordTooShort, "Enter a password of at least {} characters.", crate::password::SHORTEST;
    /// A password is one that others try first.
    PasswordGuessable, "This password is easy to guess. Use other words than those of the school, your name and common passwords.";
    /// A password is longer than anybody types.
    PasswordTooLong, "Enter a password of at most {} characters.", crate::password::LONGEST;

    /// The zone is not in the time zone database.
    ZoneUnknown, "Choose a time zone, like Europe/London.";
    /// Personal data would be kept too shortly or too long.
    Retention, "Enter a whole number of days from {SHORTEST_DAYS} to {LONGEST_DAYS}.";
    /// The evening ends before it starts.
    EndsBeforeStart, "Enter an end that is after the start, on the same day.";
    /// The evening is over before it is made.
    DatePast, "Enter a date and times that are still to come.";
    /// The year is a slip.
    DateTooFar, "Check the year: this is more than 20 years away.";
    /// That is no date.
    DateInvalid, "Enter a date, like 2027-03-18.";
    /// That is no time of the day.
    TimeInvalid, "Enter a time from 00:00 to 23:59.";
    /// Booking would close before it opens, or after the evening.
    ClosesPast, "Enter a closing time for booking that is still to come, and not after the evening.";
    /// A time that the clocks skip on that day.
    TimeSkipped, "Enter another time: the clocks go forward on that day, and this time does not exist.";
    /// The slot is too short or too long.
    SlotLength, "Enter a slot length from {SHORTEST_SLOT} to {LONGEST_SLOT} minutes.";
    /// The gap is too long.
    GapLength, "Enter a gap of at most {LONGEST_GAP} minutes.";
    /// Not one slot fits in.
    NoSlotFits, "Enter times with room for at least one appointment.";
    /// The times cannot change under appointments that were booked.
    TimesAreBooked, "Appointments are already booked at these times. Cancel them first, or keep the times.";
    /// An appointment that is to come would have begun already.
    TimesOver, "At the new times, appointments that are still to come would be over or have begun already. Choose later times, or cancel them first.";
    /// Somebody would be in two places at once (EVE-19).
    BusyElsewhere, "At the new time somebody has an appointment in another evening already. Choose another time, or move that one first.";
    /// Two records have what one person can have once (DIR-13).
    RecordsClash, "Both records have an appointment at the same time or for the same class, or an invitation for the same student. Remove one of the two first.";
    /// Records that were made one can no longer be parted (DIR-13).
    JoinedTooLong, "These records were made one more than a day ago, or one of them has been made one with another since.";
    /// Somebody who cannot come takes the place of somebody else, or is sent their link.
    TeacherAway, "This teacher cannot come to that evening. Choose another, or say that they come after all.";
    /// The evening does not take place.
    EveningCancelled, "The school has cancelled this evening.";
    /// The evening is over.
    EveningOver, "This evening is over.";

    /// Somebody else saved the same form first.
    ChangedMeanwhile, "Somebody else has changed this since you opened it. Nothing was saved.";
    /// A colleague was faster, and let the invitation out.
    ApprovedAlready, "A colleague has approved this invitation already, and it was sent.";
    /// A colleague was faster, and declined the invitation.
    DeclinedAlready, "A colleague has declined this invitation already.";
    /// Somebody was faster, and cancelled the appointment.
    CancelledAlready, "This appointment has been cancelled already.";
    /// A colleague was faster, and kept or moved the appointment.
    DecidedAlready, "A decision about this appointment is no longer needed. It takes place as it now stands among the appointments.";

    /// A fourth teacher on a joint appointment.
    TooManyTeachers, "A joint appointment has at most {MOST_TEACHERS} teachers, because a call has room for 4 people.";
    /// A class without a teacher.
    NoTeacher, "Choose at least one teacher.";
    /// The same teacher twice.
    TeacherTwice, "Choose each teacher once.";
    /// It has appointments to come, and cannot be removed.
    HasAppointments, "There are appointments booked here. Cancel them first.";
    /// A teacher who takes classes or appointments cannot be removed.
    TakesClasses, "This teacher takes classes or appointments. Give them to somebody else first.";
    /// Another student has that id in the system that the import comes from.
    SourceTaken, "Another student has this id.";
    /// Nobody else of the office can sign in.
    LastAccount, "No other owner can sign in. Make somebody else an owner first.";
    /// Nobody erases their own account.
    OwnAccount, "You cannot erase your own account. Another owner can.";
    /// Somebody else has that address.
    EmailTaken, "There is an account with this email address already.";
    /// The link to set up or to choose a password is used or too old, or the first administrator is
    /// there already.
    SetUpDone, "This link has been used or is too old. Sign in, or ask for a new one.";

    /// Booking has not begun.
    BookingNotOpen, "Booking is not open yet.";
    /// Booking is over.
    BookingClosed, "Booking is closed. Contact the school to change an appointment.";
    /// No slot of that number.
    NoSuchSlot, "Choose one of the times of this evening.";
    /// That time has passed.
    SlotOver, "This time is over. Choose a later one.";
    /// Somebody else was faster.
    SlotTaken, "This time has just been taken. Choose another.";
    /// The parent has another appointment then.
    ParentBusy, "You have another appointment at this time.";
    /// The parent has an appointment for that student and class, which is to come or was held.
    AlreadyBooked, "You have an appointment for this class already.";
    /// No time is left that suits.
    NoTimeLeft, "No time is free that fits with your other appointments.";

    /// No tick of consent.
    ConsentMissing, "Tick the box to agree that this person is given access to the information used to make the appointments.";
    /// The wording changed since the page was opened.
    WordingOutdated, "The wording of the agreement has changed. Read it again, and tick the box.";
    /// No student was ticked.
    StudentsMissing, "Choose at least one student.";
    /// One invitation a student, evening and inviting parent (INV-4, INV-7).
    AlreadyInvited, "Unable to invite another parent/guardian. Only one invite can be sent per student.";
    /// The invitation waits for the office; nothing more is said (DIR-4).
    NeedsApproval, "Your school needs to approve this invitation.";
    /// Parents may not invite other parents of their children (DIR-6).
    SchoolInvites, "Your school invites parents itself. Ask the school office to add somebody.";
    /// A parent has named as many other parents of a student as they may (DIR-6).
    ParentsSpent, "You have entered as many parents as you can for this student. Ask the school office to add others.";
    /// The office approves somebody with a court order in force.
    CourtOrderStands, "There is a court order on this person, or on somebody with the same address. Lift it first if it has ended, or give this person an address of their own.";
    /// A contact may be somebody with a court order in force.
    MayBeBarred, "This may be somebody with a court order. Open their page and say whether they are that person.";
    /// A guest came to a room so long ago that their link is over.
    VisitOver, "This link was for one day. Open the link that you came by first.";
    /// Somebody of the school has stopped the call for abuse (SCR-14); nothing more is said.
    CallStopped, "The school has ended the call that you were in, so you cannot come in again. If you have a question, ask the school.";
    /// A guest whom a stop keeps out is invited (SCR-14).
    KeptOut, "A call here was ended for everybody. This guest cannot come until the school’s office lets them back.";
    /// An appointment whose call was ended for everybody would be moved: at another time nobody could join it
    /// either (SCR-14).
    StopStands, "The call of this appointment was ended for everybody, so it cannot be moved. Under Approvals the office can let them back first.";
    /// A call would be stopped in which nobody is (SCR-14).
    NobodyThere, "Nobody has been in this call, so there is nothing to end.";
    /// More guests have come to a room on one day than it takes.
    RoomCrowded, "Too many guests have come to this meeting room today. Try again tomorrow, or ask who invited you.";
    /// A waiting area holds no more callers.
    AreaCrowded, "Too many people are waiting here just now. Try again later.";
    /// A room or a waiting area is closed at that hour (WAIT-3, ROOM-6).
    AreaClosed, "It is closed just now.";
    /// Another provider took this caller.
    CallerTaken, "Somebody else has taken this caller.";
    /// This caller waits no more.
    CallerGone, "This caller is not waiting any more.";
    /// A provider would take a caller into a new call, and has taken another into one that goes on, or
    /// has not begun.
    HasCaller, "You have taken another caller. Join them, put them back or end their visit first.";
    /// A provider would add a caller to a call, and is in none of that waiting area.
    NotInCall, "You are not in a call of this waiting area.";
    /// A provider would add a caller to a call that takes nobody more (WAIT-2).
    CallFull, "This call is full. They go on waiting.";
    /// A room without anybody of the staff.
    NoMember, "Choose at least one member.";
    /// Whoever comes to a room is asked why.
    ReasonMissing, "Say what it is about.";
    /// A call in a room would be limited to too short or too long a time.
    LimitLength, "Enter a whole number of minutes from {SHORTEST_LIMIT} to {LONGEST_LIMIT}, or nothing.";
    /// Opening hours of a room or a waiting area without a day.
    NoDay, "Choose the days on which it is open.";
    /// The invitation was removed.
    InvitationRemoved, "This invitation was removed.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sentence_is_its_own_and_ends() {
        let sentences: BTreeSet<_> = Refusal::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(sentences.len(), Refusal::ALL.len());
        for sentence in sentences {
            assert!(sentence.ends_with('.'), "{sentence}");
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
