import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalMedia } from "./local";

/** A track as far as the page looks at it. */
class FakeTrack extends EventTarget {
  enabled = true;
  readyState: MediaStreamTrackState = "live";
  readonly kind: "audio" | "video";
  readonly device: string;

  constructor(kind: "audio" | "video", device: string) {
    super();
    this.kind = kind;
    this.device = device;
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** Unplugged. */
  end(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

/** The browser: what it has, what it lets the page have, and what it was asked for. */
class FakeBrowser extends EventTarget {
  devices = { audio: ["mic-1", "mic-2"], video: ["cam-1"] };
  refused: { audio?: string; video?: string } = {};
  readonly asked: string[] = [];
  readonly given: FakeTrack[] = [];
  permissions: Record<string, PermissionState> = {};
  /** Holds answers back until it resolves. */
  answering: Promise<void> = Promise.resolve();

  async getUserMedia(wanted: MediaStreamConstraints): Promise<MediaStream> {
    const kinds = (["audio", "video"] as const).filter((kind) => wanted[kind]);
    this.asked.push(kinds.join("+"));
    await this.answering;
    for (const kind of kinds) {
      const error = this.refused[kind] ?? (this.devices[kind].length === 0 && "NotFoundError");
      if (error) {
        throw new DOMException("", error);
      }
    }
    const tracks = kinds.map((kind) => {
      const asked = wanted[kind] as { deviceId?: { ideal: string } };
      const found = this.devices[kind].find((id) => id === asked.deviceId?.ideal);
      return new FakeTrack(kind, found ?? this.devices[kind][0] ?? "");
    });
    this.given.push(...tracks);
    return { getTracks: () => tracks } as unknown as MediaStream;
  }

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return Promise.resolve([]);
  }
}

const track = (value: MediaStreamTrack | null) => value as unknown as FakeTrack | null;
/** Lets everything that is under way come to rest. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("the person's own media", () => {
  let browser: FakeBrowser;
  let local: LocalMedia;

  beforeEach(() => {
    browser = new FakeBrowser();
    const query = ({ name }: { name: string }) =>
      Promise.resolve(
        Object.assign(new EventTarget(), { state: browser.permissions[name] ?? "prompt" }),
      );
    vi.stubGlobal("navigator", { mediaDevices: browser, permissions: { query } });
    local = new LocalMedia({}, () => undefined);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is not asked for before a press", async () => {
    local.want("camera", false);
    local.want("camera", true);
    local.choose("microphone", "mic-2");
    browser.dispatchEvent(new Event("devicechange"));
    await settled();
    expect(browser.asked).toEqual([]);
    expect(local.sends.value).toEqual({ microphone: false, camera: false, screen: false });
  });

  it("is asked for in one prompt, and only what is wanted", async () => {
    await local.take(false);
    expect(browser.asked).toEqual(["audio+video"]);
    expect(local.sends.value).toEqual({ microphone: true, camera: true, screen: false });
    local.release();
    local.want("camera", false);
    await local.take(false);
    expect(browser.asked).toEqual(["audio+video", "audio"]);
  });

  it("counts as on from the start after a reload, and as off where it cannot be had", async () => {
    browser.refused = { audio: "NotReadableError", video: "NotReadableError" };
    const taken = local.take(true);
    expect(local.sends.value).toEqual({ microphone: true, camera: true, screen: false });
    await taken;
    expect(local.sends.value).toEqual({ microphone: false, camera: false, screen: false });
  });

  it("has a microphone where there is no camera", async () => {
    browser.devices.video = [];
    await local.take(false);
    expect(local.sends.value.microphone).toBe(true);
    expect(local.trouble.value).toEqual({ camera: "none" });
  });

  it("brings up no second prompt after a refusal", async () => {
    browser.refused = { video: "NotAllowedError" };
    await local.take(false);
    expect(browser.asked).toEqual(["audio+video"]);
    expect(local.trouble.value).toEqual({ camera: "denied", microphone: "denied" });
    local.lookAgain();
    await settled();
    expect(browser.asked).toEqual(["audio+video"]);
  });

  it("has what is allowed where the browser says that only one is refused", async () => {
    browser.refused = { video: "NotAllowedError" };
    browser.permissions = { microphone: "granted", camera: "denied" };
    await local.take(false);
    expect(local.sends.value).toEqual({ microphone: true, camera: false, screen: false });
    expect(local.trouble.value).toEqual({ camera: "denied" });
  });

  it("mutes without letting go of the microphone, and lets go of the camera", async () => {
    await local.take(false);
    const [microphone, camera] = browser.given;
    local.want("microphone", false);
    local.want("camera", false);
    expect(microphone).toMatchObject({ enabled: false, readyState: "live" });
    expect(camera).toMatchObject({ readyState: "ended" });
    expect(local.camera.value).toBeNull();
    local.want("microphone", true);
    expect(microphone?.enabled).toBe(true);
    local.want("camera", true);
    await settled();
    expect(browser.asked).toEqual(["audio+video", "video"]);
    expect(local.sends.value.camera).toBe(true);
  });

  it("changes a device: the old one goes before the new one is asked for", async () => {
    await local.take(false);
    const [old] = browser.given;
    local.choose("microphone", "mic-2");
    await settled();
    expect(old?.readyState).toBe("ended");
    expect(track(local.microphone.value)?.device).toBe("mic-2");
  });

  it("changes a muted microphone when it is opened", async () => {
    await local.take(false);
    local.want("microphone", false);
    local.choose("microphone", "mic-2");
    await settled();
    expect(browser.asked).toHaveLength(1);
    local.want("microphone", true);
    await settled();
    expect(track(local.microphone.value)?.device).toBe("mic-2");
    expect(track(local.microphone.value)?.enabled).toBe(true);
  });

  it("falls back to another one when a device is unplugged", async () => {
    await local.take(false);
    browser.devices.audio = ["mic-2"];
    track(local.microphone.value)?.end();
    expect(local.sends.value.microphone).toBe(false);
    await settled();
    expect(track(local.microphone.value)?.device).toBe("mic-2");
    expect(local.trouble.value).toEqual({});
  });

  it("takes a camera that is plugged in later", async () => {
    browser.devices.video = [];
    await local.take(false);
    browser.devices.video = ["cam-2"];
    browser.dispatchEvent(new Event("devicechange"));
    await settled();
    expect(track(local.camera.value)?.device).toBe("cam-2");
    expect(local.trouble.value).toEqual({});
  });

  it("turns off what comes after it was released", async () => {
    let answer = () => undefined as undefined;
    browser.answering = new Promise((resolve) => {
      answer = () => void resolve() as undefined;
    });
    const taken = local.take(false);
    await settled();
    local.release();
    answer();
    await taken;
    expect(browser.given.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
    expect(local.sends.value).toEqual({ microphone: false, camera: false, screen: false });
  });

  it("says so where the page is not secure", async () => {
    vi.stubGlobal("navigator", {});
    local = new LocalMedia({}, () => undefined);
    await local.take(false);
    expect(local.trouble.value).toEqual({ camera: "insecure", microphone: "insecure" });
  });
});
