/** People whose addresses a server knows: staff and parents who sign in, and parents whom a letter invites. */

import type { Answer, Api } from "../harness/api.ts";
import type { Mailbox } from "../harness/mailbox.ts";

export type KnownParent = { readonly email: string; readonly api: Api };
export type KnownPeople = {
  /** The addresses they sign in with. */
  readonly staff: readonly string[];
  readonly parents: readonly KnownParent[];
  /** The secrets of others' letters. */
  readonly letters: readonly string[];
};

export const PASSWORD = "a quiet river under trees";
/** As many as one press invites. */
const MOST = 500;

/** So many of the staff, and so many parents with an account and with a letter. */
export async function knownPeople(
  api: Api,
  mail: Mailbox,
  { staff, parents }: { readonly staff: number; readonly parents: number },
): Promise<KnownPeople> {
  return {
    staff: await each(staff, (number) => member(api, `staff${number}@x.example`)),
    parents: await registered(api, mail, parents),
    letters: await invited(api, parents),
  };
}

async function member(api: Api, email: string): Promise<string> {
  const { body } = await api.done("POST", "/members", { name: "Staff", email, role: "member" });
  const { url } = JSON.parse(body) as { url: string };
  const account = { secret: secretOf(url), school: "", name: "Staff", email, password: PASSWORD };
  await api.as({}).done("POST", "/setup", account);
  return email;
}

async function registered(api: Api, mail: Mailbox, count: number): Promise<KnownParent[]> {
  const emails = Array.from({ length: count }, (_, number) => `parent${number}@x.example`);
  const contacts = await each(count, (number) => family(api, number, emails[number]));
  for (const some of presses(contacts)) {
    await api.done("POST", "/registrations", { contacts: some });
  }
  return each(count, async (number) => {
    const email = emails[number] as string;
    const { text } = await mail.untilFor(email);
    const [url] = /http\S+\/register#[\w-]+/.exec(text ?? "") ?? [];
    const secret = secretOf(url ?? "");
    const answer = await api.as({}).done("POST", "/register", { secret, password: PASSWORD });
    return { email, api: api.as(sessionOf(answer)) };
  });
}

async function invited(api: Api, count: number): Promise<string[]> {
  const contacts = await each(count, (number) => family(api, count + number));
  const letters: string[] = [];
  for (const some of presses(contacts)) {
    const { body } = await api.done("POST", "/registrations/letters", { contacts: some });
    const printed = JSON.parse(body) as { letters: { url: string }[] };
    letters.push(...printed.letters.map(({ url }) => secretOf(url)));
  }
  return letters;
}

/** A student and a parent of theirs; gives the parent's id. */
async function family(api: Api, number: number, email = ""): Promise<string> {
  const name = (first: string) => `${first} ${surname(number)}`;
  const student = await api.make("/students", { name: name("Ada"), homeroom: "", classes: [] });
  const contact = { name: name("Eve"), email, students: [student.id] };
  return (await api.make("/contacts", contact)).id;
}

/** A name of its own for each number. */
function surname(number: number): string {
  const letters = [...String(number)].map((digit) => "bdfgklmnrt"[Number(digit)]);
  return `R${letters.map((letter) => `${letter}a`).join("")}`;
}

function secretOf(url: string): string {
  return new URL(url).hash.slice(1);
}

function sessionOf({ cookie, body }: Answer): Record<string, string> {
  const { csrf } = JSON.parse(body) as { csrf: string };
  return { cookie, "x-homeroom-csrf": csrf };
}

/** One after another, as a school's own people come. */
async function each<T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let number = 0; number < count; number++) {
    made.push(await make(number));
  }
  return made;
}

function presses(contacts: readonly string[]): string[][] {
  const count = Math.ceil(contacts.length / MOST);
  return Array.from({ length: count }, (_, at) => contacts.slice(at * MOST, (at + 1) * MOST));
}
