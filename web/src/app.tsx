// Puts the session and its adapters together.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Drive, drive } from "./drive";
import { newAttempt } from "./http/ask";
import { askTicket, type Link, lookUpLink, waitForChanges } from "./http/links";
import { watch } from "./http/watch";
import { afterDrawn } from "./media/after-drawn";
import { afterFirstFrame, awaitFirstFrame } from "./media/first-frame";
import { LocalMedia } from "./media/local";
import { Peers } from "./media/peers";
import { playPictures } from "./media/pictures";
import { Sound } from "./media/sound";
import type { Effect } from "./session/effect";
import type { Event } from "./session/event";
import type { Announcement } from "./session/people";
import { readyFor } from "./session/ready";
import { isConnecting, isEarly, mayGoHome, type State, usesDevices } from "./session/state";
import { Sockets } from "./socket/socket";
import { forget, type Kept, keep, keepWritten, kept, keptWritten } from "./storage/kept";
import {
  blurChosen,
  chosenDevices,
  saveChosenDevices,
  shortcutsPreference,
} from "./storage/preferences";
import type { Languages } from "./text/context";
import type { Text } from "./text/text";
import { ownZone } from "./text/times";
import { onWaking } from "./waking";

/** What the pages see. */
export type App = {
  readonly state: ReadonlySignal<State>;
  readonly report: (event: Event) => void;
  readonly text: Text;
  readonly local: LocalMedia;
  readonly peers: Peers;
  readonly sound: Sound;
  readonly shortcuts: Signal<boolean>;
  /** The last things that happened, for the live region. */
  readonly said: ReadonlySignal<readonly Said[]>;
  /** The link in the address of the page, `null` where it has none. */
  readonly link: Link | null;
  /** Asks again what the link is for. */
  readonly lookAgain: () => Promise<void>;
  /** Rises each time something that the link shows has changed. */
  readonly changes: ReadonlySignal<number>;
};

export type Said = { readonly number: number; readonly what: Announcement };

/** How many announcements stay in the live region. */
const SAID = 5;

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) {
    throw new Error("the whole page is drawn inside AppContext");
  }
  return app;
}

/** Presses Join: a new attempt, for this appointment where one is named. */
export function press(app: App, meeting?: string): void {
  const named = meeting === undefined ? {} : { meeting };
  app.report({ type: "pressed", attempt: newAttempt(), ...named });
}

/** Presses "Join without camera": the others hear the person, and see no picture. */
export function pressBare(app: App, meeting?: string): void {
  app.local.want("camera", false);
  press(app, meeting);
}

/** Begins, with the link in the address of the page. */
export function begin(link: Link | null, languages: Languages): App {
  const said = signal<readonly Said[]>([]);
  const local = new LocalMedia(chosenDevices(), saveChosenDevices);
  const report = (event: Event) => driver.report(event);
  const peers = new Peers(report);
  const sockets = new Sockets(report);
  const sound = new Sound();

  const perform = (order: Effect) => {
    switch (order.type) {
      case "look_up_link":
        return link && void lookUpLink(link).then((heard) => report(whetherOver(heard, driver)));
      case "ask_ticket":
        return link && void askTicket(link, order, peers.relay).then(report);
      case "open_socket":
        return sockets.open(order.socket);
      case "close_socket":
        return sockets.close(order.socket);
      case "send":
        return sockets.send(order.socket, order.message);
      case "make_offer":
        return peers.offer(order.peer, order.restart);
      case "apply_answer":
        return peers.answer(order.peer, order.answer);
      case "limit_layers":
        return peers.limitLayers(order.peer, order.layers);
      case "use_relay":
        return peers.relay(order.relay);
      case "close_peer":
        return peers.close(order.peer);
      case "keep_session":
        return link && keep(link.id, keptOf(order, local, peers));
      case "keep_written":
        return link && keepWritten(link.id, order.written);
      case "forget_session":
        peers.relay(null);
        return link && forget(link.id);
      case "ask_way_on":
        return report({ type: "way_on_asked", attempt: newAttempt(), meeting: order.meeting });
      case "stop_screen":
        return local.stopScreen();
      case "go_on":
        return report({ type: "goes_on", attempt: newAttempt(), meeting: order.meeting });
      case "mute":
        return local.want("microphone", false);
      case "take_media":
        return order.yields ? takeAfterOthers(driver, local) : void local.take();
      case "expect_media":
        return local.expect();
      case "release_media":
        return local.release();
      case "load_anew":
        return location.reload();
      case "announce":
        said.value = addSaid(said.peek(), order.what);
        return;
      case "mark":
        return mark(order.name);
    }
  };
  const driver: Drive = drive(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0, perform);
  connect(driver, local, peers, sound);
  blurWhereWanted(local);
  const changes = signal(0);
  const woken = signal(0);
  open(driver, link, { local, peers, sound }, () => {
    changes.value += 1;
    woken.value += 1;
  });
  if (link !== null) {
    watchLink(driver, link, changes, woken);
    keepReady(driver);
    tellReader(driver, link, languages);
  }
  const shortcuts = shortcutsPreference();
  const text: Text = (key, values) => languages.current.value.text(key, values);
  const { state } = driver;
  const lookAgain = async () => {
    const heard = link === null ? null : await lookUpLink(link);
    if (heard?.type === "link_told") {
      report(heard);
    }
  };
  return { state, report, lookAgain, text, local, peers, sound, shortcuts, said, link, changes };
}

