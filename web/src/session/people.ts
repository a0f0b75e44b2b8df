// Who is in the call: what changed, in words for the live region, and whose screens are shared.

import type { Appointment, LinkView, Person } from "../wire/messages";
import type { Over } from "./state";

export type Announcement =
  | { readonly type: "you_joined"; readonly others: number }
  | { readonly type: "person_joined"; readonly name: string }
  | { readonly type: "person_left"; readonly name: string }
  | { readonly type: "person_reconnecting"; readonly name: string }
  | { readonly type: "person_back"; readonly name: string }
  | { readonly type: "screen_started"; readonly name: string }
  | { readonly type: "screen_stopped"; readonly name: string }
  | { readonly type: "own_screen"; readonly shared: boolean }
  /** The moment has come from which an appointment can be joined. */
  | { readonly type: "can_join"; readonly subject: string; readonly student: string }
  | { readonly type: "over"; readonly why: Over }
  /** Somebody of the school is in the appointment that waits for its family. */
  | { readonly type: "school_there"; readonly teachers: readonly string[] }
  /** The time is up, and the page goes on to the next appointment. */
  | { readonly type: "goes_on" }
  /** The time is up in so many seconds. */
  | { readonly type: "time_left"; readonly seconds: number }
  | { readonly type: "minute_added"; readonly name: string | null }
  | { readonly type: "time_given_back"; readonly minutes: number }
  | { readonly type: "muted"; readonly name: string }
  | { readonly type: "knocks"; readonly name: string }
  /** A member must come within so many minutes; `null`: one has come. */
  | { readonly type: "countdown"; readonly minutes: number | null }
  | { readonly type: "on_hold"; readonly name: string | null; readonly held: boolean }
  | { readonly type: "let_in_soon" }
  | { readonly type: "written"; readonly name: string; readonly text: string }
  | { readonly type: "pictures_paused" }
  | { readonly type: "pictures_back" }
  | { readonly type: "place"; readonly place: number }
  | { readonly type: "reconnecting" }
  | { readonly type: "reconnected" };

/** What changed for the others, from one list of people to the next. */
export function changes(
  before: readonly Person[],
  after: readonly Person[],
  you: number,
): Announcement[] {
  const out: Announcement[] = [];
  for (const person of before) {
    if (person.participant !== you && !find(after, person.participant)) {
      out.push({ type: "person_left", name: person.name });
    }
  }
  for (const person of after) {
    const earlier = find(before, person.participant);
    if (person.participant !== you) {
      out.push(...changesOf(earlier, person));
    } else if ((earlier?.on_hold ?? false) !== (person.on_hold ?? false)) {
      out.push({ type: "on_hold", name: null, held: person.on_hold ?? false });
    }
  }
  return out;
}

function changesOf(before: Person | undefined, after: Person): Announcement[] {
  const { name } = after;
  if (!before) {
    return [{ type: "person_joined", name }];
  }
  const out: Announcement[] = [];
  if (before.reconnecting !== after.reconnecting) {
    out.push({ type: after.reconnecting ? "person_reconnecting" : "person_back", name });
  }
  if ((before.on_hold ?? false) !== (after.on_hold ?? false)) {
    out.push({ type: "on_hold", name, held: after.on_hold ?? false });
  }
  if (before.sends.screen !== after.sends.screen) {
    out.push({ type: after.sends.screen ? "screen_started" : "screen_stopped", name });
  }
  return out;
}

/** Which appointments can be joined now, and could not when they were looked at before. */
export function joinableNow(
  before: readonly Appointment[],
  after: readonly Appointment[],
): Announcement[] {
  return after
    .filter(({ id, joinable }) => joinable && before.some((one) => one.id === id && !one.joinable))
    .map(({ subject, student }) => ({ type: "can_join", subject, student }));
}

/** Whom the family waited for has come to the call of their appointment. */
export function schoolThere(before: LinkView | null, after: LinkView): Announcement[] {
  const { expected } = after;
  const waited =
    before?.expected?.meeting === expected?.meeting && before?.expected?.school !== "there";
  const one = after.appointments.find(({ meeting }) => meeting === expected?.meeting);
  const isThere = after.role !== "teacher" && expected?.school === "there" && waited;
  return isThere && one !== undefined ? [{ type: "school_there", teachers: one.teachers }] : [];
}

/** Who shares a screen, the first to begin first. */
export function screens(before: readonly number[], people: readonly Person[]): number[] {
  const sharing = people.filter((person) => person.sends.screen).map((p) => p.participant);
  const kept = before.filter((participant) => sharing.includes(participant));
  return [...kept, ...sharing.filter((participant) => !before.includes(participant))];
}

function find(people: readonly Person[], participant: number): Person | undefined {
  return people.find((person) => person.participant === participant);
}
