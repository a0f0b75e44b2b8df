// What the own microphone tells of: speech while it is off, nothing at all, or another device in the room.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app";
import { levelOfEnergy } from "../media/level";
import { type Voice, watchVoice } from "../media/own-voice";
import type { Peer } from "../media/peer";
import { SameRoom } from "../media/same-room";
import type { CallPhase } from "../session/state";

export function VoiceBanners({ phase }: { readonly phase: CallPhase }) {
  const { local, peers } = useApp();
  const voice = useSignal<Voice>(null);
  const beside = useSignal(false);
  const latest = useRef(phase);
  latest.current = phase;
  const track = local.stopped.value.microphone ? null : local.microphone.value;
  const isMuted = !local.wants.value.microphone;
  useEffect(() => {
    voice.value = null;
    beside.value = false;
    if (track === null) {
      return;
    }
    const rooms = new Map<number, SameRoom>();
    return watchVoice(track, isMuted, (now, level) => {
      voice.value = now;
      beside.value = !isMuted && isBeside(latest.current, peers.current.peek(), level, rooms);
    });
  }, [track, isMuted, voice, beside, peers]);
  return (
    <>
      <VoiceBanner voice={voice.value} />
      {beside.value && <SameRoomBanner />}
    </>
  );
}

/**
 * Whether somebody else's device is in this room. Of the two that hear each other one is offered to be
 * silent: whoever has the higher number in the call.
 */
function isBeside(
  { people, you }: CallPhase,
  peer: Peer | null,
  own: number,
  rooms: Map<number, SameRoom>,
): boolean {
  const others = people.filter(({ participant, sends }) => participant < you && sends.microphone);
  for (const known of rooms.keys()) {
    if (!others.some(({ participant }) => participant === known)) {
      rooms.delete(known);
    }
  }
  const heard = others.map(({ participant, slot }) => {
    const room = rooms.get(participant) ?? new SameRoom();
    rooms.set(participant, room);
    const level = slot === undefined ? 0 : (peer?.levelAt(slot) ?? 0);
    return room.take(own, levelOfEnergy(level * level));
  });
  return heard.includes(true);
}

function SameRoomBanner() {
  const { local, sound, text } = useApp();
  return (
    <div class="banner">
      <p role="status">{text("call_echo")}</p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          local.want("microphone", false);
          sound.turnOff();
        }}
      >
        {text("call_echo_mute")}
      </button>
    </div>
  );
}

function VoiceBanner({ voice }: { readonly voice: Voice }) {
  const { text } = useApp();
  switch (voice) {
    case null:
      return null;
    case "silent":
      return (
        <p class="banner" role="status">
          {text("call_microphone_silent")}
        </p>
      );
    case "speaks_muted":
      return (
        <p class="banner" role="status">
          {text("call_speaking_muted")}
        </p>
      );
  }
}
