// Guests of meeting rooms and calls, and callers of waiting areas: found by name, and erased (DIR-10).

import { useSignal } from "@preact/signals";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { CameBy } from "../wire/messages";
import { Delete } from "./delete";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { useOwnTimes } from "./own-times";
import { Search } from "./search";
import { DataLink } from "./their-data";

export function VisitsPage() {
  const { api } = useOffice();
  const text = useText();
  const wanted = useSignal("");
  const found = useResource(() => api.visits(wanted.value), [api, wanted.value]);
  return (
    <OfficePage name="visits" heading={text("visits_title")}>
      <p>{text("visits_text")}</p>
      <Search
        label={text("visits_search")}
        onSearch={(words) => {
          wanted.value = words;
        }}
      />
      <Loaded of={found}>
        {({ visits }) =>
          visits.length === 0 ? (
            <p>{text("visits_none")}</p>
          ) : (
            <ul class="list">
              {visits.map((one) => (
                <Visit key={one.id} visit={one} reload={found.reload} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </OfficePage>
  );
}

type Props = { readonly visit: CameBy; readonly reload: () => Promise<void> };

function Visit({ visit: { id, name, place, came }, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const times = useOwnTimes();
  const heading = `visit-${id}`;
  return (
    <li>
      <h2 id={heading}>{name}</h2>
      <p>
        {place}, {times.stamp(came)}
      </p>
      <p>
        <DataLink of="visits" id={id} name={name} />
      </p>
      <Delete
        name={name}
        describedBy={heading}
        erases
        action={text("contact_erase")}
        warning={text("visit_erase_text")}
        work={async () => {
          const answer = await api.eraseVisit(id);
          await reload();
          return answer;
        }}
        afterwards="visits"
      />
    </li>
  );
}
