// What the office asks, signed in by a cookie that no script can read.

import type {
  AccentDraft,
  AreaDraft,
  AskedDecision,
  BookingDoor,
  ClassDraft,
  ContactDraft,
  DetailDecision,
  EndVisit,
  EveningDraft,
  EveningManagers,
  MemberDraft,
  MessageCaller,
  OpenidAnswer,
  OpenidReturn,
  OpenidStart,
  OrderDismissal,
  OtherRecord,
  OwnPassword,
  PassCaller,
  PasskeyDraft,
  ProviderSays,
  RoomDraft,
  SchoolSettings,
  SecondFactorDraft,
  SetupRequest,
  ShownSecondFactor,
  SignIn,
  Staff,
  StaffChangesRequest,
  StaffRole,
  StudentDraft,
  StudentInvite,
  StudentSearch,
  SystemDraft,
  SystemRunRequest,
  TeacherDraft,
  UnenteredOrder,
  VisitSearch,
} from "../wire/messages";
import {
  readAccentAnswer,
  readAlikeRecords,
  readApprovals,
  readAttention,
  readAudit,
  readClass,
  readClasses,
  readContactPerson,
  readDecided,
  readEvening,
  readEveningManagers,
  readEveningPeople,
  readEvenings,
  readImportFolder,
  readImportReport,
  readInformationSystem,
  readJoinReport,
  readLinkShown,
  readLiveView,
  readMembers,
  readNewPasskey,
  readNewSecondFactor,
  readNotices,
  readOfficeArea,
  readOfficeAreas,
  readOfficeBookings,
  readOfficeInvitation,
  readOfficeInvitations,
  readOfficeRoom,
  readOfficeRooms,
  readOpenidAnswer,
  readOpenidOffer,
  readOpenidStarted,
  readOpenRegistrations,
  readOrderTaken,
  readPasskeyAsked,
  readPupils,
  readQueued,
  readRecoveryCodes,
  readRegistrationLetters,
  readRegistrationProgress,
  readRegistrationsSent,
  readReplaced,
  readSchoolFace,
  readSchoolSettings,
  readSecondFactor,
  readSetupOffer,
  readStaff,
  readStaffHome,
  readStoppedCalls,
  readStudent,
  readStudentLists,
  readStudents,
  readTeacher,
  readTeachers,
  readVisits,
} from "../wire/office-readers";
import { anything, type Read } from "../wire/read";
import {
  readBookingView,
  readChanges,
  readParentView,
  readSchoolView,
  readSlotsView,
} from "../wire/readers";
import { type Answer, ask, type Question } from "./ask";
import { CHANGES_TIMEOUT_MS } from "./links";
import type { FamilyApi } from "./parent";

/** Where the audit log can be had as a file. */
export const AUDIT_CSV = "/api/v1/audit.csv";

/** Of whom the records hold anything, as paths call them. */
export type Filed = "contacts" | "students" | "teachers" | "members" | "invitations" | "visits";

/** Where all that the records hold of somebody can be had as a file. */
export const dataOf = (of: Filed, id: string) => `/api/v1/${of}/${at(id)}/data`;

/** A large file takes a while to be read. */
const IMPORT_TIMEOUT_MS = 120_000;

type Told = {
  /** Somebody has signed in. */
  readonly signedIn: (staff: Staff) => void;
  /** Nobody is signed in any more, as the person wished. */
  readonly signedOut: () => void;
  /** Their session is over while they work; whether they have signed in again. */
  readonly lapsed: () => Promise<boolean>;
};

export class OfficeApi {
  #csrf = "";
  readonly #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  school = () => this.#get(readSchoolView, "school");

  checkSetup = (secret: string) =>
    this.#ask(readSetupOffer, { method: "POST", path: "setup/check", body: { secret } });

  setUp = (request: SetupRequest) => this.#signIn("setup", request);

  signIn = (request: SignIn) => this.#signIn("session", request);
  /** What a passkey is to sign, in the place of a code. */
  askPasskey = (request: SignIn) => this.#post(readPasskeyAsked, "session/passkey", request);

