// Whom the school has not approved, and what it says to it (DIR-4).

import { useId } from "preact/hooks";
import { useText } from "../../text/context";
import type { DeclinedView } from "../../wire/messages";
import { useParent } from "./parent";

export function Declined() {
  const { declined = [] } = useParent().view.invitations;
  return declined.map((one, nth) => <One key={`${nth} ${one.name}`} declined={one} />);
}

function One({ declined: { name, reason } }: { readonly declined: DeclinedView }) {
  const text = useText();
  const id = useId();
  return (
    <section class="note" aria-labelledby={id}>
      <h2 id={id}>{text("declined_title", { name })}</h2>
      {reason === "" ? (
        <p>{text("declined_no_reason")}</p>
      ) : (
        <>
          <p>{text("declined_reason")}</p>
          <blockquote>
            {reason.split(/\n+/).map((line, nth) => (
              <p key={`${nth} ${line}`}>
                <bdi>{line}</bdi>
              </p>
            ))}
          </blockquote>
        </>
      )}
    </section>
  );
}
