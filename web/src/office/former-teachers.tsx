// Teachers who have left: they can be taken back, until they are erased (DIR-10).

import { useSignal } from "@preact/signals";
import { useAct } from "../parts/act";
import { Email } from "../parts/email";
import { BusyButton } from "../parts/form";
import { Table } from "../parts/table";
import { useText } from "../text/context";
import type { Teacher, Teachers } from "../wire/messages";
import { Erase, EraseButton } from "./erase";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { DataLink } from "./their-data";

type Props = {
  readonly left: readonly Teacher[];
  readonly set: (teachers: Teachers) => void;
  readonly reload: () => Promise<void>;
};

/** Whom a list no longer named, or somebody removed. */
export function FormerTeachers({ left, set, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const said = useSignal("");
  const wanted = useSignal<Teacher | null>(null);
  const erasing = useSignal<Teacher | null>(null);
  const act = useAct(() => api.teacherBack(wanted.value?.id ?? ""));
  const back = (teacher: Teacher) => () => {
    wanted.value = teacher;
    void act.run((now) => {
      set(now);
      said.value = text("has_left_undone", { name: teacher.name });
    });
  };
  const close = () => {
    erasing.value = null;
  };
  const goes = erasing.value;
  return (
    <>
      <p role="status">{said.value}</p>
      {left.length > 0 && (
        <details>
          <summary>{text("teachers_left", { count: left.length })}</summary>
          <p>{text("teachers_left_text")}</p>
          <Table
            caption={text("teachers_left", { count: left.length })}
            captionHidden
            rows={left}
            keyOf={({ id }) => id}
            columns={[
              { heading: text("column_name"), names: true, cell: ({ name }) => name },
              {
                heading: text("column_email"),
                cell: ({ email }) =>
                  email === "" ? text("column_no_email") : <Email address={email} />,
              },
              {
                heading: text("member_change"),
                cell: (teacher) => (
                  <span class="order">
                    <BusyButton kind="secondary" busy={act.busy} onPress={back(teacher)}>
                      {text("teacher_back")} <span class="visually-hidden">{teacher.name}</span>
                    </BusyButton>
                    <EraseButton
                      name={teacher.name}
                      onPress={() => {
                        erasing.value = teacher;
                      }}
                    />
                    <DataLink of="teachers" id={teacher.id} name={teacher.name} />
                  </span>
                ),
              },
            ]}
          />
        </details>
      )}
      <Trouble problem={act.problem} />
      {goes !== null && (
        <Erase
          key={goes.id}
          name={goes.name}
          work={() => api.eraseTeacher(goes.id)}
          onClose={close}
          onErased={async () => {
            close();
            await reload();
            said.value = text("erased", { name: goes.name });
          }}
        >
          <p>{text("teacher_erase_text")}</p>
        </Erase>
      )}
    </>
  );
}
