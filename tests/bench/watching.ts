/**
 * A large evening is looked at: 100 teachers' own pages and the office's live view, with 1,000
 * families who have booked five appointments each. Prints how long an answer takes.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { type Api, attempt, type Link, linkOf } from "../harness/api.ts";
import { withEmptySchool } from "./empty-school.ts";

const CLASSES = 5;
const GROUPS = 20;
const LOOKS = 20;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    parents: { type: "string", default: "1000" },
  },
});
const parents = Number(values.parents);

const report = await withEmptySchool(measure);
const lines = Object.entries(report).map(([name, value]) => `  ${name.padEnd(24)}${value}`);
console.log(values.json ? JSON.stringify(report) : lines.join("\n"));

async function measure(api: Api) {
  const teachers: string[] = [];
  for (let n = 0; n < GROUPS * CLASSES; n++) {
    const { id } = await api.make("/teachers", { name: `Teacher ${n}`, email: "" });
    await api.make("/classes", { name: `C${n}`, subject: `Subject ${n}`, teachers: [id] });
    teachers.push(id);
  }
  const rows = ["Student,Form,Classes,Contact,Email"];
  for (let n = 0; n < parents; n++) {
    const first = (n % GROUPS) * CLASSES;
    const classes = Array.from({ length: CLASSES }, (_, at) => `C${first + at}`).join(";");
    rows.push(`Student ${n},8,${classes},Parent ${n},p${n}@example.org`);
  }
  await api.importStudents(rows.join("\n"));
  const evening = await api.make("/evenings", {
    name: "Evening",
    date: "2040-01-10",
    time_zone: "Europe/London",
    starts: "08:00",
    ends: "20:00",
    slot_minutes: 12,
    gap_minutes: 0,
  });
  await api.done("PUT", `/evenings/${evening.id}/booking`, { open: true });
  for (const link of (await api.parentLinks(evening.id)).values()) {
    const booked = await api.by(link, "/bookings/automatic", { attempt: attempt(), wishes: [] });
    assert.equal(booked.status, 200, booked.body);
  }
  const links = await teacherLinks(api, evening.id, teachers);
  const alone = await timed(LOOKS, (n) => api.by(links[n % links.length] as Link, "/teacher"));
  const live = await timed(LOOKS, () => api.done("GET", `/evenings/${evening.id}/live`));
  const together = performance.now();
  await Promise.all(links.map((link) => api.by(link, "/teacher")));
  const { bookings } = await api.get<{ bookings: object[] }>(`/evenings/${evening.id}/bookings`);
  return {
    appointments: bookings.length,
    teacher_page_ms: alone,
    live_view_ms: live,
    all_teacher_pages_ms: Math.round(performance.now() - together),
  };
}

async function teacherLinks(
  api: Api,
  evening: string,
  teachers: readonly string[],
): Promise<Link[]> {
  const links: Link[] = [];
  for (const teacher of teachers) {
    const shown = await api.done("POST", `/evenings/${evening}/teachers/${teacher}/link`);
    links.push(linkOf((JSON.parse(shown.body) as { url: string }).url));
  }
  return links;
}

/** The median of so many, one after the other, in milliseconds. */
async function timed(count: number, look: (n: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const asked = performance.now();
    await look(n);
    times.push(performance.now() - asked);
  }
  times.sort((a, b) => a - b);
  return Math.round((times[Math.floor(count / 2)] ?? 0) * 10) / 10;
}
