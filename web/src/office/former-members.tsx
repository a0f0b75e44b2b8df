// Whoever of the staff has left, until they are erased (DIR-10).

import { useSignal } from "@preact/signals";
import { Email } from "../parts/email";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import type { FormerMember } from "../wire/messages";
import { Erase, EraseButton } from "./erase";
import { useMay } from "./may";
import { useOffice } from "./office";
import { useOwnTimes } from "./own-times";
import { DataLink } from "./their-data";

type Props = {
  readonly left: readonly FormerMember[];
  readonly reload: () => Promise<void>;
};

export function FormerMembers({ left, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const times = useOwnTimes();
  const governs = useMay()("govern");
  const erasing = useSignal<FormerMember | null>(null);
  const said = useSignal("");
  const close = () => {
    erasing.value = null;
  };
  const goes = erasing.value;
  return (
    <>
      <p role="status">{said.value}</p>
      {left.length > 0 && (
        <details>
          <summary>{text("members_left", { count: left.length })}</summary>
          <p>{text("members_left_text")}</p>
          <Table
            caption={text("members_left", { count: left.length })}
            captionHidden
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
                          <EraseButton
                            name={member.name}
                            onPress={() => {
                              erasing.value = member;
                            }}
                          />
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
      {goes !== null && (
        <Erase
          key={goes.id}
          name={goes.name}
          work={() => api.eraseMember(goes.id)}
          onClose={close}
          onErased={async () => {
            close();
            await reload();
            said.value = text("erased", { name: goes.name });
          }}
        >
          <p>{text("member_erase_goes")}</p>
          <p>{text("member_erase_stays", { name: goes.name })}</p>
          <p>{text("member_erase_back")}</p>
        </Erase>
      )}
    </>
  );
}
