// The evening as it runs: who is in which call and who waits. It refreshes itself.

import { useTimes } from "../parts/appointment";
import { useNames } from "../parts/names";
import { PresentList } from "../parts/present";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { LiveCall, LiveView } from "../wire/messages";
import { useEvening } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

const LOOK_EVERY_MS = 2_000;

export function LivePage({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const evening = useEvening(id);
  const live = useResource(() => api.live(id), [id], LOOK_EVERY_MS);
  const zone = evening.value?.set.time_zone ?? "UTC";
  const back = {
    to: `evenings/${encodeURIComponent(id)}`,
    label: evening.value?.set.name ?? text("back"),
  };
  return (
    <OfficePage name="live" heading={text("live_title")} back={back}>
      <Loaded of={live}>{(view) => <Calls view={view} zone={zone} />}</Loaded>
    </OfficePage>
  );
}

type Props = { readonly view: LiveView; readonly zone: string };

function Calls({ view: { now, calls, over, upcoming }, zone }: Props) {
  const text = useText();
  const times = useTimes(zone);
  // Who has said that they are here waits as well as who has pressed Join.
  const waiting = calls.flatMap(({ present }) =>
    present.filter(({ state }) => state === "waiting" || state === "here"),
  );
  return (
    <>
      <p>{text("live_summary", { calls: calls.length, over, upcoming })}</p>
      <p role="status">
        {waiting.length === 0
          ? text("live_nobody_waits")
          : text("live_waiting", { count: waiting.length })}
      </p>
      <ul class="list">
        {calls.map((call) => (
          <Call key={call.appointment.id} call={call} zone={zone} />
        ))}
      </ul>
      <p class="hint">{text("live_as_of", { time: times.stamp(now) })}</p>
    </>
  );
}

function Call({ call, zone }: { readonly call: LiveCall; readonly zone: string }) {
  const text = useText();
  const names = useNames();
  const times = useTimes(zone);
  const { appointment, parent, present, cap } = call;
  const seated = present.filter(
    ({ state }) => state === "seated" || state === "reconnecting",
  ).length;
  return (
    <li>
      <h2>
        {times.span(appointment.starts, appointment.ends)}, {names(appointment.teachers)}
      </h2>
      <p>
        {appointment.subject}, {appointment.student}
      </p>
      <p>{text("live_booked_by", { parent })}</p>
      <p>{text("live_seats", { seated, cap })}</p>
      <PresentList present={present} />
    </li>
  );
}
