// What answers to a link look like: checked here, once; behind this they are of their type.

import {
  type Check,
  isBoolean,
  isFields,
  isInstant,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
} from "./check";
import type {
  AutoBooked,
  Booking,
  BookingView,
  Changes,
  ClassSlots,
  ClassView,
  InvitationState,
  InvitationsView,
  InvitationView,
  Invited,
  ParentView,
  Presence,
  Present,
  SchoolView,
  SlotState,
  SlotsView,
  SlotView,
  StudentView,
  TeacherAppointment,
  TeacherView,
  Unmet,
  Wording,
} from "./messages";
import { isAppointment, isContact, isEvening, isRole } from "./parse";

export const isBooking = oneOf<Booking>({ not_open: true, open: true, closed: true });

export const isInvitationState = oneOf<InvitationState>({
  needs_approval: true,
  sending: true,
  sent: true,
  delivered: true,
  bounced: true,
  joined: true,
});

export const isBookingView = shaped<BookingView>({
  appointment: isAppointment,
  student: isText,
  class: isText,
  note: isText,
});

export const isAutoBooked = shaped<AutoBooked>({
  booked: listOf(isBookingView),
  unmet: listOf(shaped<Unmet>({ student: isText, class: isText, reason: isText })),
});

export const isSlotsView = shaped<SlotsView>({
  slots: listOf(
    shaped<ClassSlots>({
      student: isText,
      class: isText,
      slots: listOf(
        shaped<SlotView>({
          starts: isInstant,
          ends: isInstant,
          state: oneOf<SlotState>({
            free: true,
            clash: true,
            yours: true,
            taken: true,
            past: true,
          }),
        }),
      ),
    }),
  ),
});

export const isInvitationView = shaped<InvitationView>({
  id: isText,
  name: isText,
  email: isText,
  students: listOf(isText),
  state: isInvitationState,
  sent: isInstant,
});

export const isInvited: Check<Invited> = (value): value is Invited =>
  isFields(value) &&
  (value["type"] === "needs_approval" ||
    (value["type"] === "sent" && isInvitationView(value["invitation"])));

const isInvitationsView = shaped<InvitationsView>({
  sent: listOf(isInvitationView),
  left: listOf(isText),
  wording: shaped<Wording>({ version: isText, text: isText }),
});

const isStudentView = shaped<StudentView>({
  id: isText,
  name: isText,
  classes: listOf(
    shaped<ClassView>({
      id: isText,
      subject: isText,
      teachers: listOf(isText),
      booked: optional(isText),
    }),
  ),
});

export const isParentView = shaped<ParentView>({
  name: isText,
  evening: isEvening,
  booking: isBooking,
  booking_opens: optional(isInstant),
  booking_closes: optional(isInstant),
  students: listOf(isStudentView),
  bookings: listOf(isBookingView),
  invitations: isInvitationsView,
  contact: optional(isContact),
  seen: isText,
});

export const isPresent = shaped<Present>({
  name: isText,
  role: isRole,
  state: oneOf<Presence>({ seated: true, reconnecting: true, waiting: true }),
});

export const isTeacherView = shaped<TeacherView>({
  name: isText,
  evening: isEvening,
  appointments: listOf(
    shaped<TeacherAppointment>({
      appointment: isAppointment,
      parent: isText,
      guest: optional(isText),
      note: isText,
      present: listOf(isPresent),
    }),
  ),
  next: optional(isText),
  contact: optional(isContact),
  seen: isText,
});

export const isChanges: Check<Changes> = (value): value is Changes =>
  isFields(value) &&
  (value["type"] === "withdrawn" ||
    ((value["type"] === "nothing" || value["type"] === "changed") && isText(value["seen"])));

export const isSchoolView = shaped<SchoolView>({
  name: isText,
  is_set_up: isBoolean,
  contact: optional(isContact),
});
