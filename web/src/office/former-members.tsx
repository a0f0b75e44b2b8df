// Whoever of the staff has left, until they are erased (DIR-10).

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { Email } from "../parts/email";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import type { FormerMember } from "../wire/messages";
import { useMay } from "./may";
import { useOffice } from "./office";
import { useOwnTimes } from "./own-times";
import { DataLink } from "./their-data";

type Props = {
  readonly left: readonly FormerMember[];
  readonly reload: () => Promise<void>;
};

export function FormerMembers({ left, reload }: Props) {
  const text = useText();
  const times = useOwnTimes();
  const governs = useMay()("govern");
  const erasing = useSignal<FormerMember | null>(null);
  const said = useSignal("");
  return (
    <>
      <p role="status">{said.value}</p>
      {left.length > 0 && (
        <details>
          <summary>{text("members_left", { count: left.length })}</summary>
          <p>{text("members_left_text")}</p>
          <Table
            caption={text("members_left", { count: left.length })}
            rows={left}
            keyOf={({ id }) => id}
            columns={[
              { heading: text("column_name"), names: true, cell: ({ name }) => name },
              { heading: text("column_email"), cell: ({ email }) => <Email address={email} /> },
              { heading: text("members_left_since"), cell: (one) => times.stamp(one.left) },
              ...(governs
                ? [
                    {
                      heading: text("member_change"),
                      cell: (member: FormerMember) => (
                        <span class="order">
                          <button
                            type="button"
                            class="secondary"
                            aria-label={text("member_erase_named", { name: member.name })}
                            onClick={() => {
                              erasing.value = member;
                            }}
                          >
                            {text("member_erase")}
                          </button>
                          <DataLink of="members" id={member.id} name={member.name} />
                        </span>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        </details>
      )}
      {erasing.value !== null && (
        <Erase
          key={erasing.value.id}
          member={erasing.value}
          onClose={() => {
            erasing.value = null;
          }}
          onErased={async ({ name }) => {
            erasing.value = null;
            await reload();
            said.value = text("member_erased", { name });
          }}
        />
      )}
    </>
  );
}

type EraseProps = {
  readonly member: FormerMember;
  readonly onClose: () => void;
  readonly onErased: (member: FormerMember) => Promise<void>;
};

function Erase({ member, onClose, onErased }: EraseProps) {
  const { api } = useOffice();
  const text = useText();
  const { name } = member;
  const act = useAct(() => api.eraseMember(member.id));
  return (
    <Confirm
      title={text("member_erase_title", { name })}
      action={text("member_erase")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(() => onErased(member))}
    >
      <p>{text("member_erase_goes")}</p>
      <p>{text("member_erase_stays", { name })}</p>
      <p>{text("member_erase_back")}</p>
    </Confirm>
  );
}
