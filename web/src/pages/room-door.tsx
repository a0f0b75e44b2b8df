// A guest says who they are: by the link of a meeting room, and goes on by a link of their own, or by one
// that was sent to them alone out of a meeting.

import { comeAsVisitor, type Link } from "../http/links";
import { FormView, useForm } from "../parts/form";
import { useHeldAtDoor } from "../parts/held-at-door";
import { LinkPage } from "../parts/link-page";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";

type Props = { readonly link: Link; readonly title: string; readonly school: string };

/** Another link is another page, from which "back" leads to this one; the same is read anew. */
function goOn(path: string, link: Link): void {
  if (path.startsWith(`/j/${link.id}#`)) {
    history.replaceState(null, "", path);
    location.reload();
  } else {
    location.assign(path);
  }
}

export function RoomDoorPage({ link, title, school }: Props) {
  const text = useText();
  const action = text("room_door_action");
  const held = useHeldAtDoor(action);
  const form = useForm({
    initial: { name: "" },
    check: ({ name }) => (name.trim() === "" ? { name: text("room_name_missing") } : {}),
    send: async ({ name }, attempt) =>
      held.see(await comeAsVisitor(link, { name: name.trim() }, attempt)),
    done: ({ path }) => goOn(path, link),
  });
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
      </FormView>
    </LinkPage>
  );
}
