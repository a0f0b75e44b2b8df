/** SCR-1, SCR-2: the camera and the microphone that somebody chooses are those that the others get. */

import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";

type Color = readonly [red: number, green: number, blue: number];

/** Chromium's fake cameras look much alike, and one cannot be sent: each gets a colour of its own. */
const COLORS: Readonly<Record<string, Color>> = {
  fake_device_0: [200, 30, 30],
  fake_device_1: [30, 30, 200],
  fake_device_2: [30, 160, 30],
};

/** Its microphones all sound alike, so each gets a tone of its own, Hz. */
const TONES: Readonly<Record<string, number>> = {
  "Fake Default Audio Input": 440,
  "Fake Audio Input 1": 880,
  "Fake Audio Input 2": 1760,
};

declare global {
  interface Window {
    /** Labels of devices that another program uses. */
    busy?: string[];
  }
}

/**
 * Gives each device its colour or its tone, by which the browser gave the page, and has the browser
 * refuse those that are busy.
 */
async function prepare(context: BrowserContext): Promise<void> {
  await context.addInitScript(
    ({ colors, tones }) => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      const refuseBusy = async (wanted: boolean | MediaTrackConstraints | undefined) => {
        const id = typeof wanted === "object" && wanted.deviceId;
        const exact = typeof id === "object" && "exact" in id ? id.exact : null;
        const found = (await devices.enumerateDevices()).find(({ deviceId }) => deviceId === exact);
        if (found && window.busy?.includes(found.label)) {
          throw new DOMException("in use", "NotReadableError");
        }
      };
      const instead = (stream: MediaStream, real: MediaStreamTrack, drawn?: MediaStreamTrack) => {
        if (drawn) {
          const settings = real.getSettings();
          drawn.getSettings = () => settings;
          stream.removeTrack(real);
          stream.addTrack(drawn);
        }
      };
      const picture = (color: readonly number[]) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
        const pen = canvas.getContext("2d");
        setInterval(() => {
          if (pen) {
            pen.fillStyle = `rgb(${color.join(" ")})`;
            pen.fillRect(0, 0, canvas.width, canvas.height);
          }
        }, 70);
        return canvas.captureStream(15).getVideoTracks()[0];
      };
      const sound = (frequency: number) => {
        const sounds = new AudioContext();
        const tone = sounds.createOscillator();
        tone.frequency.value = frequency;
        const out = sounds.createMediaStreamDestination();
        tone.connect(out);
        tone.start();
        return out.stream.getAudioTracks()[0];
      };
      devices.getUserMedia = async (wanted) => {
        await refuseBusy(wanted?.audio);
        await refuseBusy(wanted?.video);
        const stream = await ask(wanted);
        for (const track of stream.getVideoTracks()) {
          instead(stream, track, picture(colors[track.label] ?? []));
        }
        for (const track of stream.getAudioTracks()) {
          instead(stream, track, sound(tones[track.label] ?? 220));
        }
        return stream;
      };
    },
    { colors: COLORS, tones: TONES },
  );
}

/** The colour of the picture that a page shows of the person in a slot. */
function colorSeen(page: Page, slot: number): Promise<number[]> {
  return page.evaluate((slot) => {
    const video = document.querySelector<HTMLVideoElement>(`[data-slot="${slot}"] video`);
    const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 18 });
    const pen = canvas.getContext("2d");
    if (!video || !pen || video.readyState < 2) {
      return [];
    }
    pen.drawImage(video, 0, 0, 32, 18);
    const { data } = pen.getImageData(0, 0, 32, 18);
    return [0, 1, 2].map((part) => {
      let sum = 0;
      for (let at = part; at < data.length; at += 4) {
        sum += data[at] ?? 0;
      }
      return Math.round(sum / (32 * 18));
    });
  }, slot);
}

