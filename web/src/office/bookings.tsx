// Every booking of an evening.

import { useTimes } from "../parts/appointment";
import { GoTo } from "../parts/go-to";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import { useEvening } from "./evening";
import { useMay } from "./may";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function BookingsPage({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const may = useMay();
  const evening = useEvening(id);
  const bookings = useResource(() => api.bookings(id), [id]);
  const times = useTimes(evening.value?.set.time_zone ?? "UTC");
  const back = {
    to: `evenings/${encodeURIComponent(id)}`,
    label: evening.value?.set.name ?? text("back"),
  };
  return (
    <OfficePage name="office-bookings" heading={text("office_bookings_title")} back={back}>
      <p class="print-only">{evening.value?.set.name}</p>
      <p>{text("office_bookings_text")}</p>
      <Loaded of={bookings}>
        {({ bookings: rows }) =>
          rows.length === 0 ? (
            <p>{text("office_bookings_none")}</p>
          ) : (
            <Table
              caption={text("office_bookings_count", { count: rows.length })}
              rows={rows}
              keyOf={({ appointment }) => appointment.id}
              columns={[
                {
                  heading: text("column_time"),
                  names: true,
                  cell: ({ appointment: { starts, ends } }) => times.span(starts, ends),
                },
                { heading: text("column_student"), cell: (row) => row.appointment.student },
                {
                  heading: text("column_parent"),
                  cell: ({ parent, contact }) =>
                    may("evening", id) ? (
                      <GoTo to={`${back.to}/parents/${encodeURIComponent(contact)}`}>{parent}</GoTo>
                    ) : (
                      parent
                    ),
                },
                { heading: text("column_subject"), cell: (row) => row.appointment.subject },
                {
                  heading: text("column_teachers"),
                  cell: (row) => names(row.appointment.teachers),
                },
              ]}
            />
          )
        }
      </Loaded>
    </OfficePage>
  );
}
