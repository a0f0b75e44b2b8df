/**
 * SCR-2, SCR-6, SCR-9: what the call page shows and announces. What the server says is said by the
 * story, so that each moment can be looked at.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { overflowOf, problemsOf } from "../harness/accessibility.ts";
import { withFamily } from "../harness/family.ts";
import { press, untilAt } from "../harness/form.ts";
import { type Person, Said, SENDS, SESSION } from "../harness/said.ts";
import { until } from "../harness/until.ts";

const YOU: Person = {
  participant: 4,
  name: "Maria Santos",
  role: "parent",
  sends: SENDS,
  reconnecting: false,
};
const TEACHER: Person = {
  participant: 1,
  name: "Ms Okafor",
  role: "teacher",
  slot: 0,
  sends: SENDS,
  reconnecting: false,
};

async function join(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole("button", { name: "Join", exact: true }).first().click();
  await until("the call is shown", async () => {
    return (await page.locator("main").getAttribute("data-state")) === "call";
  });
}

const announced = (page: Page, words: string) =>
  page.getByRole("status").getByText(words, { exact: true }).last().waitFor({ state: "attached" });

test("pictures that are paused are said, without blaming who is not to blame", () =>
  withFamily("paused", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const server = new Said();
    await server.stand(page, [YOU, TEACHER]);
    await join(page, family.links.parent);
    const banner = page.locator(".banner").filter({ hasText: /paused/ });
    assert.equal(await banner.count(), 0);
    server.say({ type: "paused", paused: [{ slot: 0, kind: "camera" }] });
    await banner.waitFor();
    await announced(page, "Pictures are paused, the sound goes on");
    await page.locator("[data-participant='1']").getByText("Picture paused").waitFor();
    assert.doesNotMatch((await banner.textContent()) ?? "", /network/i, "nothing is known of it");
    // A page that cannot keep up says that it is this device.
    await page.evaluate(() => {
      const until = performance.now() + 20_000;
      const work = () => {
        const end = performance.now() + 700;
        while (performance.now() < end) {
          // As a busy processor is.
        }
        if (performance.now() < until) {
          setTimeout(work, 0);
        }
      };
      work();
    });
    await page.getByText("This device has more to do than it can manage").waitFor();
    server.say({ type: "paused", paused: [] });
    await banner.waitFor({ state: "detached" });
    await announced(page, "Pictures are back");
  }));

test("who speaks is marked, and for no longer than their sound comes", () =>
  withFamily("speaking", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const server = new Said();
    await server.stand(page, [YOU, TEACHER]);
    await join(page, family.links.parent);
    const marked = page.locator(".tile.speaking");
    const tile = page.locator("[data-participant='1']");
    server.say({ type: "speaking", speaking: [1] });
    await marked.waitFor();
    assert.equal(await marked.getAttribute("data-participant"), "1");
    await tile.getByText("Speaking").waitFor({ state: "attached" });
    // Their line dies before the server says that they are silent.
    server.say({ type: "people", people: [YOU, { ...TEACHER, reconnecting: true }] });
    await marked.waitFor({ state: "detached" });
    server.say({ type: "people", people: [YOU, TEACHER] });
    await marked.waitFor();
    const muted = { ...TEACHER, sends: { ...SENDS, microphone: false } };
    server.say({ type: "people", people: [YOU, muted] });
    await marked.waitFor({ state: "detached" });
    server.say({ type: "people", people: [YOU, TEACHER] });
    await marked.waitFor();
    server.say({ type: "speaking", speaking: [] });
    await marked.waitFor({ state: "detached" });
  }));

test("keys do what the buttons do, and nothing where they are for something else", () =>
  withFamily("shortcuts", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const server = new Said();
    await server.stand(page, [YOU, TEACHER]);
    await join(page, family.links.parent);
    const microphone = page.getByRole("button", { name: "Microphone", exact: true });
    const camera = page.getByRole("button", { name: "Camera", exact: true });
    const untilPressed = (button: typeof camera, on: boolean) =>
      until(`it is ${on}`, async () => (await button.getAttribute("aria-pressed")) === `${on}`);
    await untilPressed(microphone, true);
    await untilPressed(camera, true);
    await page.keyboard.press("m");
    await untilPressed(microphone, false);
    await page.keyboard.press("c");
    await untilPressed(camera, false);
    // With a keyboard of other letters it is the same key.
    await page.evaluate(() => {
      const key = new KeyboardEvent("keydown", { key: "ь", code: "KeyM", bubbles: true });
      document.body.dispatchEvent(key);
    });
    await untilPressed(microphone, true);
    await page.keyboard.press("Control+m");
    await press(page, "Settings");
    const settings = page.getByRole("dialog");
    await settings.waitFor();
    await settings.getByRole("link", { name: "Contact Us" }).waitFor();
    await page.keyboard.press("m");
    await page.getByLabel("Use keyboard shortcuts").uncheck();
    await press(page, "Close");
    await settings.waitFor({ state: "detached" });
    await page.keyboard.press("m");
    await untilPressed(microphone, true);
    await press(page, "Settings");
    await page.getByLabel("Use keyboard shortcuts").check();
    await press(page, "Close");
    await settings.waitFor({ state: "detached" });
    await page.keyboard.press("m");
    await untilPressed(microphone, false);
  }));

declare global {
  interface Window {
    /** How many locks keep the screen on now. */
    locks: number;
    /** How many pictures were given a window of their own. */
    windows: number;
  }
}

