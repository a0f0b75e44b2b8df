// Plays what the others say.

import { signal } from "@preact/signals";
import { afterDrawn } from "./after-drawn";
import { type Peer, SLOTS } from "./peer";

export class Sound {
  /** The browser wants a press before it makes a sound. */
  readonly blocked = signal(false);
  /** The person has turned it off here, where another device in the room makes it. */
  readonly isOff = signal(false);
  #isHeard = false;
  readonly #players = Array.from({ length: SLOTS }, silentPlayer);

  /** Plays the slots of this connection, or nothing. */
  play(peer: Peer | null): void {
    this.blocked.value = false;
    this.#players.forEach((player, slot) => {
      const track = peer?.received(slot, "audio") ?? null;
      if (track === null) {
        const before = player.srcObject;
        afterDrawn(() => {
          if (player.srcObject === before) {
            player.srcObject = null;
          }
        });
      } else {
        player.srcObject = new MediaStream([track]);
        this.#start(player);
      }
    });
  }

  /** Whether it is to be heard: it plays before, for the browser needs a while to begin. */
  hear(isHeard: boolean): void {
    this.blocked.value = false;
    this.#isHeard = isHeard;
    // Each call begins with its sound.
    this.isOff.value = false;
    this.#set(!isHeard);
  }

  /** Nothing is heard here until it is turned on again. */
  turnOff(): void {
    this.isOff.value = true;
    this.#set(true);
  }

  #set(isMuted: boolean): void {
    for (const player of this.#players) {
      player.muted = isMuted;
      // Where nobody has pressed anything the browser stops what becomes loud.
      if (!isMuted && player.srcObject !== null) {
        this.#start(player);
      }
    }
  }

  /** After a press that asks for it. */
  turnOn(): void {
    this.isOff.value = false;
    this.#set(!this.#isHeard);
    this.goOn();
  }

  /** After something that has stopped all players, such as a phone call. */
  goOn(): void {
    this.blocked.value = false;
    for (const player of this.#players) {
      if (player.srcObject !== null) {
        this.#start(player);
      }
    }
  }

  /** Uses this speaker, where the browser lets a page choose; whether it can be used. */
  async use(speaker: string | undefined): Promise<boolean> {
    if (!canChooseSpeaker()) {
      return true;
    }
    const sink = speaker ?? "";
    // One that is gone leaves the sound where it was. Where nothing changes the browser is left in
    // peace: it would make all its sound anew.
    const used = await Promise.allSettled(
      this.#players.filter(({ sinkId }) => sinkId !== sink).map((player) => player.setSinkId(sink)),
    );
    return used.every(({ status }) => status === "fulfilled");
  }

  #start(player: HTMLMediaElement): void {
    player.play().catch((error: unknown) => {
      // What is not heard yet is tried again when it is to be.
      if (!player.muted && error instanceof DOMException && error.name === "NotAllowedError") {
        this.blocked.value = true;
      }
    });
  }
}

/** As video: Chromium lets no muted element of sound alone begin before anything was pressed. */
function silentPlayer(): HTMLVideoElement {
  const player = document.createElement("video");
  player.muted = true;
  player.playsInline = true;
  return player;
}

export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
