// What the office asks, signed in by a cookie that no script can read.

import { isBookingView, isParentView, isSchoolView, isSlotsView } from "../wire/answers";
import { type Check, isAnything } from "../wire/check";
import type {
  ClassDraft,
  ContactDraft,
  EveningDraft,
  SchoolSettings,
  SetupRequest,
  SignIn,
  Staff,
  StudentDraft,
  TeacherDraft,
} from "../wire/messages";
import {
  isApprovals,
  isAttention,
  isAudit,
  isClass,
  isClasses,
  isContactPerson,
  isEvening,
  isEveningPeople,
  isEvenings,
  isImportReport,
  isLinkShown,
  isLiveView,
  isNotices,
  isOfficeBookings,
  isOfficeInvitation,
  isOfficeInvitations,
  isOrderTaken,
  isQueued,
  isSchoolSettings,
  isSetupOffer,
  isStaff,
  isStudent,
  isStudents,
  isTeacher,
  isTeachers,
} from "../wire/office-answers";
import { type Answer, ask, type Question } from "./ask";
import type { FamilyApi } from "./parent";

/** Where the audit log can be had as a file. */
export const AUDIT_CSV = "/api/v1/audit.csv";

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

  school = () => this.#get(isSchoolView, "school");

  checkSetup = (secret: string) =>
    this.#ask(isSetupOffer, { method: "POST", path: "setup/check", body: { secret } });

  setUp = (request: SetupRequest) => this.#signIn("setup", request);

  signIn = (request: SignIn) => this.#signIn("session", request);

  /** Who is signed in already. */
  session = async (): Promise<Answer<Staff>> => this.#take(await this.#get(isStaff, "session"));

  signOut = async () => {
    const answer = await this.#ask(isAnything, { method: "DELETE", path: "session" });
    this.#told.signedOut();
    return answer;
  };

  settings = () => this.#get(isSchoolSettings, "school/settings");
  saveSettings = (settings: SchoolSettings) =>
    this.#ask(isSchoolSettings, { method: "PUT", path: "school/settings", body: settings });

  evenings = () => this.#get(isEvenings, "evenings");
  evening = (id: string) => this.#get(isEvening, `evenings/${at(id)}`);
  saveEvening = (id: string | null, draft: EveningDraft) =>
    this.#save(isEvening, "evenings", id, draft);
  setBooking = (id: string, open: boolean, closes?: string) =>
    this.#ask(isEvening, {
      method: "PUT",
      path: `evenings/${at(id)}/booking`,
      body: closes === undefined ? { open } : { open, closes },
    });
  sendConfirmations = (id: string) => this.#post(isQueued, `evenings/${at(id)}/confirmations`);
  sendToUnbooked = (id: string) =>
    this.#post(isQueued, `evenings/${at(id)}/confirmations?unbooked=true`);
  sendTeacherLinks = (id: string) => this.#post(isQueued, `evenings/${at(id)}/teacher-links`);
  people = (id: string) => this.#get(isEveningPeople, `evenings/${at(id)}/links`);
  showLink = (id: string, whose: "teachers" | "parents", person: string) =>
    this.#post(isLinkShown, `evenings/${at(id)}/${whose}/${at(person)}/link`);
  bookings = (id: string) => this.#get(isOfficeBookings, `evenings/${at(id)}/bookings`);
  sendLink = (id: string, whose: "teachers" | "parents", person: string) =>
    this.#post(isQueued, `evenings/${at(id)}/${whose}/${at(person)}/resend`);
  /** What a parent sees of an evening, for the office to book by. */
  family = (id: string, contact: string) => this.#get(isParentView, family(id, contact));
  bookingFor = (id: string, contact: string): FamilyApi => {
    const path = family(id, contact);
    const booking = (one: string) => `${path}/bookings/${at(one)}`;
    return {
      slots: () => this.#get(isSlotsView, `${path}/slots`),
      book: (request) => this.#post(isBookingView, `${path}/bookings`, request),
      move: (one, starts) => this.#post(isBookingView, `${booking(one)}/move`, { starts }),
      cancel: (one) => this.#delete(booking(one)),
    };
  };
  live = (id: string) => this.#get(isLiveView, `evenings/${at(id)}/live`);
  invitations = (id: string) => this.#get(isOfficeInvitations, `evenings/${at(id)}/invitations`);

  resendInvitation = (id: string) => this.#post(isOfficeInvitation, `invitations/${at(id)}/resend`);
  changeInvitationAddress = (id: string, email: string) =>
    this.#post(isOfficeInvitation, `invitations/${at(id)}/address`, { email });
  removeInvitation = (id: string) => this.#delete(`invitations/${at(id)}`);

  eraseGuest = (id: string) => this.#post(isAnything, `invitations/${at(id)}/erase`);

  attention = () => this.#get(isAttention, "attention");
  notices = () => this.#get(isNotices, "notices");
  approvals = () => this.#get(isApprovals, "approvals");
  decide = (id: string, approve: boolean) =>
    this.#post(isAnything, `approvals/${at(id)}`, { approve });

  teachers = () => this.#get(isTeachers, "teachers");
  saveTeacher = (id: string | null, draft: TeacherDraft) =>
    this.#save(isTeacher, "teachers", id, draft);
  placeTeacher = (id: string, place: number) =>
    this.#ask(isTeachers, { method: "PUT", path: `teachers/${at(id)}/place`, body: { place } });
  deleteTeacher = (id: string) => this.#delete(`teachers/${at(id)}`);

  eraseTeacher = (id: string) => this.#post(isAnything, `teachers/${at(id)}/erase`);

  classes = () => this.#get(isClasses, "classes");
  saveClass = (id: string | null, draft: ClassDraft) => this.#save(isClass, "classes", id, draft);
  deleteClass = (id: string) => this.#delete(`classes/${at(id)}`);

  /** Asked with a body: a name that is looked for stands in no address. */
  students = (search: string, after: string | null) =>
    this.#post(isStudents, "students/search", {
      search,
      ...(after === null ? {} : { after }),
    });
  student = (id: string) => this.#get(isStudent, `students/${at(id)}`);
  saveStudent = (id: string | null, draft: StudentDraft) =>
    this.#save(isStudent, "students", id, draft);
  eraseStudent = (id: string) => this.#post(isAnything, `students/${at(id)}/erase`);

  contact = (id: string) => this.#get(isContactPerson, `contacts/${at(id)}`);
  saveContact = (id: string | null, draft: ContactDraft) =>
    this.#save(isContactPerson, "contacts", id, draft);
  setCourtOrder = (id: string, active: boolean) =>
    this.#ask(isOrderTaken, {
      method: "PUT",
      path: `contacts/${at(id)}/court-order`,
      body: { active },
    });
  tellApart = (id: string, from: string) =>
    this.#post(isContactPerson, `contacts/${at(id)}/tell-apart`, { from });
  eraseContact = (id: string) => this.#post(isAnything, `contacts/${at(id)}/erase`);

  importStudents = (file: Blob, apply: boolean) =>
    this.#ask(isImportReport, {
      method: "POST",
      path: `import/students?apply=${apply}`,
      file: { type: "text/csv", bytes: file },
      timeoutMs: IMPORT_TIMEOUT_MS,
    });

  audit = (before: string | null) =>
    this.#get(isAudit, before === null ? "audit" : `audit?${new URLSearchParams({ before })}`);

  #get<T>(check: Check<T>, path: string): Promise<Answer<T>> {
    return this.#ask(check, { method: "GET", path });
  }

  #post<T>(check: Check<T>, path: string, body?: object): Promise<Answer<T>> {
    return this.#ask(check, { method: "POST", path, body });
  }

  #delete(path: string): Promise<Answer<unknown>> {
    return this.#ask(isAnything, { method: "DELETE", path });
  }

  #save<T>(check: Check<T>, path: string, id: string | null, body: object): Promise<Answer<T>> {
    return id === null
      ? this.#ask(check, { method: "POST", path, body })
      : this.#ask(check, { method: "PUT", path: `${path}/${at(id)}`, body });
  }

  async #signIn(path: string, body: object): Promise<Answer<Staff>> {
    return this.#take(await this.#ask(isStaff, { method: "POST", path, body }));
  }

  #take(answer: Answer<Staff>): Answer<Staff> {
    if (answer.type === "given") {
      this.#csrf = answer.body.csrf;
      this.#told.signedIn(answer.body);
    }
    return answer;
  }

  async #ask<T>(
    check: Check<T>,
    question: Omit<Question, "credentials" | "headers">,
  ): Promise<Answer<T>> {
    const answer = await this.#askOnce(check, question);
    if (answer.type !== "refused") {
      return answer;
    }
    switch (answer.problem.code) {
      case "not_signed_in":
        // What was asked for is asked again afterwards: nothing that was typed is lost.
        return (await this.#told.lapsed()) ? this.#askOnce(check, question) : answer;
      case "bad_csrf":
        // Somebody signed in anew in another tab: this one learns the new proof.
        return (await this.session()).type === "given" ? this.#askOnce(check, question) : answer;
      default:
        return answer;
    }
  }

  #askOnce<T>(
    check: Check<T>,
    question: Omit<Question, "credentials" | "headers">,
  ): Promise<Answer<T>> {
    const asked: Question = {
      ...question,
      path: `/api/v1/${question.path}`,
      credentials: "same-origin",
      headers: question.method === "GET" ? {} : { "x-homeroom-csrf": this.#csrf },
    };
    return ask(asked, check);
  }
}

function family(evening: string, contact: string): string {
  return `evenings/${at(evening)}/parents/${at(contact)}`;
}

function at(id: string): string {
  return encodeURIComponent(id);
}
