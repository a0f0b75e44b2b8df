/**
 * SCR-4, SCR-6, SCR-7: My Bookings begins with what is next, and shows what the others will see above Join.
 * In the call a microphone that the system takes away is said to both sides and mended by one press, as is
 * speech into one that is off; whose media alone stops has that on their tile. On a telephone one's own
 * picture is small. SCR-8: of two devices in one room one is offered to be silent.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { problemsOf } from "../harness/accessibility.ts";
import { withFamily } from "../harness/family.ts";
import { press, untilAt } from "../harness/form.ts";
import { until } from "../harness/until.ts";
import { watch } from "../harness/watch.ts";

const TELEPHONE = { width: 360, height: 740 };
const LAPTOP = { width: 1280, height: 800 };

declare global {
  interface Window {
    /** How loud it is before the microphone, 0 to 1. */
    speak(loudness: number): void;
    /** Speech and pauses by the clock: the same in every page that stands in this room. */
    talk(room: number): void;
    /** Takes the microphone away as a phone call does. */
    interrupt(): void;
  }
}

/** Runs in the page: its microphone is a voice that the story raises and lowers. */
function microphone(): void {
  const context = new AudioContext();
  const voice = context.createGain();
  const tone = context.createOscillator();
  const heard = context.createMediaStreamDestination();
  tone.connect(voice).connect(heard);
  tone.start();
  window.speak = (loudness) => {
    void context.resume();
    voice.gain.value = loudness;
  };
  window.talk = (room) => {
    void context.resume();
    setInterval(() => {
      const noise = Math.sin(Math.floor(Date.now() / 320) * 12.9898 + room) * 43_758.5453;
      voice.gain.value = noise - Math.floor(noise) < 0.5 ? 0.5 : 0;
    }, 40);
  };
  const given: MediaStreamTrack[] = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await ask(wanted);
    for (const track of stream.getAudioTracks()) {
      stream.removeTrack(track);
      track.stop();
      for (const instead of heard.stream.getAudioTracks()) {
        const own = instead.clone();
        given.push(own);
        stream.addTrack(own);
      }
    }
    return stream;
  };
  window.interrupt = () => {
    for (const track of given) {
      Object.defineProperty(track, "muted", { configurable: true, get: () => true });
      track.dispatchEvent(new Event("mute"));
    }
  };
}

async function join(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Join", exact: true }).first().click();
  await until("the call is shown", async () => {
    return (await page.locator("main").getAttribute("data-state")) === "call";
  });
}

/** What is next comes first, and the preview stands above Join. */
async function lookAtBookings(page: Page): Promise<void> {
  await untilAt(page, "My Bookings");
  const next = page.getByRole("heading", { level: 2 }).first();
  assert.equal(await next.textContent(), "Your next appointment");
  const card = page.locator("[data-appointment]").first();
  await card.getByText("Ana Santos").waitFor();
  for (const size of [TELEPHONE, LAPTOP]) {
    await page.setViewportSize(size);
    const preview = await card.locator(".preview").boundingBox();
    const button = await card.getByRole("button", { name: "Join", exact: true }).boundingBox();
    assert.ok(preview && button);
    const isAbove = preview.y + preview.height <= button.y;
    const isBeside = preview.x >= button.x + button.width;
    assert.ok(size === TELEPHONE ? isAbove : isBeside, `at ${size.width}`);
    assert.deepEqual(await problemsOf(page), []);
  }
}

const speakingMuted = (page: Page) =>
  page.getByText("You are speaking, but your microphone is off.");

async function speaksWhileMuted(parent: Page): Promise<void> {
  const banner = speakingMuted(parent);
  const own = parent.getByRole("button", { name: "Microphone", exact: true });
  // It is opened once the others are there.
  await until("it is on", async () => (await own.getAttribute("aria-pressed")) === "true");
  await own.click();
  await parent.evaluate(() => window.speak(0.5));
  await banner.waitFor();
  await own.click();
  await banner.waitFor({ state: "detached" });
}

/** An open microphone that gives nothing, as where it is switched off at its cable. */
async function isSilent(parent: Page): Promise<void> {
  const banner = parent.getByText("Your microphone is on, but no sound comes from it.");
  const own = parent.getByRole("button", { name: "Microphone", exact: true });
  assert.equal(await banner.count(), 0);
  await own.click();
  await speakingMuted(parent).waitFor();
  await parent.evaluate(() => window.speak(0));
  // The page hears that too, a moment later: opened before, the microphone would have given something.
  await speakingMuted(parent).waitFor({ state: "detached" });
  await own.click();
  await banner.waitFor();
  await parent.evaluate(() => window.speak(0.5));
  await banner.waitFor({ state: "detached" });
}