function keptOf(
  order: Extract<Effect, { type: "keep_session" }>,
  local: LocalMedia,
  peers: Peers,
): Kept {
  const { id, secret, epoch } = order.held;
  const { meeting } = order;
  const wants = local.wants.peek();
  return { held: { id, secret, epoch }, ...wants, meeting, relay: peers.relayInUse };
}

/** A link that worked, and of which nothing is left long after its evening, was not withdrawn. */
function whetherOver(heard: Event, { state }: Drive): Event {
  const ends = state.peek().view?.evening?.ends;
  const isOver = ends !== undefined && Date.parse(ends) < Date.now();
  return heard.type === "link_refused" && heard.problem.code === "no_such_link" && isOver
    ? { ...heard, problem: { ...heard.problem, code: "evening_over" } }
    : heard;
}

/** What was written in a talk goes with it: nobody reads it afterwards. */
function addSaid(before: readonly Said[], what: Announcement): Said[] {
  const number = (before.at(-1)?.number ?? 0) + 1;
  const isEnd = what.type === "goes_on" || what.type === "over";
  const kept = isEnd ? before.filter(({ what: { type } }) => type !== "written") : before;
  return [...kept, { number, what }].slice(-SAID);
}

/** What blurs is loaded where somebody wants it, and chose it here before. */
function blurWhereWanted(local: LocalMedia): void {
  local.blur(blurChosen());
  let isLoaded = false;
  effect(() => {
    if (!local.blurs.value || isLoaded) {
      return;
    }
    isLoaded = true;
    void import("./blur/blur").then(
      ({ blurPictures }) => blurPictures(local),
      () => {
        // Without it there is no picture; whoever wants it again has it asked for again.
        isLoaded = false;
        local.cannotBlur("impossible");
      },
    );
  });
}

/** Opening devices keeps a slow processor busy while somebody waits for the others' sound and picture. */
function takeAfterOthers({ state }: Drive, local: LocalMedia): void {
  afterFirstFrame(() => {
    if (usesDevices(state.peek().phase)) {
      void local.take();
    }
  });
}

function mark(name: "join-pressed" | "joined"): void {
  performance.mark(name);
  if (name === "join-pressed") {
    awaitFirstFrame();
  }
}

/** Tracks flow to the connection, and what is sent to the session. */
function connect(driver: Drive, local: LocalMedia, peers: Peers, sound: Sound): void {
  // Before anything else: what is held back must not slip out with a new track.
  const early = computed(() => isEarly(driver.state.value));
  effect(() => peers.holdBack(early.value));
  effect(() => peers.send("audio", local.microphone.value));
  effect(() => peers.send("camera", local.picture.value));
  effect(() => peers.send("screen", local.screen.value));
  effect(() => driver.report({ type: "sends_changed", sends: local.sends.value }));
  effect(() => {
    const { speaker } = local.chosen.value;
    // Looked at again with the list: before the browser shows one, it refuses any.
    if (local.devices.value.length > 0) {
      void sound.use(speaker).then((used) => used || local.speakerFailed(speaker ?? ""));
    }
  });
  // Browsers take a tenth of a second to begin to make a sound: they begin with the connection.
  const answered = computed(() => driver.state.value.peer?.answered === true);
  const inCall = computed(() => driver.state.value.phase.type === "call");
  effect(() => sound.play(answered.value ? peers.current.value : null));
  effect(() => sound.hear(inCall.value));
  effect(() => {
    // Browsers let a page that records make a sound: what was held may begin.
    if (local.microphone.value !== null && sound.blocked.peek()) {
      sound.goOn();
    }
  });
}

/**
 * Outside of a call the server is asked what changes; in one it says so by itself. What a moment
 * changes, such as that an appointment can be joined, it tells by its own clock.
 */
