/**
 * A school's list of 10,000 students with 16,000 contacts is tried, imported, and imported again, on
 * SQLite and on PostgreSQL. The bars: 5 s, 20 s, and nothing that changes the second time.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import type { Api } from "../harness/api.ts";
import { Postgres } from "../harness/postgres.ts";
import { withEmptySchool } from "./empty-school.ts";

const CLASSES = 200;
const CLASSES_EACH = 8;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    students: { type: "string", default: "10000" },
  },
});
const students = Number(values.students);
const contacts = (students / 5) * 8;

let isWithin = true;
const postgres = await Postgres.start();
try {
  const url = { HOMEROOM__DATABASE__URL: postgres.url };
  for (const [database, settings] of [
    ["sqlite", {}],
    ["postgresql", url],
  ] as const) {
    const measured = await withEmptySchool(measure, settings);
    const report = { database, students, contacts, ...measured };
    console.log(values.json ? JSON.stringify(report) : table(report));
    const { dry_run_s, import_s, again_changed } = measured;
    isWithin &&= dry_run_s <= 5 && import_s <= 20 && again_changed === 0;
  }
} finally {
  await postgres.end();
}
process.exitCode = isWithin ? 0 : 1;

async function measure(api: Api) {
  for (let n = 0; n < CLASSES; n++) {
    const { id } = await api.make("/teachers", { name: `Teacher ${n}`, email: "" });
    await api.make("/classes", { name: `C${n}`, subject: `Subject ${n}`, teachers: [id] });
  }
  const list = file();
  const [dry_run_s, tried] = await timed(() => api.importStudents(list, "whole=true"));
  assert.equal(tried.refused, 0);
  const [import_s, done] = await timed(() => api.importStudents(list, "apply=true&whole=true"));
  assert.equal(done.created, done.rows.length);
  const again = await api.importStudents(list, "apply=true&whole=true");
  const again_changed = again.created + again.updated + (again.leaving ?? []).length;
  return { dry_run_s, import_s, again_changed };
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const done = await work();
  return [Math.round(performance.now() - began) / 1000, done];
}

/** Of five students two are siblings with the same two guardians, and three have two each of their own. */
function file(): string {
  const rows = ["Student ID,Student,Form,Classes,Guardian,Email,Guardian 2,Guardian 2 email"];
  for (let n = 0; n < students; n++) {
    const family = n % 5 === 1 ? n - 1 : n;
    const classes = Array.from({ length: CLASSES_EACH }, (_, at) => `C${(n + at * 25) % CLASSES}`);
    const name = (of: string) => `${of} ${word(family)}`;
    const address = (of: string) => `${of}.${family}@example.org`;
    rows.push(
      [
        `S${n}`,
        `${word(n * 7 + 3)} ${word(family)}`,
        `${7 + (n % 5)}${"ABCDEF"[n % 6]}`,
        classes.join(";"),
        name("Maria"),
        address("maria"),
        name("Paul"),
        address("paul"),
      ].join(","),
    );
  }
  return rows.join("\n");
}

/** A name of its own for each number. */
function word(n: number): string {
  const syllables = ["bo", "do", "fe", "gi", "ku", "la", "mo", "ne", "pi", "ru", "sa", "to"];
  let rest = n;
  let text = "";
  for (let at = 0; at < 4; at++) {
    text += syllables[rest % syllables.length];
    rest = Math.floor(rest / syllables.length);
  }
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function table(report: Record<string, string | number>): string {
  const lines = Object.entries(report).map(([name, value]) => `  ${name.padEnd(16)}${value}`);
  return `${lines.join("\n")}\n`;
}
