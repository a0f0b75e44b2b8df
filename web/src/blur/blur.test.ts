// Where the system blurs, what it does not blur any more is not sent.

import { signal } from "@preact/signals";
import { afterEach, expect, it, vi } from "vitest";
import type { LocalMedia } from "../media/local";
import { blurPictures } from "./blur";

const made: string[] = [];

vi.mock("./drawn", () => ({
  Drawn: class {
    readonly track = { kind: "drawn" };
    stop() {
      made.push("stopped");
    }
  },
}));
vi.mock("./segmenter", () => ({ Segmenter: { open: async () => null } }));

afterEach(() => {
  made.length = 0;
});

/** A camera whose pictures the system blurs, while it is not switched off. */
class Camera extends EventTarget {
  onconfigurationchange: null | undefined = null;
  isBlurred = false;
  isOff = false;
  getCapabilities = () => ({ backgroundBlur: [false, true] });
  getSettings = () => ({ backgroundBlur: this.isBlurred && !this.isOff });
  getConstraints = () => ({});
  applyConstraints = async (wanted: { backgroundBlur: boolean }) => {
    this.isBlurred = wanted.backgroundBlur;
  };
}

function local(camera: Camera) {
  const blurred = signal<unknown>(null);
  const sent: unknown[] = [];
  blurred.subscribe((picture) => sent.push(picture));
  const media = {
    blurs: signal(true),
    camera: signal(camera),
    blurred,
    cannotBlur: () => undefined,
  };
  blurPictures(media as unknown as LocalMedia);
  return { blurred, sent, media };
}

const isDrawn = (picture: unknown) => (picture as { kind?: string } | null)?.kind === "drawn";

it("draws the picture anew as soon as the system blurs it no more", async () => {
  const camera = new Camera();
  const { blurred, sent, media } = local(camera);
  await vi.waitFor(() => expect(blurred.value).toBe(camera));
  camera.dispatchEvent(new Event("configurationchange"));
  expect(blurred.value, "it changed something else").toBe(camera);
  camera.isOff = true;
  camera.dispatchEvent(new Event("configurationchange"));
  expect(isDrawn(blurred.value)).toBe(true);
  expect(sent.at(-2), "nothing is sent between the two").toBeNull();
  media.blurs.value = false;
  expect(blurred.value).toBeNull();
  expect(made).toEqual(["stopped"]);
  camera.dispatchEvent(new Event("configurationchange"));
  expect(blurred.value).toBeNull();
});

it("draws it where it was switched off while it was asked for", async () => {
  const camera = new Camera();
  camera.isOff = true;
  const { blurred, sent } = local(camera);
  await vi.waitFor(() => expect(isDrawn(blurred.value)).toBe(true));
  expect(sent).not.toContain(camera);
});

it("does not rely on a system that does not say when it is switched off", async () => {
  const camera = new Camera();
  Reflect.deleteProperty(camera, "onconfigurationchange");
  const { blurred, sent } = local(camera);
  await vi.waitFor(() => expect(isDrawn(blurred.value)).toBe(true));
  expect(sent).not.toContain(camera);
});
