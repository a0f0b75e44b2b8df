// Meeting rooms, as the office makes them (ROOM-6).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Checkboxes } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Member, OfficeRoom } from "../wire/messages";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function RoomsPage() {
  const { api } = useOffice();
  const text = useText();
  const rooms = useResource(() => api.rooms(), [api]);
  return (
    <OfficePage name="rooms" heading={text("office_rooms")}>
      <p>{text("rooms_text")}</p>
      <p class="actions">
        <GoTo to="rooms/new" class="button primary">
          {text("room_new")}
        </GoTo>
        <GoTo to="rooms/members/new" class="button secondary">
          {text("member_new")}
        </GoTo>
      </p>
      <Loaded of={rooms}>
        {({ rooms: all, texts_sent: sent, texts_a_day: most }) => (
          <>
            <p>{text("rooms_texts", { sent, most })}</p>
            {all.length === 0 ? <p>{text("rooms_none")}</p> : <RoomsTable all={all} />}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

function RoomsTable({ all }: { readonly all: readonly OfficeRoom[] }) {
  const text = useText();
  return (
    <Table
      caption={text("rooms_count", { count: all.length })}
      rows={all}
      keyOf={({ id }) => id}
      columns={[
        {
          heading: text("column_name"),
          names: true,
          cell: ({ id, name }) => <GoTo to={`rooms/${encodeURIComponent(id)}`}>{name}</GoTo>,
        },
        {
          heading: text("rooms_members"),
          cell: ({ members }) => String(members.length),
        },
      ]}
    />
  );
}

export function RoomPage({ id }: { readonly id: string | null }) {
  const { api } = useOffice();
  const text = useText();
  const rooms = useResource(() => api.rooms(), [api]);
  const members = useResource(() => api.members(), [api]);
  return (
    <OfficePage
      name="room"
      heading={text(id === null ? "room_new" : "room_edit")}
      back={{ to: "rooms", label: text("office_rooms") }}
    >
      <Loaded of={rooms}>
        {({ rooms: all }) => (
          <Loaded of={members}>
            {({ members: staff }) => (
              <RoomForm id={id} room={all.find((room) => room.id === id)} staff={staff} />
            )}
          </Loaded>
        )}
      </Loaded>
    </OfficePage>
  );
}

type Props = {
  readonly id: string | null;
  readonly room: OfficeRoom | undefined;
  readonly staff: readonly Member[];
};

type Values = {
  readonly name: string;
  readonly kept: boolean;
  readonly members: readonly string[];
};

function RoomForm({ id, room, staff }: Props) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const form = useForm<Values, OfficeRoom>({
    initial: { name: room?.name ?? "", kept: room?.kept ?? false, members: room?.members ?? [] },
    check: ({ name, members }) => ({
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
      ...(members.length === 0 ? { members: text("room_members_missing") } : {}),
    }),
    send: ({ name, kept, members }) =>
      api.saveRoom(id, { name: name.trim(), kept, members: [...members] }),
    done: ({ name }) => go("rooms", text("saved", { name })),
  });
  return (
    <>
      <FormView form={form} action={text("save")}>
        <TextField
          form={form}
          name="name"
          label={text("column_name")}
          hint={text("room_name_hint")}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={form.values.kept}
            onChange={({ currentTarget }) => form.set("kept", currentTarget.checked)}
          />
          {text("room_kept")}
        </label>
        <Checkboxes
          name="members"
          legend={text("rooms_members")}
          hint={text("room_members_hint")}
          chosen={form.values.members}
          onChange={(members) => form.set("members", members)}
          choices={staff.map(({ id: value, name, email }) => ({ value, label: name, hint: email }))}
        />
      </FormView>
      {room !== undefined && <RoomLink room={room} />}
    </>
  );
}

/** The room's link, and another in its place. */
function RoomLink({ room }: { readonly room: OfficeRoom }) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.renewRoomLink(room.id));
  const turn = (to: boolean) => () => {
    asking.value = to;
  };
  return (
    <section aria-labelledby="room-link">
      <h2 id="room-link">{text("room_link")}</h2>
      <p>{text("room_link_text")}</p>
      <p class="address">{room.url}</p>
      <button type="button" class="secondary" onClick={turn(true)}>
        {text("room_link_renew")}
      </button>
      {asking.value && (
        <Confirm
          title={text("room_link_renew_ask", { name: room.name })}
          action={text("room_link_renew")}
          busy={act.busy}
          problem={act.problem}
          onClose={turn(false)}
          onConfirm={() => void act.run(() => go("rooms", text("room_link_renewed")))}
        />
      )}
    </section>
  );
}