  /** By what provider the staff sign in. */
  openid = () => this.#get(readOpenidOffer, "openid");
  beginOpenid = (start: OpenidStart) => this.#post(readOpenidStarted, "openid/start", start);
  endOpenid = async (back: OpenidReturn): Promise<Answer<OpenidAnswer>> => {
    const answer = await this.#post(readOpenidAnswer, "openid/session", back);
    if (answer.type === "given" && answer.body.staff !== undefined) {
      this.#take({ type: "given", body: answer.body.staff });
    }
    return answer;
  };

  lostPassword = (email: string) => this.#post(anything, "lost-password", { email });

  /** Who is signed in already. */
  session = async (): Promise<Answer<Staff>> => this.#take(await this.#get(readStaff, "session"));

  signOut = async () => {
    const answer = await this.#ask(anything, { method: "DELETE", path: "session" });
    this.#told.signedOut();
    return answer;
  };

  settings = () => this.#get(readSchoolSettings, "school/settings");
  face = () => this.#get(readSchoolFace, "school/face");
  saveAccent = (draft: AccentDraft) =>
    this.#ask(readAccentAnswer, { method: "PUT", path: "school/accent", body: draft });
  saveLogo = (file: Blob) =>
    this.#ask(readSchoolFace, {
      method: "PUT",
      path: "school/logo",
      file: { type: file.type, bytes: file },
      timeoutMs: IMPORT_TIMEOUT_MS,
    });
  removeLogo = () => this.#delete("school/logo");
  saveSettings = (settings: SchoolSettings) =>
    this.#ask(readSchoolSettings, { method: "PUT", path: "school/settings", body: settings });

  evenings = () => this.#get(readEvenings, "evenings");
  evening = (id: string) => this.#get(readEvening, `evenings/${at(id)}`);
  saveEvening = (id: string | null, draft: EveningDraft) =>
    this.#save(readEvening, "evenings", id, draft);
  /** Opens or closes booking, and tells parents where that is wished; once for an attempt. */
  setBooking = (id: string, door: BookingDoor) =>
    this.#ask(readEvening, { method: "PUT", path: `evenings/${at(id)}/booking`, body: door });
  /** Everybody who knows of it is told, with these words of the school's. */
  cancelEvening = (id: string, words: string) =>
    this.#post(readEvening, `evenings/${at(id)}/cancel`, { words });
  /** Somebody else takes a teacher's appointments of one evening; nobody, where none is named; themselves again. */
  replaceTeacher = (id: string, teacher: string, instead: string) =>
    this.#post(
      readReplaced,
      `evenings/${at(id)}/teachers/${at(teacher)}/replace`,
      instead === "" ? {} : { instead },
    );
  sendConfirmations = (id: string) => this.#post(readQueued, `evenings/${at(id)}/confirmations`);
  sendToUnbooked = (id: string) =>
    this.#post(readQueued, `evenings/${at(id)}/confirmations?unbooked=true`);
  sendTeacherLinks = (id: string) => this.#post(readQueued, `evenings/${at(id)}/teacher-links`);
  people = (id: string) => this.#get(readEveningPeople, `evenings/${at(id)}/links`);
  showLink = (id: string, whose: "teachers" | "parents", person: string) =>
    this.#post(readLinkShown, `evenings/${at(id)}/${whose}/${at(person)}/link`);
  bookings = (id: string) => this.#get(readOfficeBookings, `evenings/${at(id)}/bookings`);
  sendLink = (id: string, whose: "teachers" | "parents", person: string) =>
    this.#post(readQueued, `evenings/${at(id)}/${whose}/${at(person)}/resend`);
  /** What a parent sees of an evening, for the office to book by. */
  family = (id: string, contact: string) => this.#get(readParentView, family(id, contact));
  bookingFor = (id: string, contact: string): FamilyApi => {
    const path = family(id, contact);
    const booking = (one: string) => `${path}/bookings/${at(one)}`;
    return {
      slots: () => this.#get(readSlotsView, `${path}/slots`),
      book: (request) => this.#post(readBookingView, `${path}/bookings`, request),
      move: (one, starts) => this.#post(readBookingView, `${booking(one)}/move`, { starts }),
      cancel: (one) => this.#delete(booking(one)),
    };
  };
  live = (id: string) => this.#get(readLiveView, `evenings/${at(id)}/live`);
  invitations = (id: string) => this.#get(readOfficeInvitations, `evenings/${at(id)}/invitations`);

  resendInvitation = (id: string) =>
    this.#post(readOfficeInvitation, `invitations/${at(id)}/resend`);
  changeInvitationAddress = (id: string, email: string) =>
    this.#post(readOfficeInvitation, `invitations/${at(id)}/address`, { email });
  removeInvitation = (id: string) => this.#delete(`invitations/${at(id)}`);

  eraseGuest = (id: string) => this.#post(anything, `invitations/${at(id)}/erase`);

  attention = () => this.#get(readAttention, "attention");
  notices = () => this.#get(readNotices, "notices");
  stopped = () => this.#get(readStoppedCalls, "stopped");
  keepStop = (id: string) => this.#post(anything, `stopped/${at(id)}/keep`);
  letBack = (id: string) => this.#post(anything, `stopped/${at(id)}/let-back`);

  approvals = () => this.#get(readApprovals, "approvals");
  dismissOrder = (order: UnenteredOrder, dismiss: boolean) =>
    this.#post(anything, "orders/dismiss", { order, dismiss } satisfies OrderDismissal);
  approve = (id: string) => this.#post(readDecided, `approvals/${at(id)}`, { approve: true });
  refuse = (id: string, reason: string) =>
    this.#post(anything, `approvals/${at(id)}`, { approve: false, reason });

  decideAsked = (booking: string, decision: AskedDecision) =>
    this.#post(anything, `asked/${at(booking)}`, decision);

  teachers = () => this.#get(readTeachers, "teachers");
  saveTeacher = (id: string | null, draft: TeacherDraft) =>
    this.#save(readTeacher, "teachers", id, draft);
  placeTeacher = (id: string, place: number) =>
    this.#ask(readTeachers, { method: "PUT", path: `teachers/${at(id)}/place`, body: { place } });
  deleteTeacher = (id: string) => this.#delete(`teachers/${at(id)}`);

  teacherBack = (id: string) => this.#post(readTeachers, `teachers/${at(id)}/back`);
  eraseTeacher = (id: string) => this.#post(anything, `teachers/${at(id)}/erase`);

  classes = () => this.#get(readClasses, "classes");
  saveClass = (id: string | null, draft: ClassDraft) => this.#save(readClass, "classes", id, draft);
  deleteClass = (id: string) => this.#delete(`classes/${at(id)}`);

  /** Asked with a body: a name that is looked for stands in no address. */
  studentLists = () => this.#get(readStudentLists, "student-lists");
  students = (
    search: string,
    after: string | null,
    among: Pick<StudentSearch, "homeroom" | "class" | "year"> = {},
  ) =>
    this.#post(readStudents, "students/search", {
      search,
      ...among,
      ...(after === null ? {} : { after }),
    });
  inviteParent = (id: string, body: StudentInvite) =>
    this.#post(readStudent, `students/${at(id)}/invite`, body);
  student = (id: string) => this.#get(readStudent, `students/${at(id)}`);
  saveStudent = (id: string | null, draft: StudentDraft) =>
    this.#save(readStudent, "students", id, draft);
  studentBack = (id: string) => this.#post(readStudent, `students/${at(id)}/back`);
  eraseStudent = (id: string) => this.#post(anything, `students/${at(id)}/erase`);

  contact = (id: string) => this.#get(readContactPerson, `contacts/${at(id)}`);
  saveContact = (id: string | null, draft: ContactDraft) =>
    this.#save(readContactPerson, "contacts", id, draft);
  setCourtOrder = (id: string, active: boolean) =>
    this.#ask(readOrderTaken, {
      method: "PUT",
      path: `contacts/${at(id)}/court-order`,
      body: { active },
    });
  tellApart = (id: string, from: string) =>
    this.#post(readContactPerson, `contacts/${at(id)}/tell-apart`, { from });
  decideDetail = (id: string, decision: DetailDecision) =>
    this.#post(anything, `contacts/${at(id)}/decide`, decision);
  alike = () => this.#get(readAlikeRecords, "alike");
  previewJoin = (id: string, other: string) =>
    this.#post(readJoinReport, `contacts/${at(id)}/join/preview`, { other } satisfies OtherRecord);
  joinRecords = (id: string, other: string) =>
    this.#post(readJoinReport, `contacts/${at(id)}/join`, { other } satisfies OtherRecord);
  partRecords = (id: string, other: string) =>
    this.#post(anything, `contacts/${at(id)}/part`, { other } satisfies OtherRecord);
  tellRecordsApart = (id: string, other: string) =>
    this.#post(anything, `contacts/${at(id)}/other-person`, { other } satisfies OtherRecord);
  contactBack = (id: string) => this.#post(readContactPerson, `contacts/${at(id)}/back`);
  visits = (search: string) =>
    this.#post(readVisits, "visits/search", { search } satisfies VisitSearch);
  eraseVisit = (id: string) => this.#post(anything, `visits/${at(id)}/erase`);
  eraseContact = (id: string) => this.#post(anything, `contacts/${at(id)}/erase`);

  /** The columns as they were chosen, where they were. */
  importStudents = (file: Blob, how: ImportHow) =>
    this.#ask(readImportReport, {
      method: "POST",
      path: `import/students?${importQuery(how)}`,
      file: { type: file.type.includes("zip") ? "application/zip" : "text/csv", bytes: file },
      timeoutMs: IMPORT_TIMEOUT_MS,
    });

  /** The information system that people are taken from. */
  system = () => this.#get(readInformationSystem, "system");
  connectSystem = (draft: SystemDraft) =>
    this.#ask(readInformationSystem, { method: "PUT", path: "system", body: draft });
  disconnectSystem = () => this.#delete("system");
  importFolder = () => this.#get(readImportFolder, "system/folder");
  runFolder = (asked: SystemRunRequest) => this.#post(readImportFolder, "system/folder/run", asked);
  folderReport = () => this.#get(readImportReport, "system/folder/report");
  runSystem = (asked: SystemRunRequest) => this.#post(readInformationSystem, "system/run", asked);
  systemReport = () => this.#get(readImportReport, "system/report");

  /** Students with their contacts, and how these stand. */
  pupils = (search: string, after: string | null) =>
    this.#post(readPupils, "registrations/search", {
      search,
      ...(after === null ? {} : { after }),
    });
  openRegistrations = () => this.#get(readOpenRegistrations, "registrations/open");
  /** By text message, whatever address they have, or by what reaches each best. */
  sendRegistrations = (contacts: string[], byText: boolean) =>
    this.#post(readRegistrationsSent, "registrations", {
      contacts,
      ...(byText ? { by_text: true } : {}),
    });
  /** Printing is the sending: the codes in them are shown this once. */
  printRegistrations = (contacts: string[]) =>
    this.#post(readRegistrationLetters, "registrations/letters", { contacts });
  registrationProgress = () => this.#get(readRegistrationProgress, "registrations/progress");

  members = () => this.#get(readMembers, "members");
  setRole = (id: string, role: StaffRole) =>
    this.#ask(anything, { method: "PUT", path: `members/${at(id)}/role`, body: { role } });
  managers = (evening: string) =>
    this.#get(readEveningManagers, `evenings/${at(evening)}/managers`);
  setManagers = (evening: string, managers: EveningManagers) =>
    this.#ask(readEveningManagers, {
      method: "PUT",
      path: `evenings/${at(evening)}/managers`,
      body: managers,
    });
  /** The next account of the provider's that shows their address is theirs. */
  unlinkMember = (id: string) => this.#delete(`members/${at(id)}/identity`);
  removeMember = (id: string) => this.#delete(`members/${at(id)}`);
  eraseMember = (id: string) => this.#post(anything, `members/${at(id)}/erase`);
  /** The link by which they choose another password. */
  takeSecondFactor = (id: string, own: OwnPassword) =>
    this.#post(readLinkShown, `members/${at(id)}/second-factor/remove`, own);
  /** The link by which they choose a password. */
  addMember = (draft: MemberDraft) => this.#post(readLinkShown, "members", draft);
  rooms = () => this.#get(readOfficeRooms, "rooms");
  saveRoom = (id: string | null, draft: RoomDraft) =>
    this.#save(readOfficeRoom, "rooms", id, draft);
  renewRoomLink = (id: string) => this.#post(readOfficeRoom, `rooms/${at(id)}/link`);
  closeRoom = (id: string) => this.#post(readOfficeRoom, `rooms/${at(id)}/close`);
  reopenRoom = (id: string) => this.#post(readOfficeRoom, `rooms/${at(id)}/reopen`);
  areas = () => this.#get(readOfficeAreas, "areas");
  saveArea = (id: string | null, draft: AreaDraft) =>
    this.#save(readOfficeArea, "areas", id, draft);
  renewAreaLink = (id: string) => this.#post(readOfficeArea, `areas/${at(id)}/link`);

  /** The start page of who is signed in. */
  staffHome = () => this.#get(readStaffHome, "staff");
  /** Codes of an authenticator app beside the password (OPS-7). */
  secondFactor = () => this.#get(readSecondFactor, "staff/second-factor");
  newSecondFactor = () => this.#post(readNewSecondFactor, "staff/second-factor/new");
  addSecondFactor = (draft: SecondFactorDraft) =>
    this.#withCode(readRecoveryCodes, "PUT", "staff/second-factor", draft);
  wishPasskey = (own: OwnPassword) =>
    this.#post(readNewPasskey, "staff/second-factor/passkeys/new", own);
  addPasskey = (draft: PasskeyDraft) =>
    this.#withCode(readRecoveryCodes, "POST", "staff/second-factor/passkeys", draft);
  /** What one is to sign in the place of a code, here. */
  askOwnPasskey = () => this.#post(readPasskeyAsked, "staff/second-factor/passkeys/ask");
  removePasskey = (id: string, shown: ShownSecondFactor) =>
    this.#withCode(anything, "POST", `staff/second-factor/passkeys/${at(id)}/remove`, shown);
  renewRecoveryCodes = (shown: ShownSecondFactor) =>
    this.#withCode(readRecoveryCodes, "POST", "staff/second-factor/codes", shown);
  removeSecondFactor = (shown: ShownSecondFactor) =>
    this.#withCode(anything, "POST", "staff/second-factor/remove", shown);
  /** One sign-in for the staff and for a parent's account; this browser holds both sessions. */
  makeHat = () => this.#post(anything, "staff/hat");
  unmakeHat = () => this.#delete("staff/hat");
  enterRoom = (id: string) => this.#post(readLinkShown, `staff/rooms/${at(id)}/enter`);
  /** Takes a caller into a new call: the link by which one joins it. */
  takeCaller = (area: string, caller: string) =>
    this.#post(readLinkShown, `${callerOf(area, caller)}/take`);
  /** Takes a caller into the call in which one is. */
  addCaller = (area: string, caller: string) =>
    this.#post(anything, `${callerOf(area, caller)}/add`);
  /** Lets a caller who was taken wait again. */
  putCallerBack = (area: string, caller: string) =>
    this.#post(anything, `${callerOf(area, caller)}/back`);
  messageCaller = (area: string, caller: string, asked: MessageCaller) =>
    this.#post(anything, `${callerOf(area, caller)}/message`, asked);
  passCaller = (area: string, caller: string, asked: PassCaller) =>
    this.#post(anything, `${callerOf(area, caller)}/pass`, asked);
  endVisit = (area: string, caller: string, asked: EndVisit) =>
    this.#post(anything, `${callerOf(area, caller)}/end`, asked);
  /** Erases what a caller left to say who went. */
  setWordsAside = (area: string, caller: string) =>
    this.#post(anything, `${callerOf(area, caller)}/aside`);
  /** Says how it stands with who is signed in, for those who wait. */
  sayInArea = (area: string, asked: ProviderSays) =>
    this.#post(anything, `staff/areas/${at(area)}/state`, asked);
  messageWaiting = (area: string, asked: MessageCaller) =>
    this.#post(anything, `staff/areas/${at(area)}/message`, asked);
  endWaiting = (area: string, asked: EndVisit) =>
    this.#post(anything, `staff/areas/${at(area)}/end`, asked);
  /** Waits, at the server, until something that the start page shows has changed. */
  staffChanges = (seen: string, until: AbortSignal) =>
    this.#ask(readChanges, {
      method: "POST",
      path: "staff/changes",
      body: { seen } satisfies StaffChangesRequest,
      timeoutMs: CHANGES_TIMEOUT_MS,
      until,
    });

  audit = (before: string | null) =>
    this.#get(readAudit, before === null ? "audit" : `audit?${new URLSearchParams({ before })}`);

  #get<T>(reader: Read<T>, path: string): Promise<Answer<T>> {
    return this.#ask(reader, { method: "GET", path });
  }

  #post<T>(reader: Read<T>, path: string, body?: object): Promise<Answer<T>> {
    return this.#ask(reader, { method: "POST", path, body });
  }

  #delete(path: string): Promise<Answer<unknown>> {
    return this.#ask(anything, { method: "DELETE", path });
  }

  #save<T>(reader: Read<T>, path: string, id: string | null, body: object): Promise<Answer<T>> {
    return id === null
      ? this.#ask(reader, { method: "POST", path, body })
      : this.#ask(reader, { method: "PUT", path: `${path}/${at(id)}`, body });
  }

  async #signIn(path: string, body: object): Promise<Answer<Staff>> {
    return this.#take(await this.#ask(readStaff, { method: "POST", path, body }));
  }

  #take(answer: Answer<Staff>): Answer<Staff> {
    if (answer.type === "given") {
      this.#csrf = answer.body.csrf;
      this.#told.signedIn(answer.body);
    }
    return answer;
  }

  /** A code is good once: where somebody has to sign in again first, they are asked for another. */
  async #withCode<T>(
    reader: Read<T>,
    method: "POST" | "PUT",
    path: string,
    body: object,
  ): Promise<Answer<T>> {
    const answer = await this.#askOnce(reader, { method, path, body });
    if (answer.type !== "refused" || answer.problem.code !== "not_signed_in") {
      return answer;
    }
    return (await this.#told.lapsed())
      ? { type: "refused", problem: { code: "code_needed", title: "", status: 401 } }
      : answer;
  }

  async #ask<T>(
    reader: Read<T>,
    question: Omit<Question, "credentials" | "headers">,
  ): Promise<Answer<T>> {
    const answer = await this.#askOnce(reader, question);
    if (answer.type !== "refused") {
      return answer;
    }
    switch (answer.problem.code) {
      case "not_signed_in":
        // What was asked for is asked again afterwards: nothing that was typed is lost.
        return (await this.#told.lapsed()) ? this.#askOnce(reader, question) : answer;
      case "bad_csrf":
        // Somebody signed in anew in another tab: this one learns the new proof.
        return (await this.session()).type === "given" ? this.#askOnce(reader, question) : answer;
      default:
        return answer;
    }
  }

  #askOnce<T>(
    reader: Read<T>,
    question: Omit<Question, "credentials" | "headers">,
  ): Promise<Answer<T>> {
    const asked: Question = {
      ...question,
      path: `/api/v1/${question.path}`,
      credentials: "same-origin",
      headers: question.method === "GET" ? {} : { "x-homeroom-csrf": this.#csrf },
    };
    return ask(asked, reader);
  }
}

/** What each column of a file means, by its code; `""` where it is left out. */
export type ChosenColumns = {
  readonly columns: readonly string[];
  readonly hasHeadings: boolean;
};

/** How a file is imported: only tried, or done; and what the office says of it. */
export type ImportHow = {
  readonly apply: boolean;
  readonly chosen: ChosenColumns | null;
  /** Whether the list names everybody. */
  readonly whole: boolean;
  /** Whether it is done however many leave. */
  readonly allTheSame: boolean;
  /** Whether contacts whom it brings are invited to register. */
  readonly invite: boolean;
};

function importQuery({ apply, chosen, whole, allTheSame, invite }: ImportHow): URLSearchParams {
  return new URLSearchParams({
    apply: String(apply),
    whole: String(whole),
    all_the_same: String(allTheSame),
    invite: String(invite),
    ...(chosen === null
      ? {}
      : { columns: chosen.columns.join(","), headings: String(chosen.hasHeadings) }),
  });
}

function family(evening: string, contact: string): string {
  return `evenings/${at(evening)}/parents/${at(contact)}`;
}

function callerOf(area: string, caller: string): string {
  return `staff/areas/${at(area)}/callers/${at(caller)}`;
}

function at(id: string): string {
  return encodeURIComponent(id);
}
