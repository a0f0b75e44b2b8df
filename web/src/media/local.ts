// The person's own microphone, camera and screen.

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Sends } from "../wire/messages";
import { afterDrawn } from "./after-drawn";
import { type Captured, type Chosen, capture, type Device, permissionStatus } from "./capture";
import { watchStops } from "./stops";
import { type Trouble, troubleOf } from "./trouble";

/** Why the person cannot be told from what is behind them: the device is too slow, or the browser cannot. */
export type BlurTrouble = "slow" | "impossible";

const DEVICES = ["microphone", "camera"] as const;

export class LocalMedia {
  readonly microphone = signal<MediaStreamTrack | null>(null);
  readonly camera = signal<MediaStreamTrack | null>(null);
  readonly screen = signal<MediaStreamTrack | null>(null);
  /** What the person wants on; it may be on its way, or impossible. */
  readonly wants = signal({ microphone: true, camera: true });
  readonly trouble = signal<{ readonly [device in Device | "screen"]?: Trouble }>({});
  readonly devices = signal<readonly MediaDeviceInfo[]>([]);
  readonly chosen: Signal<Chosen>;
  /** Whether the person has pressed anything that turns a device on. */
  readonly asked = signal(false);
  /** Whether the browser is being asked right now. */
  readonly asking = signal(false);
  /** Which of those chosen could not be used, so that another is. */
  readonly missed = signal<{ readonly [device in Device | "speaker"]?: true }>({});
  /** Which of them the system has stopped, as for a phone call: they are on, and nothing comes. */
  readonly stopped = signal<{ readonly [device in Device]?: true }>({});
  readonly sends: ReadonlySignal<Sends>;
  /** Whether what is behind the person is to be blurred. */
  readonly blurs = signal(false);
  /** The camera's picture with that done, or all of it blurred: `blur/blur.ts` makes it. */
  readonly blurred = signal<MediaStreamTrack | null>(null);
  /** Why more is blurred than was wanted, or nothing shown, until that was read. */
  readonly blurTrouble = signal<BlurTrouble | null>(null);
  /** What of the camera is shown and sent: the bare picture never, where a blurred one is wanted. */
  readonly picture: ReadonlySignal<MediaStreamTrack | null>;

  /** After a reload what was on counts as on until the browser says otherwise. */
  readonly #assumed = signal(false);
  readonly #save: (chosen: Chosen) => void;
  #queue: Promise<void> = Promise.resolve();
  #generation = 0;

