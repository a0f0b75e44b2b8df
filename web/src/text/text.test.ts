import { describe, expect, it } from "vitest";
import english from "./en.json";
import { choose, directionOf, language, localeOf, type TextKey } from "./text";

describe("the language", () => {
  it("is the first that the reader wants and that there is", () => {
    expect(choose(["pt-BR", "de-AT", "en"], ["en", "de"])).toBe("de");
    expect(choose(["pt-br"], ["en", "pt", "pt-BR"])).toBe("pt-BR");
    expect(choose(["xx"], ["en", "de"])).toBe("en");
    expect(choose([], ["en"])).toBe("en");
  });

  it("writes times and lists as the reader does", () => {
    expect(localeOf("en", ["de", "en-GB", "en"])).toBe("en-GB");
    expect(localeOf("en", ["en", "en-GB"])).toBe("en-GB");
    expect(localeOf("en", ["fr"])).toBe("en");
  });

  it("runs from right to left where it does", () => {
    expect(directionOf("ar-EG")).toBe("rtl");
    expect(directionOf("en")).toBe("ltr");
  });

  it("isolates what is put in, where the one runs from right to left or the other", () => {
    const arabic = language("ar", { help_phone: "أو اتّصل بالرقم {phone}." });
    expect(arabic.text("help_phone", { phone: "020 7946 0000" })).toBe(
      "أو اتّصل بالرقم \u2068020 7946 0000\u2069.",
    );
    const { text } = language("en", english);
    expect(text("guest_invited_by", { name: "Anna" })).toBe("Anna has invited you.");
    expect(text("guest_invited_by", { name: "ليلى" })).toBe("\u2068ليلى\u2069 has invited you.");
  });

  it("falls back to English text by text", () => {
    const { text } = language("de", { join_button: "Teilnehmen" });
    expect(text("join_button")).toBe("Teilnehmen");
    expect(text("join_cancel")).toBe("Cancel");
  });
});

describe("English", () => {
  const { text } = language("en", english);

  it("is written so that a search and a voice find it: plain characters, and schools' own words", () => {
    for (const [key, words] of Object.entries(english)) {
      // Hyphens and spaces that do not break, soft hyphens, and what nobody sees.
      expect(words, key).not.toMatch(/[\u2010\u2011\u00a0\u00ad\u200b-\u200f\u2060\ufeff]/);
      // One label stands as it must be written.
      if (words !== "No e-mail address") {
        expect(words, key).not.toMatch(/\be-mail/i);
      }
    }
    expect(text("column_email")).toBe("Email address");
    expect(text("sign_in_email")).toBe("Email address");
  });

  it("has the sentences that must stand as written", () => {
    expect(text("queue_full", { active: 4, cap: 4 })).toBe(
      "This call is full (4 of 4). We'll let you in as soon as someone leaves.",
    );
    expect(text("over_replaced_text")).toBe(
      "Your link was opened on another device, so you have left this call. " +
        "If that wasn't you, tell the person who invited you.",
    );
    expect(text("over_replaced_button")).toBe("Use it here instead");
    expect(text("over_withdrawn_title")).toBe("Your invitation has been withdrawn.");
    expect(text("queue_next")).toBe("You are next");
    expect(text("queue_place", { place: 2 })).toBe("You are number 2 in the queue");
    expect(text("bookings_title")).toBe("My Bookings");
    expect(text("invite_button")).toBe("Invite Parent/Guardian");
    expect(text("invite_manage")).toBe("Manage Invites");
    expect(text("invite_send")).toBe("Send Invite");
    expect(text("invites_resend")).toBe("Resend");
    expect(text("invites_remove")).toBe("Remove");
    const noneLeft =
      "Unable to invite another parent/guardian. Only one invite can be sent per student.";
    expect(text("invite_none_left")).toBe(noneLeft);
    expect(text("refusal_already_invited")).toBe(noneLeft);
    expect(text("invite_needs_approval")).toBe("Your school needs to approve this invitation.");
    expect(text("help_still")).toBe("Still need help?");
    expect(text("help_contact")).toBe("Contact Us");
    expect(text("join_button")).toBe("Join");
    expect(text("call_turn_on_sound")).toBe("Turn on sound");
    expect(text("said_person_joined", { name: "Anna" })).toBe("Anna has joined");
  });

  it("can say everything", () => {
    const values = {
      active: 4,
      cap: 4,
      place: 2,
      seconds: 1,
      others: 1,
      number: 1,
      text: "words",
      name: "<b>{Anna}</b>",
      role: "r",
      title: "t",
      page: "p",
      kind: "k",
      addresses: "a",
      address: "a",
      label: "l",
      key: "m",
      teachers: "t",
      instead: "i",
      subject: "s",
      student: "s",
      students: "s",
      time: "17:10",
      moment: "m",
      zone: "z",
      note: "n",
      count: 1,
      parent: "p",
      guest: "g",
      contact: "c",
      email: "e",
      minutes: 10,
      gap: 0,
      least: 1,
      most: 2,
      sent: 1,
      without: 1,
      calls: 1,
      over: 1,
      upcoming: 1,
      seated: 1,
      version: "1",
      phone: "0",
      ended: 1,
      created: 1,
      updated: 1,
      unchanged: 1,
      refused: 1,
      reason: "r",
      own: "12:00",
      example: "x",
      school: "s",
      status: 403,
      names: "n",
      now: "n",
      heading: "h",
      rows: "r",
      words: "w",
      hours: 2,
      area: "a",
      taker: "t",
      message: "m",
      action: "a",
    };
    for (const key of Object.keys(english) as TextKey[]) {
      const said = text(key, values);
      expect(said, key).not.toBe("");
      // Every placeholder was filled in: what is left of braces is the name's own.
      expect(said.replaceAll("{Anna}", ""), key).not.toMatch(/[{}]/);
    }
  });
});
