import { describe, expect, it } from "vitest";
import type { Present, TeacherAppointment } from "../wire/messages";
import { whoIsHere } from "./glance";

describe("who of a family is there", () => {
  const one = (...present: readonly Present[]): TeacherAppointment => ({
    appointment: {
      id: "1",
      meeting: "1",
      starts: "2040-01-10T08:00:00Z",
      ends: "2040-01-10T08:10:00Z",
      subject: "Mathematics",
      student: "Ben Haddad",
      teachers: [],
      opens: "2040-01-10T07:50:00Z",
      phase: "upcoming",
      joinable: true,
    },
    parent: "Omar Haddad",
    guest: "Lina Aziz",
    note: "",
    present: [...present],
  });
  const parent: Present = { name: "Omar Haddad", role: "parent", state: "waiting" };
  const guest: Present = { name: "Lina Aziz", role: "guest", state: "waiting" };
  const teacher: Present = { name: "Ms Okafor", role: "teacher", state: "seated" };

  it("is the guest where the parent has not come", () => {
    expect(whoIsHere(one(guest))).toBe("Lina Aziz");
    expect(whoIsHere(one(guest, parent))).toBe("Omar Haddad");
  });

  it("is nobody where only the school is", () => {
    expect(whoIsHere(one())).toBeUndefined();
    expect(whoIsHere(one(teacher))).toBeUndefined();
  });
});