/** Runs in the page: a telephone with little battery, whose screen goes off by itself. */
function telephone(): void {
  let byPress = false;
  addEventListener(
    "click",
    () => {
      byPress = true;
      setTimeout(() => {
        byPress = false;
      });
    },
    true,
  );
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    return this instanceof HTMLVideoElement && !byPress
      ? Promise.reject(new DOMException("", "NotAllowedError"))
      : play.call(this);
  };
  window.locks = 0;
  const request = async () => {
    const lock = Object.assign(new EventTarget(), {
      released: false,
      release: async () => {
        window.locks -= lock.released ? 0 : 1;
        lock.released = true;
      },
    });
    window.locks += 1;
    return lock;
  };
  Object.defineProperty(navigator, "wakeLock", { value: { request } });
  window.windows = 0;
  Object.defineProperty(document, "pictureInPictureEnabled", { get: () => true });
  HTMLVideoElement.prototype.requestPictureInPicture = async () => {
    window.windows += 1;
    throw new DOMException("", "NotAllowedError");
  };
  const canvas = document.createElement("canvas");
  navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(1);
}

test("a telephone keeps its screen on and its pictures still; what is shared is stopped in words", () =>
  withFamily("a telephone", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    await page.addInitScript(telephone);
    const server = new Said();
    await server.stand(page, [YOU, TEACHER]);
    await join(page, family.links.parent);
    await until("the screen stays on", async () => (await page.evaluate(() => window.locks)) === 1);
    const banner = page.getByText("To save its battery, this device shows no moving pictures");
    await banner.waitFor();
    await press(page, "Turn on pictures");
    await banner.waitFor({ state: "detached" });

    await press(page, "Share screen");
    await page.locator(".banner").getByText("You are sharing your screen.").waitFor();
    await announced(page, "You are sharing your screen.");
    const told = () => server.heard.findLast(({ sends }) => sends !== undefined)?.sends;
    await until("the server knows", () => told()?.screen === true);
    await press(page, "Stop sharing");
    await announced(page, "You have stopped sharing your screen");
    await until("the server knows", () => told()?.screen === false);

    await press(page, "Settings");
    await press(page, "Full screen");
    const isFull = () => page.evaluate(() => document.fullscreenElement !== null);
    await until("it has the whole screen", isFull);
    await press(page, "Settings");
    const full = page.getByRole("button", { name: "Full screen", exact: true });
    assert.equal(await full.getAttribute("aria-pressed"), "true");
    await full.click();
    await until("it has it no more", async () => !(await isFull()));
    await press(page, "Settings");
    await press(page, "Small window");
    assert.equal(await page.evaluate(() => window.windows), 1);
    await press(page, "Leave");
    await until(
      "the screen may go off",
      async () => (await page.evaluate(() => window.locks)) === 0,
    );
  }));

