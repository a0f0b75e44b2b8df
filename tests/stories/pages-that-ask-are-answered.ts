/** SESS-6 and the press at the wrong time, as pages show them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OPENS_BEFORE_MS, withFamily } from "../harness/family.ts";
import { press, untilAt } from "../harness/form.ts";
import { until } from "../harness/until.ts";

const HOUR_MS = 3_600_000;

/** Nobody tells the page what changes. */
const neverAnswered = () => undefined;

test("a press at the wrong time is answered with what is true of the appointment", () =>
  withFamily("wrong time", async (family, people) => {
    const page = await people.somebody();
    await page.route(/\/changes$/, neverAnswered);
    const join = page.getByRole("button", { name: "Join", exact: true }).first();
    family.begins(OPENS_BEFORE_MS / 2);
    await page.goto(family.links.parent);
    await join.waitFor();
    // Since the page was opened the evening was put off, and nobody has told the page yet.
    family.begins(2 * HOUR_MS);
    await join.click();
    await page.getByText("It is too early to join this appointment.").waitFor();
    await page.getByText(/^You can join from/).waitFor();
    assert.equal(await join.count(), 0);

    family.begins(0);
    await page.reload();
    await join.waitFor();
    // Its time, and the minutes after it, are over; the evening is not.
    family.begins(-HOUR_MS / 3);
    await join.click();
    await page.getByText("This appointment is over, so it cannot be joined any more.").waitFor();
    await page.getByText("Over", { exact: true }).waitFor();

    const guest = await people.somebody();
    await guest.route(/\/changes$/, neverAnswered);
    family.begins(0);
    await guest.goto(family.links.guest);
    const guestJoins = guest.getByRole("button", { name: "Join", exact: true }).first();
    await guestJoins.waitFor();
    family.begins(-HOUR_MS / 3);
    await guestJoins.click();
    await guest.getByText("This appointment is over, so it cannot be joined any more.").waitFor();
  }));

test("who opens another's link is told whose it is, turns back, or goes on with it", () =>
  withFamily("not yours", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    await page.goto(family.links.parent);
    await untilAt(page, "My Bookings");
    await page.goto(family.links.guest);
    await untilAt(page, "This is the link of Paulo Santos");
    await page.getByText("If you join with it, Paulo Santos leaves the call.").waitFor();
    await page.getByRole("link", { name: "Contact Us" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Join", exact: true }).count(), 0);
    await page.getByRole("link", { name: "Go to My Bookings" }).click();
    await untilAt(page, "My Bookings");
    await page.goto(family.links.guest);
    await press(page, "Go on with the link of Paulo Santos");
    await untilAt(page, "You are invited to a video appointment");
    await page.getByRole("button", { name: "Join", exact: true }).first().click();
    await until("they are in the call with it", async () => {
      return (await page.locator("main").getAttribute("data-state")) === "call";
    });
    await page.locator("[data-participant]").filter({ hasText: "Paulo Santos" }).waitFor();
  }));

test("a wait before the next press is shown on the button, which does nothing until then", () =>
  withFamily("wait", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    await page.route(/\/tickets$/, (route) =>
      route.fulfill({
        status: 429,
        contentType: "application/problem+json",
        body: JSON.stringify({
          code: "swapped_too_often",
          title: "Wait.",
          status: 429,
          retry_after_ms: 4_000,
        }),
      }),
    );
    await page.goto(family.links.guest);
    const join = page.getByRole("button", { name: "Join", exact: true }).first();
    await join.waitFor();
    // It stands for some seconds: it is looked for before there is the press that brings it.
    const shown = Promise.all([
      page.getByText(/^You can press Join in \d seconds?\.$/).waitFor(),
      page
        .locator('button[aria-disabled="true"]', { hasText: /^Join$/ })
        .first()
        .waitFor(),
    ]);
    await Promise.all([join.click(), shown]);
    await page.unroute(/\/tickets$/);
    await until("it can be pressed again", async () => {
      return (await join.getAttribute("aria-disabled")) === "false";
    });
    await join.click();
    await until("they are in the call", async () => {
      return (await page.locator("main").getAttribute("data-state")) === "call";
    });
  }));

test("whose fault it is that a link does not open is said, and it opens by itself", () =>
  withFamily("whose fault", async (family, people) => {
    const page = await people.somebody();
    const link = /\/api\/v1\/links\/[^/]+$/;
    const answers = [
      { status: 429, code: "too_many", retry_after_ms: 3_000 },
      { status: 503, code: "unavailable" },
    ];
    for (const { status, code, ...more } of answers) {
      await page.route(link, (route) =>
        route.fulfill({
          status,
          contentType: "application/problem+json",
          body: JSON.stringify({ code, title: "No.", status, ...more }),
        }),
      );
      await page.goto("about:blank");
      await page.goto(family.links.parent);
      const words = status === 429 ? "has been opened very often" : "cannot answer just now";
      await page.getByText(words).waitFor();
      assert.equal(await page.getByText("connected to the internet").count(), 0);
      await page.unroute(link);
      await untilAt(page, "My Bookings");
    }
    await page.route(link, (route) => route.abort());
    await page.goto("about:blank");
    await page.goto(family.links.parent);
    await page.getByText("connected to the internet").waitFor();
    await Promise.all([page.waitForRequest(link), press(page, "Try again")]);
    await page.unroute(link);
    await untilAt(page, "My Bookings");
  }));

test("a person cannot open a link too often by opening it again and again", () =>
  withFamily("reloads", async (family, people) => {
    const page = await people.somebody();
    for (let reload = 0; reload < 25; reload += 1) {
      await page.goto("about:blank");
      await page.goto(family.links.parent);
      await untilAt(page, "My Bookings");
    }
  }));

test("devices are on where the page says so, and nowhere else", () =>
  withFamily("devices", async (family, people) => {
    const page = await people.somebody();
    await page.addInitScript(() => {
      const tracks: MediaStreamTrack[] = [];
      Object.defineProperty(window, "given", { value: tracks });
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        tracks.push(...stream.getTracks());
        return stream;
      };
    });
    const living = () =>
      page.evaluate(() =>
        (window as unknown as { given: MediaStreamTrack[] }).given
          .filter(({ readyState }) => readyState === "live")
          .map(({ kind }) => kind)
          .sort()
          .join(),
      );
    const pressed = async () => {
      const states: string[] = [];
      for (const name of ["Microphone", "Camera"]) {
        const button = page.getByRole("button", { name, exact: true });
        states.push((await button.getAttribute("aria-pressed")) ?? "");
      }
      return states.join();
    };
    await page.goto(`${family.links.parent.replace("#", "/check#")}`);
    await untilAt(page, "Check your camera and microphone");
    assert.equal(await pressed(), "false,false");
    assert.equal(await living(), "");
    await press(page, "Camera");
    await until("the camera is on, and shown as on", async () => {
      return (await living()) === "video" && (await pressed()) === "false,true";
    });
    await press(page, "Microphone");
    await until("both are on", async () => {
      return (await living()) === "audio,video" && (await pressed()) === "true,true";
    });
    await press(page, "Camera");
    await until("the camera is off", async () => {
      return (await living()) === "audio" && (await pressed()) === "true,false";
    });
    // The bookings show no picture yet: nothing stays on.
    await page.getByRole("link", { name: "Back", exact: true }).click();
    await untilAt(page, "My Bookings");
    await until("everything is off", async () => (await living()) === "");
  }));
