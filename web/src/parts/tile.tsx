// One person: picture, name, role, and how they are.

import { useApp } from "../app";
import { markFirstFrame } from "../media/first-frame";
import type { Person, Picture } from "../wire/messages";
import { Icon } from "./icon";
import { Video } from "./video";

type Props = {
  readonly person: Person;
  readonly own: boolean;
  readonly speaking: boolean;
  /** Whether this person may mute others. */
  readonly mayMute: boolean;
  /** Their picture does not come because this person's network is too weak for it. */
  readonly paused: boolean;
  /** Nothing comes from them, though they send. */
  readonly interrupted: boolean;
};

/** Whether a picture of somebody is held back. */
export function isPaused(
  paused: readonly Picture[],
  { slot }: Person,
  kind: Picture["kind"],
): boolean {
  return paused.some((one) => one.slot === slot && one.kind === kind);
}

export function Tile({ person, own, speaking, paused, interrupted, mayMute }: Props) {
  const { report, text } = useApp();
  const { name, participant } = person;
  const classes = [
    "tile",
    own && "own",
    speaking && "speaking",
    (person.reconnecting || interrupted) && "away",
  ];
  return (
    <li
      class={classes.filter(Boolean).join(" ")}
      data-participant={person.participant}
      data-slot={person.slot}
    >
      <div class="tile-picture">
        <TilePicture person={person} own={own} paused={paused} />
      </div>
      <div>
        <TileName person={person} own={own} speaking={speaking} />
        {paused && <p class="tile-name tile-state">{text("call_picture_paused")}</p>}
        {mayMute && !own && person.sends.microphone && (
          <button
            type="button"
            class="mute"
            onClick={() => report({ type: "asked", message: { type: "mute", participant } })}
          >
            {text("call_mute", { name })}
          </button>
        )}
        {interrupted && (
          <p class="tile-name tile-state" role="status">
            {text("call_person_interrupted")}
          </p>
        )}
        {person.on_hold === true && (
          <p class="tile-name tile-state">{text("call_person_on_hold")}</p>
        )}
        {person.reconnecting && !own && (
          <p class="tile-name tile-state">{text("call_person_reconnecting")}</p>
        )}
      </div>
    </li>
  );
}

function TilePicture({ person, own, paused }: Omit<Props, "speaking" | "mayMute" | "interrupted">) {
  const { local, peers } = useApp();
  const { name, sends, slot } = person;
  const received = slot === undefined ? null : peers.current.value?.received(slot, "camera");
  const track = own ? local.picture.value : received;
  const initials = (
    <p class="initials" aria-hidden="true">
      {initialsOf(name)}
    </p>
  );
  if (!track || paused || !(own || sends.camera)) {
    return initials;
  }
  // Until the first frame is there, and lies over them.
  return own ? (
    <Video track={track} label={name} mirrored />
  ) : (
    <>
      {initials}
      <Video track={track} label={name} onShown={markFirstFrame} />
    </>
  );
}

function TileName({ person, own, speaking }: Omit<Props, "paused" | "mayMute" | "interrupted">) {
  const { local, text } = useApp();
  const { name, role } = person;
  const sends = own ? local.sends.value : person.sends;
  return (
    <p class="tile-name">
      {!sends.microphone && (
        <span class="muted-mark">
          <Icon name="microphone" off />
          <span class="visually-hidden">{text("call_microphone_off")}</span>
        </span>
      )}
      <bdi class="name">{name}</bdi>
      <span class="role">{own ? text("call_you") : text(`role_${role}`)}</span>
      {!sends.camera && <span class="visually-hidden">{text("call_camera_off")}</span>}
      {speaking && <span class="visually-hidden">{text("call_speaking")}</span>}
    </p>
  );
}

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => /\p{L}/u.exec(word ?? "")?.[0] ?? "")
    .join("");
  return letters.toLocaleUpperCase();
}
