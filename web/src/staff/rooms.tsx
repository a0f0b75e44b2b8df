// "Meeting Rooms": each with what can be done with it.

import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useOffice } from "../office/office";
import { useAct } from "../parts/act";
import { copies } from "../parts/copies";
import { Email } from "../parts/email";
import { Table } from "../parts/table";
import { useLanguage, useText } from "../text/context";
import { timesIn } from "../text/times";
import type { StaffRoom } from "../wire/messages";

/** What became of a press on "Copy Meeting Room Link". */
type Copied = { readonly room: StaffRoom; readonly byHand: boolean; readonly press: number };

export function Rooms({ rooms }: { readonly rooms: readonly StaffRoom[] }) {
  const text = useText();
  const copied = useSignal<Copied | null>(null);
  const copy = async (room: StaffRoom) => {
    const byHand = !(await copies(room.url));
    copied.value = { room, byHand, press: (copied.value?.press ?? 0) + 1 };
  };
  return (
    <>
      <div role="status">
        {copied.value !== null && <Banner key={copied.value.press} copied={copied.value} />}
      </div>
      {rooms.length === 0 ? (
        <p role="status">{text("meeting_rooms_none_found")}</p>
      ) : (
        <Table
          caption={text("rooms_count", { count: rooms.length })}
          rows={rooms}
          keyOf={({ id }) => id}
          columns={[
            { heading: text("column_name"), names: true, cell: ({ name }) => name },
            {
              heading: text("meeting_rooms_guests"),
              cell: ({ kept }) => text(kept === true ? "meeting_rooms_kept" : "meeting_rooms_open"),
            },
            {
              heading: text("meeting_rooms_now"),
              cell: ({ here }) => text("room_here", { count: here }),
            },
            {
              heading: text("meeting_rooms_actions"),
              cell: (room) => <Actions room={room} onCopy={() => copy(room)} />,
            },
          ]}
        />
      )}
      {rooms.map((room) => (
        <Guests key={room.id} room={room} />
      ))}
    </>
  );
}

/** Who came by the room's link in the last 24 hours, with what they entered. */
function Guests({ room: { name, guests = [] } }: { readonly room: StaffRoom }) {
  const { locale, text } = useLanguage();
  const times = timesIn(locale, Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (guests.length === 0) {
    return null;
  }
  return (
    <details>
      <summary>{text("room_guests", { name, count: guests.length })}</summary>
      <Table
        caption={text("room_guests", { name, count: guests.length })}
        captionHidden
        rows={guests}
        keyOf={(guest) => `${guest.came} ${guest.name}`}
        columns={[
          { heading: text("column_name"), names: true, cell: (guest) => guest.name },
          { heading: text("column_when"), cell: ({ came }) => times.stamp(came) },
          {
            heading: text("room_guests_reached"),
            cell: ({ email = "", mobile = "" }) => (
              <>
                <Email address={email} /> {mobile}
              </>
            ),
          },
          { heading: text("room_guests_reason"), cell: ({ reason }) => reason },
        ]}
      />
    </details>
  );
}

type ActionsProps = { readonly room: StaffRoom; readonly onCopy: () => Promise<void> };

/** The menu of one room. */
function Actions({ room, onCopy }: ActionsProps) {
  const { api } = useOffice();
  const text = useText();
  const menu = useRef<HTMLDetailsElement>(null);
  const act = useAct(() => api.enterRoom(room.id));
  const close = () => {
    if (menu.current !== null) {
      menu.current.open = false;
      menu.current.querySelector("summary")?.focus();
    }
  };
  return (
    <details ref={menu} class="menu" onKeyDown={({ key }) => key === "Escape" && close()}>
      <summary>
        {text("room_actions")} <span class="visually-hidden">{room.name}</span>
      </summary>
      <div class="actions">
        <button
          type="button"
          class="secondary"
          aria-disabled={act.busy}
          onClick={() => void act.run(({ url }) => location.assign(url))}
        >
          {text("room_enter")}
        </button>
        <button
          type="button"
          class="secondary"
          onClick={async () => {
            close();
            await onCopy();
          }}
        >
          {text("room_copy")}
        </button>
      </div>
      {act.problem !== null && <p role="alert">{act.problem}</p>}
    </details>
  );
}

/** Confirms the copy; where the browser refused it, the link stands there to be copied by hand. */
function Banner({ copied: { room, byHand } }: { readonly copied: Copied }) {
  const text = useText();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.select(), []);
  if (!byHand) {
    return <p class="note">{text("room_copied")}</p>;
  }
  return (
    <div class="note">
      <div class="copy-link">
        <p>{text("copy_link_by_hand")}</p>
        <div class="field">
          <label for={id}>{text("room_link_of", { name: room.name })}</label>
          <input ref={field} id={id} dir="ltr" readOnly value={room.url} />
        </div>
      </div>
    </div>
  );
}
