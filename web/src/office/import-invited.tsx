// Who of those whom an import brought is invited, who only by letter, and who is not and why (DIR-7).

import { useAct } from "../parts/act";
import { BusyButton } from "../parts/form";
import { useText } from "../text/context";
import { MOST_INVITED } from "../wire/limits";
import type { RegistrationLetters, RegistrationsSent } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { Sent } from "./registrations-review";

type Props = {
  readonly sent: RegistrationsSent;
  /** Whom an earlier invitation had not reached, by their ids: none of those whom this import brought. */
  readonly before: ReadonlySet<string>;
  readonly onLetters: (letters: RegistrationLetters) => void;
};

export function Invited({ sent, before, onLetters }: Props) {
  const { api } = useOffice();
  const text = useText();
  // The others are under "User Invitations".
  const byLetter = (sent.by_letter ?? []).slice(0, MOST_INVITED);
  const making = useAct(() => api.printRegistrations(byLetter));
  return (
    <>
      <Sent sent={sent} isOne={(id) => !before.has(id)} />
      {byLetter.length > 0 && (
        <div class="actions">
          <BusyButton
            kind="secondary"
            busy={making.busy}
            onPress={() => void making.run(onLetters)}
          >
            {text("letters_make", { count: byLetter.length })}
          </BusyButton>
        </div>
      )}
      <Trouble problem={making.problem} />
    </>
  );
}
