import { describe, expect, it } from "vitest";
import english from "../text/en.json";
import { language } from "../text/text";
import type { OfficeArea, OfficeRoom, SystemConnection } from "../wire/messages";
import { changedInArea } from "./areas";
import { otherPeople } from "./meanwhile";
import { changedInRoom } from "./rooms";
import { changedInConnection } from "./system";

const { text } = language("en", english);

const NAMES: Readonly<Record<string, string>> = { a: "Ada", k: "Kim" };
const named = (ids: readonly string[]) => ids.map((id) => NAMES[id]).join(" and ");

const ROOM: OfficeRoom = { id: "r", name: "Library", members: ["a", "k"], url: "", version: "1" };
const AREA: OfficeArea = {
  id: "w",
  name: "Help",
  purpose: "Questions",
  providers: ["a", "k"],
  url: "",
  version: "1",
};
const SYSTEM: SystemConnection = { region: "world", school: "A1", nightly: true, version: "1" };
const HOURS = { days: [1, 2], opens: "08:30", closes: "12:00" };

describe("what another has changed meanwhile", () => {
  it.each<[Partial<OfficeRoom>, readonly string[]]>([
    [{ url: "another", closed: true, version: "2", kept: false, asks: [] }, []],
    [{ members: ["k", "a"] }, []],
    [{ members: ["a"] }, ["Members is now: Ada"]],
    [{ name: "Lab" }, ["Name is now: Lab"]],
    [{ kept: true }, ["Guests wait until a member lets them in"]],
    [{ asks: ["email"] }, ["Guests enter besides their name"]],
    [{ limit: 60 }, ["Longest call, in minutes is now: 60"]],
    [{ hours: HOURS }, ["Open on", "Opens at is now: 08:30", "Closes at is now: 12:00"]],
  ])("is said of a room: %j", (change, said) => {
    expect(changedInRoom(ROOM, { ...ROOM, ...change }, text, named)).toEqual(said);
  });

  it.each<[Partial<OfficeArea>, readonly string[]]>([
    [{ url: "another", version: "2" }, []],
    [{ providers: ["k"] }, ["Who takes callers is now: Kim"]],
    [{ purpose: "" }, ["What it is for is now empty"]],
  ])("is said of a waiting area: %j", (change, said) => {
    expect(changedInArea(AREA, { ...AREA, ...change }, text, named)).toEqual(said);
  });

  it("is said of an evening's managers", () => {
    const said = (before: readonly string[], now: readonly string[]) =>
      otherPeople(text, ["managers_title", before, now], named);
    expect(said(["k"], [])).toEqual(["Managers is now empty"]);
    expect(said([], ["a", "k"])).toEqual(["Managers is now: Ada and Kim"]);
    // One in the place of another is as many as before.
    expect(said(["a"], ["k"])).toEqual(["Managers is now: Kim"]);
    expect(said(["a", "k"], ["k", "a"])).toEqual([]);
  });

  it("is said of the connection to the information system", () => {
    const said = (now: SystemConnection | undefined) => changedInConnection(SYSTEM, now, text);
    expect(said(SYSTEM)).toEqual([]);
    expect(said({ ...SYSTEM, nightly: false })).toEqual(["Import every night"]);
    expect(said(undefined)).toEqual([
      "Where is your school?",
      "School id at Wonde is now empty",
      "Import every night",
    ]);
  });
});
