// A shared screen, whole and large; where several are shared, which one.

import { useRef } from "preact/hooks";
import { useApp } from "../app";
import type { Person, Picture } from "../wire/messages";
import { FullScreen } from "./full-screen";
import { isPaused } from "./tile";
import { Video } from "./video";

type Props = {
  readonly people: readonly Person[];
  readonly shown: number;
  readonly paused: readonly Picture[];
  readonly onShow: (participant: number) => void;
};

export function ScreenStage({ people, shown, paused, onShow }: Props) {
  const { peers, text } = useApp();
  const figure = useRef<HTMLElement>(null);
  const person = people.find(({ participant }) => participant === shown);
  const slot = person?.slot;
  const track = slot === undefined ? null : peers.current.value?.received(slot, "screen");
  if (person === undefined || !track) {
    return null;
  }
  const label = text("call_screen_of", { name: person.name });
  return (
    <figure ref={figure} class="screen" data-screen={person.participant}>
      <figcaption>
        <span class="whose">{label}</span>
        <FullScreen of={() => figure.current} />
        {people
          .filter(({ participant }) => participant !== shown)
          .map(({ participant, name }) => (
            <button
              key={participant}
              type="button"
              class="secondary"
              onClick={() => onShow(participant)}
            >
              {text("call_show_screen_of", { name })}
            </button>
          ))}
      </figcaption>
      <div class="screen-picture">
        {isPaused(paused, person, "screen") ? (
          <p>{text("call_picture_paused")}</p>
        ) : (
          <Video track={track} label={label} whole />
        )}
      </div>
    </figure>
  );
}
