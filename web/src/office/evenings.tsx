// The evenings, the newest first.

import { useTimes } from "../parts/appointment";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { Evening } from "../wire/messages";
import { BookingTag } from "./booking-tag";
import { useMay } from "./may";
import { NoticeList } from "./notice-list";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function EveningsPage() {
  const { api } = useOffice();
  const text = useText();
  const may = useMay();
  const evenings = useResource(() => api.evenings(), [api]);
  return (
    <OfficePage name="evenings" heading={text("office_evenings")}>
      {may("run") && (
        <>
          <NoticeList />
          <p>
            <GoTo to="evenings/new" class="button primary">
              {text("evening_new")}
            </GoTo>
          </p>
        </>
      )}
      <Loaded of={evenings}>
        {({ evenings: list }) =>
          list.length === 0 ? (
            may("run") ? (
              <FirstSteps />
            ) : (
              <p>{text("evenings_none")}</p>
            )
          ) : (
            <ul class="list">
              {list.map((evening) => (
                <Item key={evening.id} evening={evening} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </OfficePage>
  );
}

/** What to do on the first day, in order. */
function FirstSteps() {
  const text = useText();
  return (
    <section class="section" aria-labelledby="first-steps">
      <h2 id="first-steps">{text("first_title")}</h2>
      <ol class="steps">
        <li>
          <GoTo to="teachers">{text("first_teachers")}</GoTo>
        </li>
        <li>
          <GoTo to="classes">{text("first_classes")}</GoTo>
        </li>
        <li>
          <GoTo to="import">{text("first_import")}</GoTo>
        </li>
        <li>
          <GoTo to="evenings/new">{text("first_evening")}</GoTo>
        </li>
      </ol>
    </section>
  );
}

function Item({ evening }: { readonly evening: Evening }) {
  const text = useText();
  const { id, set, starts, ends, booking, booked } = evening;
  const times = useTimes(set.time_zone);
  return (
    <li>
      <h2>
        <GoTo to={`evenings/${encodeURIComponent(id)}`}>{set.name}</GoTo>
      </h2>
      <p>
        {times.date(starts)}, {times.span(starts, ends)}
      </p>
      <p>
        <BookingTag booking={booking} /> {text("evening_booked", { count: booked })}
      </p>
    </li>
  );
}
