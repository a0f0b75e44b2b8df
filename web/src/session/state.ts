// What the page knows of its session. Plain data: no socket, no clock, no device.

import type {
  CallInfo,
  Knocker,
  LinkView,
  Person,
  Picture,
  Power,
  Sends,
  Session,
  Shown,
} from "../wire/messages";

/** Everything, at one moment. */
export type State = {
  readonly phase: Phase;
  /** The socket, in the phases that need one; `none` in all others. */
  readonly line: Line;
  /** The peer connection, prepared before Join is pressed. */
  readonly peer: Peer | null;
  /** Whose link it is, once the server has said so. */
  readonly view: LinkView | null;
  /** The appointment that Join was pressed for, where one was named. */
  readonly meeting: string | null;
  /** The appointment that the page goes on to by itself, once it can be joined. */
  readonly goesOn: string | null;
  /** What is made ready before the press. */
  readonly ready: Ready;
  /** The way on to what comes next with the connection of this talk, `null` for none. */
  readonly next: Next | null;
  /** What this person sends. */
  readonly sends: Sends;
  /** What the server was last told of it, `null` where it must be told again. */
  readonly told: Sends | null;
  /** How large the page shows what it receives, by slot. */
  readonly shown: readonly Shown[];
  /** What the server was last told of that, `null` where it must be told again. */
  readonly shownTold: readonly Shown[] | null;
  /** When to tell it again after the server dropped a message, milliseconds. */
  readonly tellAgainAt: number | null;
  /** How many sockets, peer connections and ticket requests there were: each has its number. */
  readonly sockets: number;
  readonly peers: number;
  readonly asks: number;
  /** The state of the random numbers for the jitter. */
  readonly seed: number;
};

/** Where the person is. */
export type Phase =
  | {
      /** The link is being looked up. */
      readonly type: "opening";
      readonly notice: JoinNotice | null;
      readonly tries: number;
      /** Why the last look failed, and when to look again. */
      readonly trouble: LookTrouble | null;
      readonly until: number | null;
    }
  | { readonly type: "join"; readonly notice: JoinNotice | null }
  | {
      readonly type: "joining";
      readonly attempt: string;
      readonly ticket: Ticket;
      /** The ground rules that stood beside the Join that was pressed, `null` for none (SCR-15). */
      readonly accepts: number | null;
    }
  | {
      /** After a reload: the session continues, and nothing has been heard yet. */
      readonly type: "resuming";
      readonly held: Held;
      /** What was written before it. */
      readonly written: readonly Written[];
    }
  | {
      readonly type: "queued";
      readonly held: Session;
      readonly call: CallInfo;
      readonly place: number;
      readonly active: number;
      /** Whether somebody is to let this person in first. */
      readonly knocks: boolean;
      /** By when a member must come, in milliseconds of this page's own clock. */
      readonly countdown: number | null;
    }
  | CallPhase
  | { readonly type: "over"; readonly why: Over };

/** In the call. */
export type CallPhase = {
  readonly type: "call";
  readonly held: Session;
  readonly call: CallInfo;
  readonly you: number;
  /** What this person may do that not everybody may. */
  readonly powers: readonly Power[];
  /** Who muted this person last, until it was read. */
  readonly mutedBy: string | null;
  readonly people: readonly Person[];
  readonly speaking: readonly number[];
  /** Who shares a screen, the first to begin first. */
  readonly screens: readonly number[];
  /** The pictures that do not come because the network is too weak. */
  readonly paused: readonly Picture[];
  /** The participant whose link goes back and forth between devices. */
  readonly contested: number | null;
  /** `null` where the talk has no hours. */
  readonly clock: TalkClock | null;
  /** Who knocks, for those who may let them in. */
  readonly knocking: readonly Knocker[];
  /** By when a member must come, in milliseconds of this page's own clock; `null` where one is here. */
  readonly countdown: number | null;
  /** Whether the page came here by itself, from the talk before. */
  readonly cameOn: boolean;
  /** What was written since this tab came in; nobody else keeps it. */
  readonly written: readonly Written[];
  /** The own line that the others do not have yet. */
  readonly writing: Writing | null;
  /** When something else was asked of the server last, until its refusal came. */
  readonly askedAt: number | null;
  /** Why that was not done, until it was read. */
  readonly undone: Undone | null;
};

/** A line that was sent; `why` says why it did not arrive, `null` while that is not known. */
export type Writing = {
  readonly text: string;
  readonly why: "offline" | "too_fast" | "bad_text" | "not_seated" | null;
};

/** Why what was pressed was not done. */
export type Undone = "offline" | "too_fast" | "not_allowed" | "no_room";

/** The clock of the talk, in milliseconds of this page's own clock. */
export type TalkClock = {
  /** `null` once it has begun. */
  readonly beginsAt: number | null;
  readonly endsAt: number;
  readonly mayBeLonger: boolean;
  /** The warning told last, `null` for none. */
  readonly warned: number | null;
};

/** Something said in writing. */
export type Written = {
  readonly number: number;
  readonly participant: number;
  readonly name: string;
  readonly text: string;
};

/** What continues a session. */
export type Held = Pick<Session, "id" | "secret" | "epoch">;

/** Why a link could not be looked up. */
export type LookTrouble = "unreachable" | "unavailable" | "too_many";

/** Why the person is on the join page again, or must wait there. */
export type JoinNotice =
  | { readonly type: "gone" }
  | { readonly type: "took_too_long" }
  | { readonly type: "unavailable" }
  /** This browser has nothing that calls are made with, or has it turned off. */
  | { readonly type: "cannot_call" }
  /** The appointment cannot be joined yet; no more; or it is not there any more. */
  | { readonly type: "too_early" | "too_late" | "not_here" }
  /** The ground rules are to be read first. */
  | { readonly type: "rules" }
  | { readonly type: "wait"; readonly why: "swapped" | "too_many"; readonly until: number };