test("a hidden tab tells of what concerns its reader by its title", () =>
  withFamily("hidden", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const server = new Said();
    await server.stand(page, [YOU]);
    await join(page, family.links.parent);
    const show = (value: "hidden" | "visible") =>
      page.evaluate((value) => {
        Object.defineProperty(document, "visibilityState", { configurable: true, value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, value);
    // A page takes its title once it is drawn.
    const own = await until("the title is the call's", async () => {
      const title = await page.title();
      return title.includes("Mathematics: Ana Santos") && title;
    });
    await show("hidden");
    server.say({ type: "people", people: [YOU, TEACHER] });
    await until("the title tells", async () =>
      (await page.title()).startsWith("● Ms Okafor has joined"),
    );
    await show("visible");
    await until("the title is its own", async () => (await page.title()) === own);
    await show("hidden");
    server.say({ type: "goodbye", reason: "ended" });
    await until("the title tells", async () =>
      (await page.title()).startsWith("● The call has ended"),
    );
    await show("visible");
    await untilAt(page, "The call has ended");
  }));

test("a seat that is kept for the parent is called that", () =>
  withFamily("kept", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const server = new Said();
    await server.stand(page, [YOU]);
    await join(page, family.links.guest);
    const queued = { type: "queued", session: SESSION, call: { title: "x", cap: 4 }, place: 1 };
    server.say({ ...queued, active: 4 });
    await page
      .getByText("This call is full (4 of 4). We'll let you in as soon as someone leaves.")
      .waitFor();
    server.say({ ...queued, active: 3 });
    await page.getByText("One seat is being kept for the parent who booked").waitFor();
    assert.equal(await page.getByText("This call is full").count(), 0);
    // In a meeting room nobody booked; a member who has left goes back to where others wait.
    await page.route(/\/api\/v1\/links\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      const { evening: _, ...view } = await response.json();
      const room = { school: "Fairview" };
      await route.fulfill({ response, json: { ...view, role: "member", appointments: [], room } });
    });
    server.say({ type: "goodbye", reason: "ended" });
    await page.reload();
    await join(page, family.links.guest);
    server.say({ ...queued, active: 3 });
    await page.getByText("One seat is being kept for a member (3 of 4 are taken)").waitFor();
    server.say({ type: "goodbye", reason: "left" });
    const start = page.getByRole("link", { name: "Start page" });
    assert.equal(await start.getAttribute("href"), "/staff");
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }));

test("what cannot be sent or done is said, and what was written stays through a reload", () =>
  withFamily("not done", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const server = new Said();
    await server.stand(page, [YOU], { powers: ["extend"] });
    await join(page, family.links.parent);
    await press(page, "Chat");
    const field = page.getByLabel("Write to everybody in the call");
    await field.fill("My number is 07700\u200b 900123");
    await page.keyboard.press("Enter");
    const written = () => server.heard.findLast(({ type }) => type === "write");
    await until("it is sent", () => written() !== undefined);
    assert.deepEqual(written(), { type: "write", text: "My number is 07700 900123" });
    server.say({ type: "refused", code: "too_fast", detail: "" });
    await page.getByText("Not sent: that was a lot at once.").waitFor();
    assert.equal(await field.inputValue(), "My number is 07700 900123");
    await press(page, "Try again");
    server.say({ type: "chat", participant: 4, text: "My number is 07700 900123" });
    await until("the field is empty", async () => (await field.inputValue()) === "");
    const line = page.locator(".chat ol").getByText("My number is 07700 900123");
    await line.waitFor();
    server.say({ type: "people", people: [{ ...YOU, on_hold: true }] });
    await page.getByText("You can write again once you are back in the call.").waitFor();
    server.say({ type: "people", people: [YOU] });
    // A reload, as the guide advises it.
    await page.reload();
    await page.locator("main[data-state=call]").waitFor();
    await press(page, "Chat (1 new)");
    await line.waitFor();
    server.say({ type: "clock", clock: { begins_in_ms: 0, ends_in_ms: 9e5, may_be_longer: true } });
    const alone = page.locator(".alone");
    await alone.waitFor();
    await page.routeWebSocket(/\/api\/v1\/socket/, (socket) => socket.close({ code: 1012 }));
    await server.close(1012);
    await page.locator("main[data-state=reconnecting]").waitFor();
    assert.equal(await alone.count(), 0, "nobody knows who is there");
    await field.fill("And my address");
    await page.keyboard.press("Enter");
    await page.getByText("Not sent, because the connection is lost.").waitFor();
    assert.equal(await field.inputValue(), "And my address");
    await press(page, "Add a minute");
    await page.getByText("That was not done, because the connection is lost.").waitFor();
    // Whoever is left without a line for long reads what to do, and whom to telephone.
    await page.getByText("This is taking a while.").waitFor();
    await page.locator(".banner").getByText("020 7946 0000").waitFor();
  }));

/** Boxes of what must not lie over each other. The own picture may lie in a corner of others' pictures. */
async function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // What the own picture in its corner leaves to the buttons is there for screen readers alone.
    const isHidden = (element: Element) =>
      element.closest(".corner .tile.own > :last-child") !== null;
    const elements = [
      ...document.querySelectorAll(
        "main h1, .banner, .initials:only-child, .tile-picture > video, .tile-name, .screen, .control",
      ),
    ];
    // What scrolls shows no more than its own box.
    const seen = (element: Element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const box = { left, right, top, bottom };
      for (let one = element.parentElement; one !== null; one = one.parentElement) {
        if (getComputedStyle(one).overflowY !== "visible") {
          const outer = one.getBoundingClientRect();
          box.top = Math.max(box.top, outer.top);
          box.bottom = Math.min(box.bottom, outer.bottom);
        }
      }
      return box;
    };
    // With the page at its end nothing lies below the bar.
    document.querySelector("main")?.scrollTo(0, 1e6);
    const shown = elements
      .filter((element) => !isHidden(element))
      .map((element) => ({
        name: `${element.className || element.tagName} ${(element.textContent ?? "").slice(0, 20)}`,
        box: seen(element),
        isOwn: element.closest(".corner .tile.own") !== null,
        isVideo: element instanceof HTMLVideoElement,
      }));
    type Box = (typeof shown)[number];
    const isInCorner = (one: Box, other: Box) => one.isOwn && other.isVideo;
    const isOver = (one: Box, other: Box) =>
      Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left) > 1 &&
      Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top) > 1;
    const found: string[] = [];
    for (const [index, one] of shown.entries()) {
      for (const other of shown.slice(index + 1)) {
        if (isOver(one, other) && !isInCorner(one, other) && !isInCorner(other, one)) {
          found.push(`${one.name} over ${other.name}`);
        }
      }
    }
    return found;
  });
}