function watchLink(
  { state, report }: Drive,
  link: Link,
  changes: Signal<number>,
  woken: ReadonlySignal<number>,
): void {
  const seen = computed(() => {
    const { phase, view } = state.value;
    const waits = phase.type === "join" || (phase.type === "over" && mayGoHome(phase.why));
    const isTold = view?.evening !== undefined || view?.area?.visit !== undefined;
    // Servers that know no evening know of no changes either.
    return waits && isTold ? (view?.seen ?? null) : null;
  });
  // A page that nobody looks at asks only where something is to come that its tab can tell of.
  const awaits = computed(() => {
    const { view } = state.value;
    return (
      view?.area?.visit?.stage === "waiting" ||
      view?.appointments.some(({ phase }) => phase !== "over") === true
    );
  });
  const visible = signal(document.visibilityState === "visible");
  document.addEventListener("visibilitychange", () => {
    visible.value = document.visibilityState === "visible";
  });
  const waits = computed(() => (visible.value || awaits.value) && seen.value !== null);
  effect(() => {
    // After a sleep an open question may be lost without a word: it is asked anew.
    void woken.value;
    if (!waits.value) {
      return;
    }
    const question = (from: string, until: AbortSignal) => waitForChanges(link, from, until);
    const { stop } = watch(question, seen.peek() ?? "", {
      changed: () => {
        changes.value += 1;
        report({ type: "came_back" });
      },
      withdrawn: () => report({ type: "link_withdrawn" }),
      over: () => report({ type: "evening_over" }),
    });
    return stop;
  });
}

/** How long nobody may look at the page before what was made ready is let go. */
const UNLOOKED_MS = 60_000;

/** Makes the press ready while somebody looks at the page with Join on it (SCR-11). */
function keepReady({ state, report }: Drive): void {
  const visible = signal(document.visibilityState === "visible");
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    visible.value = document.visibilityState === "visible";
    clearTimeout(timer);
    if (!visible.value) {
      timer = setTimeout(() => report({ type: "unlooked" }), UNLOOKED_MS);
    }
  });
  const wanted = computed(() => (visible.value ? readyFor(state.value) : undefined));
  effect(() => {
    const meeting = wanted.value;
    if (meeting !== undefined) {
      const named = meeting === null ? {} : { meeting };
      afterDrawn(() => report({ type: "get_ready", attempt: newAttempt(), ...named }));
    }
  });
}

/**
 * Tells the reader's zone and language, for later e-mails, once a person has done something on the
 * page: mail scanners open links too, and run the scripts of what they open. It keeps out of the way of
 * whoever has pressed Join. A language that was chosen on another device is taken over.
 */
function tellReader({ state, report }: Drive, link: Link, languages: Languages): void {
  const { chosen, choose, current } = languages;
  const acted = signal(false);
  const acts = ["click", "keyup", "change"] as const;
  // Behind whatever the act was meant for, so that it is known what that has begun.
  const hear = (event: globalThis.Event) => {
    if (event.isTrusted) {
      for (const act of acts) {
        removeEventListener(act, hear);
      }
      acted.value = true;
    }
  };
  for (const act of acts) {
    addEventListener(act, hear);
  }
  effect(() => {
    const language = state.value.view?.language;
    if (language !== undefined && chosen.peek() === null && language !== current.peek().tag) {
      void choose(language, false);
    }
  });
  let told: string | null = null;
  // One after the other, and the newest alone: what arrives last is kept.
  let telling: Promise<unknown> = Promise.resolve();
  const tell = async (language: string) => {
    if (language === told) {
      const heard = await lookUpLink(link, { time_zone: ownZone(), language });
      if (heard.type === "link_told") {
        report(heard);
      }
    }
  };
  effect(() => {
    const language = chosen.value ?? current.value.tag;
    if (acted.value && !isConnecting(state.value) && language !== told) {
      told = language;
      telling = telling.then(() => tell(language));
    }
  });
}

function open(
  driver: Drive,
  link: Link | null,
  { local, peers, sound }: Pick<App, "local" | "peers" | "sound">,
  woke: () => void,
): void {
  // Another link typed or pasted into the address is another page.
  addEventListener("hashchange", () => location.reload());
  if (link === null) {
    driver.report({ type: "cannot_open", why: "incomplete_link" });
    return;
  }
  const before = kept(link.id);
  if (before !== null) {
    local.wants.value = { microphone: before.microphone, camera: before.camera };
    peers.relay(before.relay ?? null);
  }
  const pressedFor = before?.meeting ?? null;
  driver.report({
    type: "opened",
    kept: before?.held ?? null,
    written: keptWritten(link.id),
    ...(pressedFor === null ? {} : { meeting: pressedFor }),
  });
  addEventListener("online", () => driver.report({ type: "went_online" }));
  onWaking(() => {
    driver.report({ type: "came_back" });
    woke();
    local.lookAgain();
    sound.goOn();
    playPictures();
  });
}
