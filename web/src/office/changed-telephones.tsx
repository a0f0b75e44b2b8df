// Telephone numbers that parents give otherwise than the school's records: the office says which is
// kept (DIR-12).

import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { BusyButton } from "../parts/form";
import { useNames } from "../parts/names";
import { useText } from "../text/context";
import type { ChangedTelephone } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { useOwnTimes } from "./own-times";

type ListProps = {
  readonly telephones: readonly ChangedTelephone[];
  readonly reload: () => Promise<void>;
};

export function ChangedTelephones({ telephones, reload }: ListProps) {
  const text = useText();
  return (
    <section class="section" aria-labelledby="telephones">
      <h2 id="telephones">{text("telephones_title")}</h2>
      <p>{text("telephones_text")}</p>
      <ul class="list">
        {telephones.map((one) => (
          <Item key={one.contact} one={one} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

type Props = { readonly one: ChangedTelephone; readonly reload: () => Promise<void> };

function Item({ one: { contact, name, students, own, school, given }, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const times = useOwnTimes();
  const { replace } = useNavigation();
  const accept = useAct(() => api.decideTelephone(contact, { keep: "own", own, school }));
  const keep = useAct(() => api.decideTelephone(contact, { keep: "school", own, school }));
  const heading = `telephone-${contact}`;
  const done = (telephone: string) => async () => {
    replace("approvals", text("telephones_done", { name, telephone }));
    await reload();
  };
  return (
    <li>
      <h3 id={heading}>{name}</h3>
      {students.length > 0 && <p>{text("telephones_students", { students: names(students) })}</p>}
      <p>{text("telephones_own", { telephone: own, when: times.stamp(given) })}</p>
      <p>{text("telephones_school", { telephone: school })}</p>
      <div class="actions">
        <BusyButton
          kind="primary"
          busy={accept.busy}
          describedBy={heading}
          onPress={() => void accept.run(done(own))}
        >
          {text("telephones_accept")}
        </BusyButton>
        <BusyButton
          kind="secondary"
          busy={keep.busy}
          describedBy={heading}
          onPress={() => void keep.run(done(school))}
        >
          {text("telephones_keep")}
        </BusyButton>
      </div>
      <Trouble problem={accept.problem ?? keep.problem} />
    </li>
  );
}
