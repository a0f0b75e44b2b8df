// What the own microphone gives: somebody who speaks while it is off, or nothing at all while it is on.

import { watchLevel } from "./level";

export type Voice = "speaks_muted" | "silent" | null;

/** On the scale of the meter: a voice is above this, and a microphone that hears anything above that. */
const SPEAKS = 0.35;
const HEARS = 0.001;
/** How many of the last looks must be speech, of how many. */
const SPOKEN = 6;
const LOOKS = 20;
/** How long an open microphone may give nothing from its beginning on. */
const SILENT_MS = 4_000;

/** Judges the levels of one microphone, one look after another. */
export class OwnVoice {
  readonly #isMuted: boolean;
  #began: number | null = null;
  #recent: boolean[] = [];
  #hasHeard = false;

  constructor(isMuted: boolean) {
    this.#isMuted = isMuted;
  }

  take(level: number, now: number): Voice {
    this.#began ??= now;
    this.#hasHeard ||= level > HEARS;
    this.#recent = [...this.#recent, level > SPEAKS].slice(-LOOKS);
    if (this.#isMuted) {
      return this.#recent.filter(Boolean).length >= SPOKEN ? "speaks_muted" : null;
    }
    return !this.#hasHeard && now - this.#began >= SILENT_MS ? "silent" : null;
  }
}

/** Follows `track`, and tells its level too: muted, what it would give is listened to here alone. */
export function watchVoice(
  track: MediaStreamTrack,
  isMuted: boolean,
  tell: (voice: Voice, level: number) => void,
): () => void {
  const heard = isMuted ? track.clone() : track;
  heard.enabled = true;
  const voice = new OwnVoice(isMuted);
  const stop = watchLevel(heard, (level) => tell(voice.take(level, performance.now()), level));
  return () => {
    stop();
    if (isMuted) {
      heard.stop();
    }
  };
}
