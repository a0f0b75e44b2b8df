// Guests of a call: an e-mail, a text message or a link of their own, and what became of each (ROOM-2).

import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useMemo, useRef } from "preact/hooks";
import { GuestsApi } from "../http/guests";
import type { Link } from "../http/links";
import { copies } from "../parts/copies";
import { emailProblem } from "../parts/email";
import { useForm } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import { CallGuest } from "./call-guest";
import { SmallForm } from "./small-form";

/** How often it is looked what became of them. */
const LOOK_EVERY_MS = 2_000;

type Place = "email" | "mobile" | "link" | "list";

/** The last thing that was done, and where. */
type Said = { readonly at: Place; readonly words: string };

const NOTHING: Said = { at: "list", words: "" };

type Props = {
  readonly link: Link;
  readonly meeting: string;
  /** The link that anybody may come by, where there is one. */
  readonly roomLink: ComponentChildren;
};

export function CallGuests({ link, meeting, roomLink }: Props) {
  const text = useText();
  const api = useMemo(() => new GuestsApi(link, meeting), [link, meeting]);
  const guests = useResource(() => api.list(), [api], LOOK_EVERY_MS);
  const said = useSignal<Said>(NOTHING);
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  const { reload } = guests;
  return (
    <>
      <ByEmail api={api} look={reload} said={said} />
      {guests.value?.texts === true && <ByText api={api} look={reload} said={said} />}
      {roomLink || <ByLink api={api} look={reload} said={said} />}
      <section class="invited" aria-labelledby={id}>
        <h3 id={id} ref={heading} tabIndex={-1}>
          {text("guest_invite_list")}
        </h3>
        <Told of={said} at="list" />
        <Loaded of={guests}>
          {({ guests: all }) =>
            all.length === 0 ? (
              <p class="hint">{text("guest_invite_none")}</p>
            ) : (
              <ul class="list">
                {all.map((guest) => (
                  <CallGuest
                    key={guest.id}
                    guest={guest}
                    api={api}
                    look={reload}
                    tell={(words) => {
                      said.value = { at: "list", words };
                    }}
                    onGone={() => heading.current?.focus()}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
    </>
  );
}

type By = {
  readonly api: GuestsApi;
  /** Looks who is invited. */
  readonly look: () => Promise<void>;
  readonly said: Signal<Said>;
};

function ByEmail({ api, look, said }: By) {
  const text = useText();
  const { tag: language } = useLanguage();
  const form = useForm({
    initial: { email: "" },
    check: ({ email }) => {
      said.value = NOTHING;
      return emailProblem(email, text);
    },
    send: ({ email }, attempt) => api.invite({ attempt, email: email.trim(), language }),
    done: async (_, { email }) => {
      form.set("email", "");
      said.value = { at: "email", words: text("invite_sent", { name: email.trim() }) };
      await look();
    },
    fieldOf: () => "email",
  });
  return (
    <div>
      <SmallForm form={form} action={text("guest_invite_send_email")}>
        <TextField form={form} name="email" type="email" label={text("invite_email")} />
      </SmallForm>
      <Told of={said} at="email" />
    </div>
  );
}

function ByText({ api, look, said }: By) {
  const text = useText();
  const { tag: language } = useLanguage();
  const form = useForm({
    initial: { mobile: "" },
    check: ({ mobile }) => {
      said.value = NOTHING;
      return mobile.trim() === "" ? { mobile: text("field_mobile_missing") } : {};
    },
    send: ({ mobile }, attempt) => api.invite({ attempt, mobile: mobile.trim(), language }),
    done: async (_, { mobile }) => {
      form.set("mobile", "");
      said.value = { at: "mobile", words: text("invite_sent", { name: mobile.trim() }) };
      await look();
    },
    fieldOf: () => "mobile",
  });
  return (
    <div>
      <SmallForm form={form} action={text("guest_invite_send_text")}>
        <TextField
          form={form}
          name="mobile"
          type="tel"
          label={text("guest_invite_mobile")}
          hint={text("guest_invite_mobile_hint")}
        />
      </SmallForm>
      <Told of={said} at="mobile" />
    </div>
  );
}

/** Where there is no link that anybody may come by, each guest has one of their own. */
function ByLink({ api, look, said }: By) {
  const text = useText();
  const form = useForm({
    initial: {},
    check: () => {
      said.value = NOTHING;
      return {};
    },
    send: (_, attempt) => api.invite({ attempt }),
    done: async ({ url = "" }) => {
      const words = text((await copies(url)) ? "room_copied" : "guest_invite_below");
      said.value = { at: "link", words };
      await look();
    },
  });
  return (
    <div>
      <p class="hint">{text("guest_invite_one")}</p>
      <SmallForm form={form} action={text("guest_invite_copy")} />
      <Told of={said} at="link" />
    </div>
  );
}

/** What was done, where it was asked for. */
function Told({ of, at }: { readonly of: Signal<Said>; readonly at: Place }) {
  return (
    <p role="status" class="told">
      {of.value.at === at ? of.value.words : ""}
    </p>
  );
}