/**
 * Why it is over. Only a press leaves this, and only where `mayPress` says so; but whoever waits again in a
 * waiting area, or whose visit was ended, is on the page that says so.
 */
export type Over =
  | "replaced"
  | "withdrawn"
  | "evening_over"
  | "visit_over"
  | "disconnected"
  | "turned_away"
  | "nobody_came"
  | "stopped"
  | "left"
  | "stopped_waiting"
  | "ended"
  | "time_up"
  | "no_such_link"
  | "incomplete_link"
  | "unsupported"
  | "failed";

export type Ticket =
  | { readonly type: "needed" }
  | { readonly type: "asked"; readonly ask: number }
  | { readonly type: "held"; readonly ticket: string };

/** The way to being connected before the press; `tries` counts those in vain. */
export type Ready =
  /** Not now: `until` says when it may be tried again, `null` for at once. */
  | { readonly type: "none"; readonly tries: number; readonly until: number | null }
  | (Readying & { readonly type: "asked"; readonly ask: number })
  | (Readying & { readonly type: "held"; readonly ticket: string })
  /** The server is ready; the connection has until then to come about. */
  | (Readying & { readonly type: "done"; readonly until: number });

/** The server is told shortly before the end of a talk where this page goes on to. */
export type Next = {
  readonly meeting: string;
  /** The press that it is for. */
  readonly attempt: string;
} & (
  | { readonly type: "asked"; readonly ask: number }
  /** The server knows: at the end the press is one message. */
  | { readonly type: "told" }
);

type Readying = {
  /** The press that it is made ready for. */
  readonly attempt: string;
  readonly meeting: string | null;
  readonly tries: number;
};

/** The socket. `failures` counts those since it last held for a while. */
export type Line =
  | { readonly type: "none" }
  | { readonly type: "waiting"; readonly failures: number; readonly until: number }
  | {
      /** Being opened; open and not yet greeted; or greeted and not yet answered. */
      readonly type: "opening" | "open" | "greeted";
      readonly socket: number;
      readonly failures: number;
      /** When to give this socket up. */
      readonly until: number;
    }
  | {
      readonly type: "live";
      readonly socket: number;
      readonly failures: number;
      readonly since: number;
      readonly beat: Beat;
    };

/** The heartbeat of a live socket. */
export type Beat = {
  /** The last ping sent. */
  readonly n: number;
  /** How many pings were sent since the last pong. */
  readonly unanswered: number;
  readonly everyMs: number;
  readonly nextAt: number;
  /** By when the socket must prove that it lives, where that is in doubt. */
  readonly proveBy: number | null;
};

/** The peer connection. */
export type Peer = {
  readonly id: number;
  /** Its offer, once made. */
  readonly offer: string | null;
  /** Whether an answer to its first offer was applied. */
  readonly answered: boolean;
  readonly health: PeerHealth;
  readonly repair: Repair;
};

/** `RTCPeerConnectionState`, less `closed`. */
export type PeerHealth = "new" | "connecting" | "connected" | "disconnected" | "failed";

/** The way back to a connected peer connection. */
export type Repair =
  | { readonly type: "none" }
  | {
      /** Waits for this pong, which shows that signaling lives. */
      readonly type: "proving";
      readonly n: number;
    }
  | {
      /** The offer is being made; was sent; or was answered and must now connect. */
      readonly type: "offering" | "asking" | "checking";
      readonly how: "restart" | "fresh";
      readonly until: number;
    };

/** Whether camera and microphone belong to this phase, on a page that shows them or not. */
export function usesDevices({ type }: Phase): boolean {
  return type === "joining" || type === "resuming" || type === "queued" || type === "call";
}

/** Whether the person has pressed Join and waits for sound and picture: all else may wait too. */
export function isConnecting({ phase, peer }: State): boolean {
  const connects = peer?.health === "new" || peer?.health === "connecting";
  return phase.type === "joining" || (phase.type === "call" && connects);
}

/** Whether a member put this person on hold: then there is no connection to look after. */
export function isOnHold({ phase }: State): boolean {
  return (
    phase.type === "call" &&
    phase.people.some((one) => one.participant === phase.you && one.on_hold === true)
  );
}

/** Whether the connection is there and the seat is not: nothing is sent yet. */
export function isEarly({ phase, peer }: State): boolean {
  return phase.type !== "call" && peer?.answered === true;
}

/** Whether the press found everything ready, and the server has it: the call is a moment away. */
export function isEntering({ phase, line, peer }: State): boolean {
  return phase.type === "joining" && line.type === "greeted" && peer?.answered === true;
}

/** Whether a press starts anew from here. */
export function mayPress(why: Over): boolean {
  switch (why) {
    case "replaced":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "left":
    case "stopped_waiting":
      return true;
    case "withdrawn":
    case "evening_over":
    case "visit_over":
    case "ended":
    case "stopped":
    case "time_up":
    case "no_such_link":
    case "incomplete_link":
    case "unsupported":
    case "failed":
      return false;
  }
}

/** Whether the link still leads to its first page from here: always, but where it is dead. */
export function mayGoHome(why: Over): boolean {
  switch (why) {
    case "replaced":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "left":
    case "stopped_waiting":
    case "ended":
    case "stopped":
    case "time_up":
    case "unsupported":
    case "failed":
      return true;
    case "withdrawn":
    case "evening_over":
    case "visit_over":
    case "no_such_link":
    case "incomplete_link":
      return false;
  }
}