/** Which buttons of the bar are out of the window of a page that nobody has scrolled. */
async function barOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    document.querySelector("main")?.scrollTo(0, 0);
    return [...document.querySelectorAll(".control")]
      .filter((one) => {
        const { left, right, top, bottom } = one.getBoundingClientRect();
        return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1;
      })
      .map((one) => `${one.textContent} is out of the window`);
  });
}

test("nothing lies over anything but pictures, at any width, with the longest names", () =>
  withFamily("layout", async (family, people) => {
    family.begins(0);
    const long = (start: string) => start.padEnd(100, " Maximiliane-Theodora");
    const page = await people.somebody();
    const server = new Said();
    const four = [
      { ...YOU, name: long("Wolfeschlegelsteinhausenbergerdorff Maria") },
      { ...TEACHER, name: "X".repeat(100) },
      { ...TEACHER, participant: 2, slot: 1, name: long("Mr Lindqvist") },
      { ...TEACHER, participant: 5, role: "guest", slot: 2, name: long("Paulo") },
    ];
    await page.addInitScript(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        if (wanted?.audio) {
          throw new DOMException("in use", "NotReadableError");
        }
        return ask(wanted);
      };
    });
    await server.stand(page, four, { title: `Mathematics: ${"Y".repeat(100)}` });
    await join(page, family.links.parent);
    const problems: string[] = [];
    const look = async (what: string) => {
      for (const [width, height] of [
        [1280, 800],
        [740, 360],
        [360, 740],
        [320, 640],
        [320, 480],
        [640, 360],
        [1024, 600],
      ] as const) {
        await page.setViewportSize({ width, height });
        problems.push(
          ...(await barOf(page)).map((text) => `${what} at ${width}x${height}: ${text}`),
        );
        for (const overlap of await overlaps(page)) {
          problems.push(`${what} at ${width}: ${overlap}`);
        }
        if ((await overflowOf(page)) > 0) {
          problems.push(`${what} at ${width} is too wide`);
        }
      }
      problems.push(...(await problemsOf(page)).map((text) => `${what}: ${text}`));
    };
    await page.getByText("Your microphone cannot be used").waitFor();
    await look("trouble");
    server.say({ type: "paused", paused: [{ slot: 0, kind: "camera" }] });
    server.say({
      type: "people",
      people: four.map((one, at) => ({ ...one, reconnecting: at > 2 })),
    });
    server.say({ type: "notice", notice: { type: "link_contested", participant: 5 } });
    await page.getByText("Picture paused").first().waitFor();
    await page.getByText("is being opened on different devices").waitFor();
    await look("all banners");
    server.say({ type: "people", people: four.slice(0, 3) });
    await until("three are there", async () => (await page.locator(".tile").count()) === 3);
    await look("three, the own picture in a corner");
    const shares = four.map((one, at) =>
      at === 1 ? { ...one, sends: { ...SENDS, screen: true } } : one,
    );
    server.say({ type: "people", people: shares });
    await page.locator(".screen").waitFor();
    await look("a shared screen");
    await page.setViewportSize({ width: 360, height: 740 });
    server.say({ type: "paused", paused: [] });
    const close = page.getByRole("button", { name: "Close this message" });
    await until("every message is closed", async () => {
      if ((await close.count()) > 0) {
        // One that goes by itself meanwhile is waited for no longer than this.
        await close.first().click({ timeout: 1_000 });
      }
      return (await page.locator(".banner").count()) === 0;
    });
    const box = await page.locator(".screen").boundingBox();
    assert.ok(box && box.height > 220, `a shared screen is ${box?.height} px high on a telephone`);
    const title = page.getByRole("heading", { level: 1 });
    const cut = await title.evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.equal(cut, 0, "the child's name is cut");
    assert.deepEqual(problems, []);
  }));