/** The loudest tone that a page receives from the person in a slot, Hz. */
function toneHeard(page: Page, slot: number): Promise<number> {
  return page.evaluate(async (slot) => {
    const connection = window.journey.peers.at(-1)?.connection;
    const track = connection?.getTransceivers()[3 + 3 * slot]?.receiver.track;
    if (!track) {
      return 0;
    }
    const sounds = new AudioContext();
    await sounds.resume();
    const analyser = sounds.createAnalyser();
    analyser.fftSize = 4096;
    sounds.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const levels = new Float32Array(analyser.frequencyBinCount);
    await new Promise((resolve) => setTimeout(resolve, 300));
    analyser.getFloatFrequencyData(levels);
    const loudest = levels.indexOf(Math.max(...levels));
    await sounds.close();
    return (loudest * sounds.sampleRate) / analyser.fftSize;
  }, slot);
}

async function untilGets(other: Visitor, name: string, camera: string, microphone: string) {
  const slot = await other.slotOf(name);
  const color = COLORS[camera];
  assert.ok(color);
  await until(`${other.name} sees ${camera}`, async () => {
    const seen = await colorSeen(other.page, slot);
    const near =
      seen.length === 3 && seen.every((part, at) => Math.abs(part - (color[at] ?? 0)) < 40);
    assert.ok(near, `a picture of ${seen}`);
    return true;
  });
  await until(`${other.name} hears ${microphone}`, async () => {
    const heard = await toneHeard(other.page, slot);
    assert.ok(Math.abs(heard - (TONES[microphone] ?? 0)) < 40, `a tone of ${heard} Hz`);
    return true;
  });
}

async function chooses(page: Page, choice: "Camera" | "Microphone", label: string): Promise<void> {
  await page.getByRole("combobox", { name: choice }).selectOption({ label });
  await untilChosen(page, choice, label);
}

async function untilChosen(page: Page, choice: "Camera" | "Microphone", label: string) {
  const list = page.getByRole("combobox", { name: choice });
  await until(`${choice} is ${label}`, async () => {
    const shown = await list.evaluate((element) => {
      const select = element as HTMLSelectElement;
      return select.selectedOptions[0]?.textContent;
    });
    assert.equal(shown, label);
    return true;
  });
}

story(
  "devices that are chosen are used, before the call, in it and after a reload",
  async (stage) => {
    const other = await stage.arrives(1);
    await other.join();
    const one = await stage.arrives(0, { prepare });
    await one.press("Turn on camera and microphone");
    await one.page.getByText("Choose devices", { exact: true }).click();
    await chooses(one.page, "Camera", "fake_device_1");
    await chooses(one.page, "Microphone", "Fake Audio Input 2");
    await one.join();
    await other.untilWith([one.name, other.name]);
    await untilGets(other, one.name, "fake_device_1", "Fake Audio Input 2");

    await one.press("Settings");
    await chooses(one.page, "Camera", "fake_device_2");
    await chooses(one.page, "Microphone", "Fake Audio Input 1");
    await untilGets(other, one.name, "fake_device_2", "Fake Audio Input 1");

    // Of a device that cannot be had the page says so, shows which one is used, and goes on with that.
    await one.page.evaluate(() => {
      window.busy = ["fake_device_1"];
    });
    await one.page
      .getByRole("combobox", { name: "Camera" })
      .selectOption({ label: "fake_device_1" });
    await one.untilSees("The camera you chose could not be used, so another one is on.");
    await untilChosen(one.page, "Camera", "fake_device_0");
    await untilGets(other, one.name, "fake_device_0", "Fake Audio Input 1");
    await chooses(one.page, "Camera", "fake_device_2");

    // A muted microphone is changed too, and is the one that is heard afterwards.
    await one.press("Close");
    await one.press("Microphone");
    await one.press("Settings");
    await chooses(one.page, "Microphone", "Fake Audio Input 2");
    await one.press("Close");
    await one.press("Microphone");
    await untilGets(other, one.name, "fake_device_2", "Fake Audio Input 2");

    await one.page.reload();
    await one.untilState("call");
    await untilGets(other, one.name, "fake_device_2", "Fake Audio Input 2");
  },
  { chromium: "several" },
);
