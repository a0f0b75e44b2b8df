// At a build each text comes with what shows it.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OF_THE_POST, textsOf, wayOf } from "../../split-texts";
import english from "./en.json";

const ROOT = new URL("../..", import.meta.url).pathname;
const first = textsOf(ROOT);
const inviting = textsOf(ROOT, "src/invite/panel.tsx");
const talk = textsOf(ROOT, "src/parts/talk-part.tsx");
const areas = textsOf(ROOT, "src/pages/area.tsx");
const waiting = textsOf(ROOT, "src/parts/waiting-part.tsx");
const trouble = textsOf(ROOT, "src/parts/trouble-note.tsx");
const [office, call, further, noLink] = [
  "src/office.tsx",
  "src/pages/call.tsx",
  "src/pages/parent/further.tsx",
  "src/start-part.tsx",
].map((part) => textsOf(ROOT, part)) as [typeof first, typeof first, typeof first, typeof first];

it("brings what the first page shows with it, and nothing else", () => {
  expect(["join_button", "refusal_unreachable", "call_part_lost"].every(first)).toBe(true);
  expect(["call_echo", "refusal_slot_taken", "start_text"].some(first)).toBe(false);
});

it("brings what is shown later with what shows it, once", () => {
  expect([call, further, office, noLink].map((isOf) => isOf("call_echo"))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect([call, further, noLink].map((isOf) => isOf("refusal_slot_taken"))).toEqual([
    false,
    true,
    false,
  ]);
  expect([call, further, noLink].map((isOf) => isOf("start_text"))).toEqual([false, false, true]);
  expect([first, inviting, call, further].map((isOf) => isOf("guest_invite_own"))).toEqual([
    false,
    true,
    false,
    false,
  ]);
  // A refusal that a source writes out itself.
  expect([first, inviting, call].map((isOf) => isOf("field_mobile_missing"))).toEqual([
    false,
    true,
    false,
  ]);
  expect([first, call, talk].map((isOf) => isOf("chat_send"))).toEqual([false, false, true]);
  expect([first, areas, office].map((isOf) => isOf("area_door_text"))).toEqual([
    false,
    true,
    false,
  ]);
  expect([first, waiting, trouble].map((isOf) => isOf("standing_here"))).toEqual([
    false,
    true,
    false,
  ]);
  expect([first, waiting, trouble].map((isOf) => isOf("trouble_denied_both"))).toEqual([
    false,
    false,
    true,
  ]);
  expect([office, call, further, noLink].some((isOf) => isOf("join_button"))).toBe(false);
});

it("brings another language in the same way", () => {
  const askedAs = wayOf(ROOT);
  const keys = ["join_button", "call_echo", "refusal_slot_taken", "start_text", "staff_greeting"];
  expect(keys.map(askedAs)).toEqual([undefined, "?later", "?later", "?later", "?staff"]);
});

it("knows of each text that a source names how it begins", () => {
  const sources = globSync("src/**/*.{ts,tsx}", { cwd: ROOT }).filter((one) => !/test/.test(one));
  const unknown = sources.flatMap((path) => {
    const source = readFileSync(join(ROOT, path), "utf8");
    return (source.match(/\btext(?:Of)?\((?:text, )?`\$\{[^`]*`/g) ?? []).map(
      (it) => `${path}: ${it}`,
    );
  });
  expect(unknown).toEqual([]);
  expect(call("clock_left_hours") && call("clock_begins_hours")).toBe(true);
});

it("leaves none out", () => {
  const all = [first, office, call, talk, inviting, areas, waiting, trouble, further, noLink];
  const isSomewhere = (key: string) => all.some((is) => is(key));
  const ofPages = Object.keys(english).filter((key) => !OF_THE_POST.test(key));
  expect(ofPages.filter((key) => !isSomewhere(key))).toEqual([]);
});
