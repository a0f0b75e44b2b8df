import { describe, expect, it } from "vitest";
import english from "./en.json";
import { choose, directionOf, language, type TextKey } from "./text";

describe("the language", () => {
  it("is the first that the reader wants and that there is", () => {
    expect(choose(["pt-BR", "de-AT", "en"], ["en", "de"])).toBe("de");
    expect(choose(["pt-br"], ["en", "pt", "pt-BR"])).toBe("pt-BR");
    expect(choose(["xx"], ["en", "de"])).toBe("en");
    expect(choose([], ["en"])).toBe("en");
  });

  it("runs from right to left where it does", () => {
    expect(directionOf("ar-EG")).toBe("rtl");
    expect(directionOf("en")).toBe("ltr");
  });

  it("falls back to English text by text", () => {
    const { text } = language("de", { join_button: "Teilnehmen" });
    expect(text("join_button")).toBe("Teilnehmen");
    expect(text("join_cancel")).toBe("Cancel");
  });
});

describe("English", () => {
  const { text } = language("en", english);

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
      name: "<b>{Anna}</b>",
      role: "r",
      title: "t",
      page: "p",
      kind: "k",
      label: "l",
      key: "m",
    };
    for (const key of Object.keys(english) as TextKey[]) {
      const said = text(key, values);
      expect(said, key).not.toBe("");
      // Every placeholder was filled in: what is left of braces is the name's own.
      expect(said.replaceAll("{Anna}", ""), key).not.toMatch(/[{}]/);
    }
  });
});
