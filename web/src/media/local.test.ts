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
  /** Those that another program uses. */
  busy: string[] = [];
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
      const { deviceId } = wanted[kind] as { deviceId?: { exact: string } };
      if (deviceId !== undefined && !this.devices[kind].includes(deviceId.exact)) {
        throw new DOMException("", "OverconstrainedError");
      }
      if (this.busy.includes(deviceId?.exact ?? "")) {
        throw new DOMException("", "NotReadableError");
      }
    }
    const tracks = kinds.map((kind) => {
      const { deviceId } = wanted[kind] as { deviceId?: { exact: string } };
      return new FakeTrack(kind, deviceId?.exact ?? this.devices[kind][0] ?? "");
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
    await local.take();
    expect(browser.asked).toEqual(["audio+video"]);
    expect(local.sends.value).toEqual({ microphone: true, camera: true, screen: false });
    local.release();
    local.want("camera", false);
    await local.take();
    expect(browser.asked).toEqual(["audio+video", "audio"]);
  });

  it("counts as on from the start after a reload, and as off where it cannot be had", async () => {
    browser.refused = { audio: "NotReadableError", video: "NotReadableError" };
    local.expect();
    expect(local.sends.value).toEqual({ microphone: true, camera: true, screen: false });
    expect(browser.asked).toEqual([]);
    const taken = local.take();
    expect(local.sends.value).toEqual({ microphone: true, camera: true, screen: false });
    await taken;
    expect(local.sends.value).toEqual({ microphone: false, camera: false, screen: false });
  });

  it("has a microphone where there is no camera", async () => {
    browser.devices.video = [];
    await local.take();
    expect(local.sends.value.microphone).toBe(true);
    expect(local.trouble.value).toEqual({ camera: "none" });
  });

  it("brings up no second prompt after a refusal", async () => {
    browser.refused = { video: "NotAllowedError" };
    await local.take();
    expect(browser.asked).toEqual(["audio+video"]);
    expect(local.trouble.value).toEqual({ camera: "denied", microphone: "denied" });
    local.lookAgain();
    await settled();
    expect(browser.asked).toEqual(["audio+video"]);
  });

  it("knows that the system denies what the browser would let the page have", async () => {
    browser.refused = { audio: "NotAllowedError", video: "NotAllowedError" };
    browser.permissions = { microphone: "granted", camera: "granted" };
    await local.take();
    expect(local.trouble.value).toEqual({ camera: "system", microphone: "system" });
    // Allowed meanwhile: whoever comes back to the page has it, and no prompt comes up.
    browser.refused = { video: "NotAllowedError" };
    local.lookAgain();
    await settled();
    expect(local.trouble.value).toEqual({ camera: "system" });
  });

  it("has what is allowed where the browser says that only one is refused", async () => {
    browser.refused = { video: "NotAllowedError" };
    browser.permissions = { microphone: "granted", camera: "denied" };
    await local.take();
    expect(local.sends.value).toEqual({ microphone: true, camera: false, screen: false });
    expect(local.trouble.value).toEqual({ camera: "denied" });
  });

  it("mutes without letting go of the microphone, and lets go of the camera", async () => {
    await local.take();
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
    await local.take();
    const [old] = browser.given;
    local.choose("microphone", "mic-2");
    await settled();
    expect(old?.readyState).toBe("ended");
    expect(track(local.microphone.value)?.device).toBe("mic-2");
  });

  it.each(["NotFound", "busy"])(
    "takes another than the one chosen that is %s, and says so",
    async (why) => {
      browser.busy = why === "busy" ? ["mic-2"] : [];
      await local.take();
      local.choose("microphone", why === "busy" ? "mic-2" : "gone");
      await settled();
      expect(track(local.microphone.value)?.device).toBe("mic-1");
      expect(local.missed.value).toEqual({ microphone: true });
      expect(local.trouble.value).toEqual({});
      local.choose("microphone", "mic-1");
      await settled();
      expect(local.missed.value).toEqual({});
    },
  );

  it("takes both where one of those saved is gone, and says which", async () => {
    local = new LocalMedia({ microphone: "gone", camera: "cam-1" }, () => undefined);
    await local.take();
    expect(track(local.microphone.value)?.device).toBe("mic-1");
    expect(track(local.camera.value)?.device).toBe("cam-1");
    expect(local.missed.value).toEqual({ microphone: true });
  });

  it("turns on the one that was asked for alone", async () => {
    local.takeOnly("microphone");
    await settled();
    expect(browser.asked).toEqual(["audio"]);
    expect(local.sends.value).toEqual({ microphone: true, camera: false, screen: false });
  });

  it("says so where another app shows the page in a view without devices", async () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("isSecureContext", true);
    local = new LocalMedia({}, () => undefined);
    await local.take();
    expect(local.trouble.value).toEqual({ camera: "webview", microphone: "webview" });
  });

  it("changes a muted microphone when it is opened", async () => {
    await local.take();
    local.want("microphone", false);
    local.choose("microphone", "mic-2");
    await settled();
    expect(browser.asked).toHaveLength(1);
    expect(browser.given[0]?.readyState).toBe("ended");
    local.want("microphone", true);
    await settled();
    expect(track(local.microphone.value)?.device).toBe("mic-2");
    expect(track(local.microphone.value)?.enabled).toBe(true);
  });

  it("falls back to another one when a device is unplugged", async () => {
    await local.take();
    browser.devices.audio = ["mic-2"];
    track(local.microphone.value)?.end();
    expect(local.sends.value.microphone).toBe(false);
    await settled();
    expect(track(local.microphone.value)?.device).toBe("mic-2");
    expect(local.trouble.value).toEqual({});
  });

  it("takes a camera that is plugged in later", async () => {
    browser.devices.video = [];
    await local.take();
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
    const taken = local.take();
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
    await local.take();
    expect(local.trouble.value).toEqual({ camera: "insecure", microphone: "insecure" });
  });
});
