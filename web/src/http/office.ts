// What the office asks, signed in by a cookie that no script can read.

import type {
  Approvals,
  Audit,
  Class,
  ClassDraft,
  Classes,
  ContactDraft,
  ContactPerson,
  Evening,
  EveningDraft,
  EveningPeople,
  Evenings,
  ImportReport,
  LinkShown,
  LiveView,
  OfficeBookings,
  OfficeInvitation,
  OfficeInvitations,
  OrderTaken,
  Queued,
  SchoolSettings,
  SchoolView,
  SetupRequest,
  SignIn,
  Staff,
  Student,
  StudentDraft,
  Students,
  Teacher,
  TeacherDraft,
  Teachers,
} from "../wire/messages";
import { type Answer, ask, type Question } from "./ask";

/** Where the audit log can be had as a file. */
export const AUDIT_CSV = "/api/v1/audit.csv";

/** A large file takes a while to be read. */
const IMPORT_TIMEOUT_MS = 120_000;

type Told = {
  /** Somebody has signed in. */
  readonly signedIn: (staff: Staff) => void;
  /** Nobody is signed in any more. */
  readonly signedOut: () => void;
};

export class OfficeApi {
  #csrf = "";
  readonly #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  school = () => this.#get<SchoolView>("school");

  checkSetup = (secret: string) =>
    this.#ask<unknown>({ method: "POST", path: "setup/check", body: { secret } });

  setUp = (request: SetupRequest) => this.#signIn("setup", request);

  signIn = (request: SignIn) => this.#signIn("session", request);

  /** Who is signed in already. */
  session = async (): Promise<Answer<Staff>> => this.#take(await this.#get<Staff>("session"));

  signOut = async () => {
    const answer = await this.#ask<unknown>({ method: "DELETE", path: "session" });
    this.#told.signedOut();
    return answer;
  };

  settings = () => this.#get<SchoolSettings>("school/settings");
  saveSettings = (settings: SchoolSettings) =>
    this.#ask<SchoolSettings>({ method: "PUT", path: "school/settings", body: settings });

  evenings = () => this.#get<Evenings>("evenings");
  evening = (id: string) => this.#get<Evening>(`evenings/${at(id)}`);
  saveEvening = (id: string | null, draft: EveningDraft) =>
    this.#save<Evening>("evenings", id, draft);
  setBooking = (id: string, open: boolean) =>
    this.#ask<Evening>({ method: "PUT", path: `evenings/${at(id)}/booking`, body: { open } });
  sendConfirmations = (id: string) => this.#post<Queued>(`evenings/${at(id)}/confirmations`);
  sendTeacherLinks = (id: string) => this.#post<Queued>(`evenings/${at(id)}/teacher-links`);
  people = (id: string) => this.#get<EveningPeople>(`evenings/${at(id)}/links`);
  showLink = (id: string, whose: "teachers" | "parents", person: string) =>
    this.#post<LinkShown>(`evenings/${at(id)}/${whose}/${at(person)}/link`);
  bookings = (id: string) => this.#get<OfficeBookings>(`evenings/${at(id)}/bookings`);
  live = (id: string) => this.#get<LiveView>(`evenings/${at(id)}/live`);
  invitations = (id: string) => this.#get<OfficeInvitations>(`evenings/${at(id)}/invitations`);

  resendInvitation = (id: string) => this.#post<OfficeInvitation>(`invitations/${at(id)}/resend`);
  removeInvitation = (id: string) => this.#delete(`invitations/${at(id)}`);

  approvals = () => this.#get<Approvals>("approvals");
  decide = (id: string, approve: boolean) =>
    this.#post<unknown>(`approvals/${at(id)}`, { approve });

  teachers = () => this.#get<Teachers>("teachers");
  saveTeacher = (id: string | null, draft: TeacherDraft) =>
    this.#save<Teacher>("teachers", id, draft);
  deleteTeacher = (id: string) => this.#delete(`teachers/${at(id)}`);

  classes = () => this.#get<Classes>("classes");
  saveClass = (id: string | null, draft: ClassDraft) => this.#save<Class>("classes", id, draft);
  deleteClass = (id: string) => this.#delete(`classes/${at(id)}`);

  students = (search: string, after: string | null) => {
    const query = new URLSearchParams({ search, ...(after === null ? {} : { after }) });
    return this.#get<Students>(`students?${query}`);
  };
  student = (id: string) => this.#get<Student>(`students/${at(id)}`);
  saveStudent = (id: string | null, draft: StudentDraft) =>
    this.#save<Student>("students", id, draft);
  eraseStudent = (id: string) => this.#post<unknown>(`students/${at(id)}/erase`);

  contact = (id: string) => this.#get<ContactPerson>(`contacts/${at(id)}`);
  saveContact = (id: string | null, draft: ContactDraft) =>
    this.#save<ContactPerson>("contacts", id, draft);
  setCourtOrder = (id: string, active: boolean) =>
    this.#ask<OrderTaken>({
      method: "PUT",
      path: `contacts/${at(id)}/court-order`,
      body: { active },
    });
  eraseContact = (id: string) => this.#post<unknown>(`contacts/${at(id)}/erase`);

  importStudents = (file: Blob, apply: boolean) =>
    this.#ask<ImportReport>({
      method: "POST",
      path: `import/students?apply=${apply}`,
      file: { type: "text/csv", bytes: file },
      timeoutMs: IMPORT_TIMEOUT_MS,
    });

  audit = (before: string | null) =>
    this.#get<Audit>(before === null ? "audit" : `audit?${new URLSearchParams({ before })}`);

  #get<T>(path: string): Promise<Answer<T>> {
    return this.#ask({ method: "GET", path });
  }

  #post<T>(path: string, body?: object): Promise<Answer<T>> {
    return this.#ask({ method: "POST", path, body });
  }

  #delete(path: string): Promise<Answer<unknown>> {
    return this.#ask({ method: "DELETE", path });
  }

  #save<T>(path: string, id: string | null, body: object): Promise<Answer<T>> {
    return id === null
      ? this.#ask({ method: "POST", path, body })
      : this.#ask({ method: "PUT", path: `${path}/${at(id)}`, body });
  }

  async #signIn(path: string, body: object): Promise<Answer<Staff>> {
    return this.#take(await this.#ask<Staff>({ method: "POST", path, body }));
  }

  #take(answer: Answer<Staff>): Answer<Staff> {
    if (answer.type === "given") {
      this.#csrf = answer.body.csrf;
      this.#told.signedIn(answer.body);
    }
    return answer;
  }

  async #ask<T>(question: Omit<Question, "credentials" | "headers">): Promise<Answer<T>> {
    const answer = await ask<T>({
      ...question,
      path: `/api/v1/${question.path}`,
      credentials: "same-origin",
      headers: question.method === "GET" ? {} : { "x-homeroom-csrf": this.#csrf },
    });
    if (answer.type === "refused" && answer.problem.code === "not_signed_in") {
      this.#told.signedOut();
    }
    return answer;
  }
}

function at(id: string): string {
  return encodeURIComponent(id);
}