async function isTakenAway(parent: Page, teacher: Page): Promise<void> {
  const off = teacher
    .locator("[data-slot]", { hasText: "Maria Santos" })
    .getByText("Microphone off");
  await parent.evaluate(() => window.interrupt());
  await parent.getByText("Your microphone was interrupted").waitFor();
  await off.waitFor();
  assert.deepEqual(await problemsOf(parent), []);
  await press(parent, "Turn on again");
  await off.waitFor({ state: "detached" });
  await parent.getByText("Your microphone was interrupted").waitFor({ state: "detached" });
}

/** Nothing of the parent's sound reaches anybody, for a reason that no page knows of. */
async function stops(parent: Page, teacher: Page): Promise<void> {
  const mark = teacher
    .locator("[data-slot]", { hasText: "Maria Santos" })
    .getByText("Connection interrupted");
  assert.equal(await mark.count(), 0);
  await parent.evaluate(async () => {
    const sender = window.journey.peers.at(-1)?.connection.getTransceivers()[0]?.sender;
    Object.assign(window, { kept: sender?.track });
    await sender?.replaceTrack(null);
  });
  await mark.waitFor();
  assert.deepEqual(await problemsOf(teacher), []);
  await parent.evaluate(async () => {
    const { kept } = window as unknown as { kept: MediaStreamTrack };
    await window.journey.peers.at(-1)?.connection.getTransceivers()[0]?.sender.replaceTrack(kept);
  });
  await mark.waitFor({ state: "detached" });
}

/** Two devices in one room: one of them is offered to be silent, and the other is not. */
async function standsBeside(parent: Page, teacher: Page): Promise<void> {
  const words = "seems to be in the same room";
  assert.equal(await parent.getByText(words).count(), 0);
  for (const page of [parent, teacher]) {
    await page.evaluate(() => window.talk(1));
  }
  await parent.getByText(words).waitFor({ timeout: 60_000 });
  assert.equal(await teacher.getByText(words).count(), 0);
  assert.deepEqual(await problemsOf(parent), []);
  await press(parent, "Turn off the sound and microphone here");
  const off = teacher
    .locator("[data-slot]", { hasText: "Maria Santos" })
    .getByText("Microphone off");
  await off.waitFor();
  await parent.getByText("The sound is off on this device").waitFor();
  await press(parent, "Turn on sound");
  await parent.getByText("The sound is off on this device").waitFor({ state: "detached" });
}

async function ownPictureIsSmall(page: Page): Promise<void> {
  const share = async () => {
    const [own, other] = await Promise.all(
      [".tile.own", ".tile:not(.own)"].map((which) => page.locator(which).boundingBox()),
    );
    assert.ok(own && other);
    return (own.width * own.height) / (other.width * other.height);
  };
  await page.setViewportSize(LAPTOP);
  await until("both are of one size", async () => Math.abs((await share()) - 1) < 0.05);
  await page.setViewportSize(TELEPHONE);
  await until("the own one is small", async () => (await share()) < 0.2);
  assert.deepEqual(await problemsOf(page), []);
  await press(page, "Settings");
  await page.getByRole("radio", { name: "Everybody the same size" }).check();
  await press(page, "Close");
  await until("both are of one size", async () => Math.abs((await share()) - 1) < 0.05);
}

for (const engine of ["chromium", "firefox"] as const) {
  test(`what stops in a call is said and mended, in ${engine}`, () =>
    withFamily(
      `stops ${engine}`,
      async (family, people) => {
        family.begins(0);
        const [parent, teacher] = await Promise.all([people.somebody(), people.somebody()]);
        await watch(parent.context());
        // Firefox makes and plays no sound where the machine has no sound card; a PulseAudio that plays to
        // nobody (module-null-sink) is one.
        const hasSound = engine === "chromium" || process.env.PULSE_SERVER !== undefined;
        if (hasSound) {
          for (const page of [parent, teacher]) {
            await page.addInitScript(microphone);
          }
        }
        await parent.goto(family.links.parent);
        await lookAtBookings(parent);
        await teacher.goto(family.links.teacher);
        await join(teacher);
        await join(parent);
        if (hasSound) {
          await speaksWhileMuted(parent);
          await isSilent(parent);
          await stops(parent, teacher);
          if (engine === "chromium") {
            // Firefox hands a track no event that a script has made.
            await isTakenAway(parent, teacher);
          }
          await standsBeside(parent, teacher);
        }
        await ownPictureIsSmall(teacher);
      },
      { engine },
    ));
}
