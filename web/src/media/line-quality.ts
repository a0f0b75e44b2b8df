// How good the way to the media server is, by what the browser's own checks of the connection find: a STUN
// check on the pair in use every few moments (RFC 8445 §11, RFC 7675), with nothing else on it.

/** How sound and picture go. */
export type Way = "straight" | "tcp" | "relay";

/** What had been checked at one moment, in all. */
export type Checks = {
  readonly sent: number;
  readonly answered: number;
  /** Of the last that was answered, milliseconds; `null` where this browser does not say. */
  readonly roundTripMs: number | null;
  readonly way: Way;
};

/** In the order of how much they hinder. */
export type Quality =
  | { readonly type: "lossy" }
  | { readonly type: "slow"; readonly ms: number }
  | { readonly type: "longer" }
  | { readonly type: "good" };

/** From here on people talk into each other. */
const SLOW_MS = 300;

/** A check may be on its way at either end, and one alone says nothing. */
const MOST_UNANSWERED = 2;

type Entry = Readonly<Record<string, unknown>>;

/** What the statistics say of the pair in use; `null` where there is none, or they do not say. */
export function checksOf(entries: readonly RTCStats[]): Checks | null {
  const byId = new Map(entries.map((entry) => [entry.id, entry as unknown as Entry]));
  const all = [...byId.values()];
  const transport = all.find(({ type }) => type === "transport");
  const selected = byId.get(String(transport?.["selectedCandidatePairId"]));
  // A browser that names no transport says it of the pair.
  const pair = selected ?? all.find((it) => it["type"] === "candidate-pair" && isInUse(it));
  if (pair === undefined) {
    return null;
  }
  const seconds = pair["currentRoundTripTime"];
  return {
    sent: count(pair["requestsSent"]) + count(pair["consentRequestsSent"]),
    answered: count(pair["responsesReceived"]),
    roundTripMs: typeof seconds === "number" ? seconds * 1000 : null,
    way: wayOf(byId.get(String(pair["localCandidateId"]))),
  };
}

const isInUse = (pair: Entry) => pair["nominated"] === true && pair["state"] === "succeeded";

const count = (value: unknown) => (typeof value === "number" ? value : 0);

function wayOf(local: Entry | undefined): Way {
  if (local?.["candidateType"] === "relay") {
    return "relay";
  }
  return local?.["protocol"] === "tcp" ? "tcp" : "straight";
}

/** What they say together, the first and the last of some seconds; `null` where they say nothing. */
export function qualityOf(all: readonly Checks[]): Quality | null {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    return null;
  }
  const unanswered = last.sent - first.sent - (last.answered - first.answered);
  if (unanswered >= MOST_UNANSWERED) {
    return { type: "lossy" };
  }
  const trips = all.flatMap(({ roundTripMs }) => (roundTripMs === null ? [] : [roundTripMs]));
  if (trips.length === 0) {
    return last.way === "straight" ? null : { type: "longer" };
  }
  const ms = trips.reduce((sum, one) => sum + one, 0) / trips.length;
  if (ms >= SLOW_MS) {
    // Nobody needs it more exactly, and it does not flicker.
    return { type: "slow", ms: Math.round(ms / 100) * 100 };
  }
  return { type: last.way === "straight" ? "good" : "longer" };
}

/** The first and the last of what is looked at are five seconds apart, at one look a second. */
const LOOKS = 6;

/**
 * What is said of a connection over a time: another word only once another is true, and only of what was
 * seen since the last was said, so that nobody is told again and again.
 */
export class LineWatch {
  #seen: readonly Checks[] = [];
  #said: Quality | null = null;

  /** What is to be said after one more look. */
  look(checks: Checks): Quality | null {
    this.#seen = [...this.#seen, checks].slice(-LOOKS);
    if (this.#seen.length < LOOKS) {
      return this.#said;
    }
    const found = qualityOf(this.#seen);
    if (found?.type !== this.#said?.type) {
      this.#said = found;
      this.#seen = [];
    }
    return this.#said;
  }
}
