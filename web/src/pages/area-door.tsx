// The link of a waiting area: a caller says who they are and what it is about, and waits by a link of
// their own.

import { useApp } from "../app";
import type { Link } from "../http/links";
import { useReadersTimes } from "../parts/appointment";
import { comeIn } from "../parts/come-in";
import { FormView, useForm } from "../parts/form";
import { GroundRules } from "../parts/ground-rules";
import { useHeldAtDoor } from "../parts/held-at-door";
import { LinkPage } from "../parts/link-page";
import { useEvery } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { GROUND_RULES, LONGEST_NOTE } from "../wire/limits";
import type { AreaView } from "../wire/messages";
import { AreaStands } from "./area-stands";

type Props = { readonly link: Link; readonly title: string; readonly area: AreaView };

export function AreaDoorPage(props: Props) {
  return props.area.closed === true ? <ClosedPage {...props} /> : <OpenPage {...props} />;
}

/** How often it is looked whether it has opened, milliseconds. */
const LOOK_EVERY_MS = 30_000;

function ClosedPage({ title, area }: Props) {
  const { lookAgain } = useApp();
  useEvery(LOOK_EVERY_MS, lookAgain);
  return (
    <LinkPage name="area-closed" heading={title}>
      {area.purpose !== "" && <p class="lead said">{area.purpose}</p>}
      <ClosedNow area={area} />
    </LinkPage>
  );
}

/** That it is closed, and when it opens. */
export function ClosedNow({ area: { opens, time_zone: zone } }: Pick<Props, "area">) {
  const text = useText();
  const times = useReadersTimes(zone);
  return (
    <p role="status">
      {opens === undefined
        ? text("area_shut")
        : text("area_closed", { moment: times.moment(opens) })}
    </p>
  );
}

function OpenPage({ link, title, area }: Props) {
  const { school, purpose } = area;
  const text = useText();
  const rules = useApp().state.value.view?.rules;
  // Of others no words stand here.
  const accepted = rules === GROUND_RULES ? { accepts_rules: rules } : {};
  const action = text("room_door_action");
  const held = useHeldAtDoor(action);
  const form = useForm({
    initial: { name: "", reason: "" },
    isOnePerson: true,
    check: ({ name }) => (name.trim() === "" ? { name: text("room_name_missing") } : {}),
    send: async ({ name, reason }, attempt) => {
      const visitor = { name: name.trim(), reason: reason.trim(), ...accepted };
      return held.see(await comeIn(link, visitor, attempt));
    },
    // Another link is another page; "back" leads to this one.
    done: ({ path }) => location.assign(path),
  });
  return (
    <LinkPage name="area-door" heading={title}>
      {purpose !== "" && <p class="lead said">{purpose}</p>}
      <p>{text("area_door_text", { school })}</p>
      <AreaStands area={area} />
      <FormView form={form} action={action}>
        {held.words}
        <TextField
          form={form}
          name="name"
          label={text("room_door_name")}
          hint={text("room_door_name_hint")}
          autocomplete="name"
        />
        <TextField
          form={form}
          name="reason"
          label={text("area_door_reason")}
          hint={text("area_door_reason_hint")}
          lines={3}
          maxLength={LONGEST_NOTE}
        />
        <GroundRules agree="area_rules_agree" />
      </FormView>
    </LinkPage>
  );
}
