// The slots of a class, to choose one of.

import { useEffect, useRef } from "preact/hooks";
import { useReadersTimes } from "../../parts/appointment";
import { Radios } from "../../parts/choices";
import { type Resource, useEvery, useResource } from "../../parts/resource";
import type { SlotState, SlotsView, SlotView } from "../../wire/messages";
import { useFamily } from "./family";

/** How often it is looked whether a talk is over that goes on into one of them: that is other people's, and nobody tells. */
const LOOK_MS = 10_000;

export function useSlots(): Resource<SlotsView> {
  const { api, view } = useFamily();
  const slots = useResource(() => api.slots(), [api]);
  const first = useRef(view);
  // Somebody has taken one, or its time has passed: what was chosen and typed stays.
  useEffect(() => {
    if (view !== first.current) {
      first.current = view;
      void slots.reload();
    }
  }, [view]);
  const goesOn = slots.value?.slots.some((one) =>
    one.slots.some(({ state }) => state === "talk_goes_on"),
  );
  useEvery(goesOn ? LOOK_MS : undefined, slots.reload);
  return slots;
}

export function slotsOf(
  { slots }: SlotsView,
  student: string,
  subject: string,
): readonly SlotView[] {
  const found = slots.find((one) => one.student === student && one.class === subject);
  return found?.slots ?? [];
}

/** Whether a refusal is about the time that was chosen. */
export function isAboutTime(code: string): boolean {
  return ["slot_taken", "parent_busy", "slot_over", "no_such_slot"].includes(code);
}

/** Whether there is anything to choose among. */
export function hasFree(slots: readonly SlotView[]): boolean {
  return slots.some(({ state }) => state === "free");
}

type Props = {
  readonly slots: readonly SlotView[];
  readonly legend: string;
  /** What is said where none is free. */
  readonly none: string;
  readonly chosen: string;
  readonly onChange: (starts: string) => void;
};

/** Those that can be had, and beside them those in which this parent has something else, or a talk goes on. */
export function SlotChoice({ slots, legend, none, chosen, onChange }: Props) {
  const { view, say } = useFamily();
  const times = useReadersTimes(view.evening.time_zone);
  if (!hasFree(slots)) {
    return <p class="note">{none}</p>;
  }
  const shown = slots.filter(({ state }) => isShown(state));
  return (
    <Radios
      name="starts"
      many
      legend={legend}
      chosen={chosen}
      onChange={onChange}
      choices={shown.map(({ starts, ends, state }) => ({
        value: starts,
        label: times.span(starts, ends),
        disabled: state !== "free",
        hint: isHinted(state) ? say(`slots_${state}`) : undefined,
      }))}
    />
  );
}

/** Why one of those that are shown cannot be had. */
function isHinted(state: SlotState) {
  return state === "clash" || state === "yours" || state === "talk_goes_on";
}

function isShown(state: SlotState): boolean {
  switch (state) {
    case "free":
    case "clash":
    case "yours":
    case "talk_goes_on":
      return true;
    case "taken":
    case "past":
    case "unknown":
      return false;
  }
}
