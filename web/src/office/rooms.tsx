// Meeting rooms, as the office makes them (ROOM-6).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Checkboxes } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { BusyButton, FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { Member, OfficeRoom } from "../wire/messages";
import { Trouble } from "./evening";
import { differences, MeanwhileNote, of, oneOf, otherPeople, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import {
  changedInHours,
  HoursFields,
  type HoursTyped,
  hoursFirst,
  hoursMissing,
  hoursOf,
  PlaceLink,
  PlacePage,
  StaffBoxes,
  useNamed,
} from "./places";

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
        <GoTo to="rooms/members" class="button secondary">
          {text("members_title")}
        </GoTo>
        <GoTo to="visits" class="button secondary">
          {text("visits_title")}
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
        {
          heading: text("rooms_state"),
          cell: ({ closed }) => text(closed === true ? "rooms_closed" : "rooms_open"),
        },
      ]}
    />
  );
}

export function RoomPage({ id }: { readonly id: string | null }) {
  const { api } = useOffice();
  return (
    <PlacePage name="room" id={id} load={() => api.rooms()} all={({ rooms }) => rooms}>
      {(room, staff) => <RoomForm id={id} room={room} staff={staff} />}
    </PlacePage>
  );
}

type Props = {
  readonly id: string | null;
  readonly room: OfficeRoom | undefined;
  readonly staff: readonly Member[];
};

type Values = HoursTyped & {
  readonly name: string;
  readonly kept: boolean;
  readonly asks: readonly string[];
  readonly limit: string;
  readonly members: readonly string[];
};

const FIELDS = ["email", "mobile", "reason"] as const;

function RoomForm({ id, room, staff }: Props) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  const named = useNamed(staff);
  const form = useForm<Values, OfficeRoom>({
    initial: {
      name: room?.name ?? "",
      kept: room?.kept ?? false,
      asks: room?.asks ?? [],
      limit: room?.limit === undefined ? "" : String(room.limit),
      ...hoursFirst(room?.hours),
      members: room?.members ?? [],
    },
    check: ({ name, members, limit, ...hours }) => ({
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
      ...(/^\d*$/.test(limit.trim()) ? {} : { limit: text("room_limit_wrong") }),
      ...hoursMissing(hours, text),
      ...(members.length === 0 ? { members: text("room_members_missing") } : {}),
    }),
    send: ({ name, kept, asks, limit, members, ...hours }) => {
      const draft = {
        name: name.trim(),
        kept,
        asks: FIELDS.filter((field) => asks.includes(field)),
        ...(limit.trim() === "" ? {} : { limit: Math.min(Number(limit), MOST_MINUTES) }),
        ...hoursOf(hours),
        members: [...members],
      };
      return room === undefined
        ? api.saveRoom(id, draft)
        : save({
            version: room.version,
            save: (version) => api.saveRoom(id, { ...draft, ...of(version) }),
            load: () => oneOf(api.rooms(), ({ rooms }) => rooms, room.id),
            compare: (now) => ({
              changed: changedInRoom(room, now, text, named),
              version: now.version,
            }),
          });
    },
    done: ({ name }) => go("rooms", text("saved", { name })),
  });
  return (
    <>
      {room?.closed === true && <p class="note">{text("room_is_closed")}</p>}
      <FormView form={form} action={text("save")}>
        <MeanwhileNote meanwhile={meanwhile.value} />
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
          name="asks"
          legend={text("room_asks")}
          hint={text("room_asks_hint")}
          chosen={form.values.asks}
          onChange={(asks) => form.set("asks", asks)}
          choices={FIELDS.map((value) => ({ value, label: text(`room_asks_${value}`) }))}
        />
        <HoursFields
          form={form}
          days={form.values.days}
          onDays={(days) => form.set("days", days)}
          hint={text("room_days_hint")}
        />
        <TextField
          form={form}
          name="limit"
          type="number"
          size={5}
          label={text("room_limit")}
          hint={text("room_limit_hint")}
        />
        <StaffBoxes
          name="members"
          legend={text("rooms_members")}
          hint={text("room_members_hint")}
          staff={staff}
          chosen={form.values.members}
          onChange={(members) => form.set("members", members)}
        />
      </FormView>
      {room !== undefined && room.closed !== true && (
        <PlaceLink place={room} of="room" renew={() => api.renewRoomLink(room.id)} />
      )}
      {room !== undefined &&
        (room.closed === true ? <Reopen room={room} /> : <Close room={room} />)}
    </>
  );
}

/** What another has changed, by its label. */
export function changedInRoom(
  before: OfficeRoom,
  now: OfficeRoom,
  text: Text,
  named: (ids: readonly string[]) => string,
): readonly string[] {
  const limit = ({ limit: minutes }: OfficeRoom) => (minutes === undefined ? "" : String(minutes));
  return [
    ...differences(text, [["column_name", before.name, now.name]]),
    ...((before.kept ?? false) === (now.kept ?? false) ? [] : [text("room_kept")]),
    ...(String(before.asks ?? []) === String(now.asks ?? []) ? [] : [text("room_asks")]),
    ...changedInHours(before.hours, now.hours, text),
    ...differences(text, [["room_limit", limit(before), limit(now)]]),
    ...otherPeople(text, ["rooms_members", before.members, now.members], named),
  ];
}

/** The server refuses more than it takes; a number that is none of its own it does not read. */
const MOST_MINUTES = 65_535;

/** What follows is said before it is done. */
function Close({ room }: { readonly room: OfficeRoom }) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.closeRoom(room.id));
  const turn = (to: boolean) => () => {
    asking.value = to;
  };
  return (
    <section class="section" aria-labelledby="room-close">
      <h2 id="room-close">{text("room_close")}</h2>
      <p>{text("room_close_text")}</p>
      <button type="button" class="danger" onClick={turn(true)}>
        {text("room_close")}
      </button>
      {asking.value && (
        <Confirm
          title={text("room_close_ask", { name: room.name })}
          action={text("room_close")}
          busy={act.busy}
          problem={act.problem}
          onClose={turn(false)}
          onConfirm={() =>
            void act.run(({ name }) => go("rooms", text("room_closed_now", { name })))
          }
        >
          <p>{text("room_close_follows")}</p>
        </Confirm>
      )}
    </section>
  );
}

function Reopen({ room }: { readonly room: OfficeRoom }) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const act = useAct(() => api.reopenRoom(room.id));
  return (
    <section class="section" aria-labelledby="room-reopen">
      <h2 id="room-reopen">{text("room_reopen")}</h2>
      <p>{text("room_reopen_text")}</p>
      <BusyButton
        kind="secondary"
        busy={act.busy}
        onPress={() => void act.run(({ name }) => go("rooms", text("room_reopened", { name })))}
      >
        {text("room_reopen")}
      </BusyButton>
      <Trouble problem={act.problem} />
    </section>
  );
}
