// A guest says who they are: by the link of a meeting room, and goes on by a link of their own, or by one
// that was sent to them alone out of a meeting.

import type { Link } from "../http/links";
import { comeIn } from "../parts/come-in";
import { FormView, type Problems, useForm } from "../parts/form";
import { useHeldAtDoor } from "../parts/held-at-door";
import { LinkPage } from "../parts/link-page";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { LONGEST_NOTE } from "../wire/limits";
import type { RoomField, RoomView } from "../wire/messages";
import { ClosedRoomPage } from "./room-closed";

type Props = {
  readonly link: Link;
  readonly title: string;
  readonly school: string;
  /** Where it is the link of a room. */
  readonly room: RoomView | undefined;
};

/** Another link is another page, from which "back" leads to this one; the same is read anew. */
function goOn(path: string, link: Link): void {
  if (path.startsWith(`/j/${link.id}#`)) {
    history.replaceState(null, "", path);
    location.reload();
  } else {
    location.assign(path);
  }
}

export function RoomDoorPage(props: Props) {
  const { opens, time_zone: zone } = props.room ?? {};
  return opens === undefined || zone === undefined ? (
    <OpenPage {...props} />
  ) : (
    <ClosedRoomPage title={props.title} opens={opens} zone={zone} />
  );
}

type Values = {
  readonly name: string;
  readonly email: string;
  readonly mobile: string;
  readonly reason: string;
};

/** What is asked and not typed. */
function missing(values: Values, asks: readonly RoomField[], text: Text): Problems<Values> {
  const words = {
    email: "field_email_missing",
    mobile: "field_mobile_missing",
    reason: "field_reason_missing",
  } as const;
  const problems: Problems<Values> = {};
  if (values.name.trim() === "") {
    problems.name = text("room_name_missing");
  }
  for (const field of ["email", "mobile", "reason"] as const) {
    if (asks.includes(field) && values[field].trim() === "") {
      problems[field] = text(words[field]);
    }
  }
  return problems;
}

function OpenPage({ link, title, school, room }: Props) {
  const text = useText();
  const asks = room?.asks ?? [];
  const action = text("room_door_action");
  const held = useHeldAtDoor(action);
  const form = useForm<Values, { readonly path: string }>({
    initial: { name: "", email: "", mobile: "", reason: "" },
    isOnePerson: true,
    check: (values) => missing(values, asks, text),
    send: async ({ name, ...others }, attempt) => {
      const asked = asks.filter((field) => field !== "unknown");
      const entered = Object.fromEntries(asked.map((field) => [field, others[field].trim()]));
      return held.see(await comeIn(link, { name: name.trim(), ...entered }, attempt));
    },
    done: ({ path }) => goOn(path, link),
  });
  const reads = text("room_door_members_read");
  return (
    <LinkPage name="room-door" heading={title}>
      <p class="lead">{text("room_door_text", { school })}</p>
      <FormView form={form} action={action}>
        {held.words}
        <TextField
          form={form}
          name="name"
          label={text("room_door_name")}
          hint={text("room_door_name_hint")}
          autocomplete="name"
        />
        {asks.includes("email") && (
          <TextField
            form={form}
            name="email"
            type="email"
            label={text("room_door_email")}
            hint={reads}
            autocomplete="email"
          />
        )}
        {asks.includes("mobile") && (
          <TextField
            form={form}
            name="mobile"
            type="tel"
            label={text("room_door_mobile")}
            hint={reads}
            autocomplete="tel"
          />
        )}
        {asks.includes("reason") && (
          <TextField
            form={form}
            name="reason"
            label={text("area_door_reason")}
            hint={reads}
            lines={3}
            maxLength={LONGEST_NOTE}
          />
        )}
      </FormView>
    </LinkPage>
  );
}