  constructor(chosen: Chosen, save: (chosen: Chosen) => void) {
    this.chosen = signal(chosen);
    this.#save = save;
    this.sends = computed(() => {
      const wants = this.wants.value;
      const assumed = this.#assumed.value;
      const stopped = this.stopped.value;
      const isOn = (device: Device) =>
        wants[device] && (assumed || this.#track(device).value !== null) && !stopped[device];
      return {
        microphone: isOn("microphone"),
        camera: isOn("camera"),
        screen: this.screen.value !== null,
      };
    });
    this.picture = computed(() => {
      const camera = this.camera.value;
      return camera === null || !this.blurs.value ? camera : this.blurred.value;
    });
    this.#watch();
  }

  /** Blurs what is behind the person, or shows it again. */
  blur(on: boolean): void {
    batch(() => {
      this.blurTrouble.value = null;
      this.blurs.value = on;
    });
  }

  /**
   * It cannot be done here, or not fast enough. It stays wanted, so that the bare picture is not sent:
   * what is behind the person is shown by nobody's press but theirs.
   */
  cannotBlur(trouble: BlurTrouble): void {
    if (this.blurs.peek()) {
      this.blurTrouble.value = trouble;
    }
  }

  /** What is wanted was on a moment ago, before a reload: it counts as on until it is taken. */
  expect(): void {
    this.#assumed.value = true;
  }

  /** Turns on what is wanted. */
  take(): Promise<void> {
    this.asked.value = true;
    return this.#locked(async () => {
      await this.#capture(DEVICES.filter((device) => this.#isMissing(device)));
      this.#assumed.value = false;
    });
  }

  /** Turns everything off; what is wanted stays as it is. */
  release(): void {
    this.#generation += 1;
    batch(() => {
      this.asked.value = false;
      this.#assumed.value = false;
      this.#letGo([this.microphone, this.camera, this.screen]);
      this.trouble.value = {};
      this.missed.value = {};
      this.stopped.value = {};
    });
  }

  /** Turns on this one alone: the first that the person asks for. */
  takeOnly(device: Device): void {
    this.wants.value = { microphone: device === "microphone", camera: device === "camera" };
    void this.take();
  }

  /** Turns one on or off. */
  want(device: Device, on: boolean): void {
    this.wants.value = { ...this.wants.value, [device]: on };
    const track = this.#track(device).peek();
    const mends = on && this.stopped.peek()[device] === true;
    if (device === "microphone" && track !== null && !mends) {
      // Muting keeps the microphone: opening it again takes no time.
      track.enabled = on;
      return;
    }
    if (!on) {
      this.#drop(device);
    } else if (this.asked.peek()) {
      void this.#locked(() => this.#capture([device]));
    }
  }

  /** Asks again after a refusal or a fault. */
  retry(): void {
    void this.take();
  }

  /** Something may have changed: takes what is wanted and missing, and brings up no prompt again. */
  lookAgain(): void {
    if (!this.asked.peek()) {
      return;
    }
    void this.#locked(async () => {
      const refused = this.trouble.peek();
      await this.#capture(
        DEVICES.filter((device) => this.#isMissing(device) && refused[device] !== "denied"),
      );
      await this.#list();
    });
  }

  /** Uses another device, without a gap in the connection. */
  choose(device: Device | "speaker", id: string): void {
    this.chosen.value = { ...this.chosen.value, [device]: id };
    this.#save(this.chosen.value);
    this.#setMissed(device, false);
    if (device === "speaker") {
      return;
    }
    if (!this.wants.peek()[device]) {
      // A muted microphone goes; the one chosen is taken when it is opened.
      this.#drop(device);
    } else if (this.asked.peek()) {
      void this.#locked(() => this.#capture([device]));
    }
  }

  /** Sound cannot come from this speaker: it comes from whichever the browser takes. */
  speakerFailed(id: string): void {
    const isThere = this.devices.peek().some(({ kind }) => kind === "audiooutput");
    if (this.chosen.peek().speaker === id && isThere) {
      const { speaker: _, ...others } = this.chosen.peek();
      this.chosen.value = others;
      this.#save(others);
      this.#setMissed("speaker", true);
    }
  }

  async startScreen(): Promise<void> {
    const generation = this.#generation;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { max: 15 } },
        audio: false,
      });
      const [track] = stream.getVideoTracks();
      if (track === undefined || generation !== this.#generation) {
        stopAll(stream);
        return;
      }
      track.contentHint = "detail";
      track.addEventListener("ended", () => this.stopScreen());
      batch(() => {
        this.screen.value = track;
        this.#setTrouble("screen", undefined);
      });
    } catch (error) {
      // Closing the browser's own dialogue is an answer, not a fault.
      const trouble = troubleOf(error);
      this.#setTrouble("screen", trouble === "denied" ? undefined : trouble);
    }
  }

  stopScreen(): void {
    this.screen.peek()?.stop();
    this.screen.value = null;
  }

  async #capture(devices: readonly Device[]): Promise<void> {
    if (devices.length === 0) {
      return;
    }
    const generation = this.#generation;
    // Many devices open once only: the old track goes first.
    for (const device of devices) {
      this.#track(device).peek()?.stop();
    }
    this.#setStopped(devices, false);
    this.asking.value = true;
    const captured = await capture(devices, this.chosen.peek());
    batch(() => {
      this.asking.value = false;
      for (const [device, result] of captured) {
        this.#settle(device, result, generation);
      }
    });
    await this.#list();
  }

  #settle(device: Device, result: Captured, generation: number): void {
    if ("trouble" in result) {
      this.#track(device).value = null;
      this.#setTrouble(device, result.trouble);
      return;
    }
    const { track, instead } = result;
    const unwanted = device === "camera" && !this.wants.peek().camera;
    if (generation !== this.#generation || unwanted) {
      track.stop();
      this.#track(device).value = null;
      return;
    }
    track.enabled = this.wants.peek()[device];
    track.addEventListener("ended", () => this.#ended(device, track));
    watchStops(track, (isStopped) => {
      if (this.#track(device).peek() === track) {
        this.#setStopped([device], isStopped);
      }
    });
    this.#track(device).value = track;
    this.#setTrouble(device, undefined);
    this.#setMissed(device, instead === true);
  }

  /** The device is gone, or the browser took it away: any other one will do. */
  #ended(device: Device, track: MediaStreamTrack): void {
    if (this.#track(device).peek() !== track) {
      return;
    }
    this.#track(device).value = null;
    this.#setTrouble(device, "lost");
    if (this.wants.peek()[device]) {
      void this.#locked(() => this.#capture([device]));
    }
  }

  /** Nothing of these is used any more; the devices go off as soon as the page has said so. */
  #letGo(signals: readonly Signal<MediaStreamTrack | null>[]): void {
    const tracks = signals.flatMap((one) => one.peek() ?? []);
    for (const one of signals) {
      one.value = null;
    }
    afterDrawn(() => {
      for (const track of tracks) {
        track.stop();
      }
    });
  }

  #drop(device: Device): void {
    const track = this.#track(device);
    track.peek()?.stop();
    track.value = null;
    this.#setStopped([device], false);
  }

  #isMissing(device: Device): boolean {
    const isHere = this.#track(device).peek() !== null && !this.stopped.peek()[device];
    return this.wants.peek()[device] && !isHere;
  }

  #track(device: Device): Signal<MediaStreamTrack | null> {
    return device === "camera" ? this.camera : this.microphone;
  }

  #setTrouble(device: Device | "screen", trouble: Trouble | undefined): void {
    const { [device]: _, ...others } = this.trouble.peek();
    this.trouble.value = trouble === undefined ? others : { ...others, [device]: trouble };
  }

  #setStopped(devices: readonly Device[], isStopped: boolean): void {
    const before = Object.entries(this.stopped.peek());
    const others = before.filter(([device]) => !devices.some((one) => one === device));
    const now = isStopped ? devices.map((device) => [device, true]) : [];
    this.stopped.value = Object.fromEntries([...others, ...now]);
  }

  #setMissed(device: Device | "speaker", missed: boolean): void {
    const { [device]: _, ...others } = this.missed.peek();
    this.missed.value = missed ? { ...others, [device]: true } : others;
  }

  /** One change of devices at a time. */
  #locked(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(work, work);
    return this.#queue;
  }

  async #list(): Promise<void> {
    this.devices.value = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  }

  /** Looks again when a device is plugged in or a permission changes. */
  #watch(): void {
    navigator.mediaDevices?.addEventListener("devicechange", () => this.lookAgain());
    for (const device of DEVICES) {
      void permissionStatus(device).then((status) =>
        status?.addEventListener("change", () => {
          if (status.state === "granted" && this.asked.peek()) {
            void this.take();
          }
        }),
      );
    }
  }
}

function stopAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.stop();
  }
}
