// One sign-in for whoever is of the staff and a parent too: offered, told and taken back.

import type { Answer } from "../http/ask";
import { useText } from "../text/context";
import type { Hat } from "../wire/messages";
import { useAct } from "./act";
import { BusyButton } from "./form";

/** Where the other sign-in is, and how this one is called there. */
const OTHER = {
  staff: { title: "hat_children", path: "/account", link: "hat_to_account" },
  account: { title: "hat_work", path: "/staff", link: "hat_to_staff" },
} as const;

type Props = {
  /** Whose page this stands on. */
  readonly at: keyof typeof OTHER;
  readonly hat: Hat;
  readonly make: () => Promise<Answer<unknown>>;
  readonly unmake: () => Promise<Answer<unknown>>;
  readonly reload: () => Promise<void>;
};

export function HatSection({ at, hat, make, unmake, reload }: Props) {
  const text = useText();
  const stands = hat === "stands";
  const act = useAct(stands ? unmake : make);
  const { title, path, link } = OTHER[at];
  return (
    <section class="section" aria-labelledby="hat">
      <h2 id="hat">{text(title)}</h2>
      <p>
        <a href={path}>{text(link)}</a>
      </p>
      <p key={hat}>{text(stands ? "hat_stands" : "hat_offer")}</p>
      <div class="actions">
        <BusyButton kind="secondary" busy={act.busy} onPress={() => void act.run(reload)}>
          <span key={hat}>{text(stands ? "hat_use_two" : "hat_use_one")}</span>
        </BusyButton>
      </div>
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </section>
  );
}
