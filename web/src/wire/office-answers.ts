// What answers to the office look like: checked here, once; behind this they are of their type.

import { isBooking, isInvitationState, isPresent } from "./answers";
import {
  type Check,
  isBoolean,
  isCount,
  isFields,
  isInstant,
  isText,
  isWebAddress,
  listOf,
  oneOf,
  optional,
  shaped,
} from "./check";
import type {
  Approval,
  Approvals,
  Attention,
  Audit,
  AuditRow,
  Class,
  Classes,
  ContactPerson,
  Evening,
  EveningDraft,
  EveningPeople,
  EveningPerson,
  Evenings,
  HeldRecord,
  ImportOutcome,
  ImportReport,
  ImportRow,
  LinkShown,
  LiveCall,
  LiveView,
  MayBe,
  Notices,
  OfficeBooking,
  OfficeBookings,
  OfficeInvitation,
  OfficeInvitations,
  OrderTaken,
  PartNotice,
  Queued,
  SchoolSettings,
  SetupOffer,
  Staff,
  Student,
  StudentContact,
  Students,
  Teacher,
  Teachers,
} from "./messages";
import { isAppointment, isContact } from "./parse";

export const isStaff = shaped<Staff>({ name: isText, email: isText, school: isText, csrf: isText });

export const isSetupOffer = shaped<SetupOffer>({ email: optional(isText) });

export const isSchoolSettings = shaped<SchoolSettings>({
  name: isText,
  contact: isContact,
  time_zone: isText,
  retention_days: isCount,
});

const isEveningDraft = shaped<EveningDraft>({
  name: isText,
  date: isText,
  time_zone: isText,
  starts: isText,
  ends: isText,
  slot_minutes: isCount,
  gap_minutes: isCount,
  booking_closes: optional(isInstant),
  classes: optional(listOf(isText)),
  version: optional(isText),
});

export const isEvening = shaped<Evening>({
  id: isText,
  set: isEveningDraft,
  starts: isInstant,
  ends: isInstant,
  booking: isBooking,
  booked: isCount,
  confirmations: isCount,
});

export const isEvenings = shaped<Evenings>({ evenings: listOf(isEvening) });

export const isQueued = shaped<Queued>({ queued: isCount, without_address: isCount });

export const isTeacher = shaped<Teacher>({ id: isText, name: isText, email: isText });

export const isTeachers = shaped<Teachers>({ teachers: listOf(isTeacher) });

export const isClass = shaped<Class>({
  id: isText,
  name: isText,
  subject: isText,
  teachers: listOf(isText),
  students: listOf(isText),
  version: isText,
});

export const isClasses = shaped<Classes>({ classes: listOf(isClass) });

export const isStudent = shaped<Student>({
  id: isText,
  name: isText,
  homeroom: isText,
  classes: listOf(isText),
  contacts: listOf(
    shaped<StudentContact>({
      id: isText,
      name: isText,
      email: isText,
      court_order: isBoolean,
      waits: isBoolean,
    }),
  ),
});

export const isStudents = shaped<Students>({
  students: listOf(isStudent),
  total: isCount,
  next: optional(isText),
});

const isMayBe = shaped<MayBe>({ contact: isText, name: isText });

export const isContactPerson = shaped<ContactPerson>({
  id: isText,
  name: isText,
  email: isText,
  students: listOf(isText),
  court_order: isBoolean,
  may_be: optional(isMayBe),
});

export const isOrderTaken = shaped<OrderTaken>({
  contact: isContactPerson,
  links_ended: isCount,
  appointments_cancelled: isCount,
});

export const isImportReport = shaped<ImportReport>({
  applied: isBoolean,
  unused: listOf(isText),
  rows: listOf(
    shaped<ImportRow>({
      line: isCount,
      outcome: oneOf<ImportOutcome>({
        created: true,
        updated: true,
        unchanged: true,
        refused: true,
      }),
      student: isText,
      reason: isText,
      does: listOf(isText),
    }),
  ),
  created: isCount,
  updated: isCount,
  unchanged: isCount,
  refused: isCount,
});

export const isLiveView = shaped<LiveView>({
  now: isInstant,
  calls: listOf(
    shaped<LiveCall>({
      appointment: isAppointment,
      parent: isText,
      present: listOf(isPresent),
      cap: isCount,
    }),
  ),
  over: isCount,
  upcoming: isCount,
});

export const isOfficeBookings = shaped<OfficeBookings>({
  bookings: listOf(
    shaped<OfficeBooking>({ appointment: isAppointment, parent: isText, contact: isText }),
  ),
});

const isEveningPerson = shaped<EveningPerson>({
  id: isText,
  name: isText,
  email: isText,
  appointments: isCount,
  mail: optional(isInvitationState),
});

export const isEveningPeople = shaped<EveningPeople>({
  teachers: listOf(isEveningPerson),
  parents: listOf(isEveningPerson),
});

export const isLinkShown = shaped<LinkShown>({ url: isWebAddress });

export const isOfficeInvitation = shaped<OfficeInvitation>({
  id: isText,
  parent: isText,
  name: isText,
  email: isText,
  students: listOf(isText),
  state: isInvitationState,
  sent: isInstant,
  consented: isInstant,
  wording: isText,
  bounce: isText,
});

export const isOfficeInvitations = shaped<OfficeInvitations>({
  invitations: listOf(isOfficeInvitation),
  stopped: listOf(isText),
});

export const isAttention = shaped<Attention>({
  to_decide: isCount,
  mail_waiting: isCount,
  mail_reason: isText,
});

export const isNotices = shaped<Notices>({
  notices: listOf(shaped<PartNotice>({ part: isText, text: isText })),
});

export const isApprovals = shaped<Approvals>({
  approvals: listOf(
    shaped<Approval>({
      id: isText,
      parent: isText,
      evening: isText,
      name: isText,
      email: isText,
      students: listOf(isText),
      asked: isInstant,
      contact: isText,
      is_certain: isBoolean,
    }),
  ),
  records: listOf(
    shaped<HeldRecord>({ contact: isText, name: isText, student: isText, may_be: isMayBe }),
  ),
});

const areNames: Check<Audit["names"]> = (value): value is Audit["names"] =>
  isFields(value) && Object.values(value).every(isText);

export const isAudit = shaped<Audit>({
  rows: listOf(
    shaped<AuditRow>({
      number: isText,
      at: isInstant,
      who: isText,
      what: isText,
      about: isText,
      detail: isText,
    }),
  ),
  names: areNames,
  next: optional(isText),
});
