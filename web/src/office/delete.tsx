// Deletes or erases something, after asking.

import { useSignal } from "@preact/signals";
import type { Answer } from "../http/ask";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { useText } from "../text/context";

type Props = {
  readonly name: string;
  /** Whether nothing of it is kept. */
  readonly erases?: boolean;
  readonly action: string;
  readonly warning: string;
  readonly work: () => Promise<Answer<unknown>>;
  /** The page that follows. */
  readonly afterwards: string;
  /** What tells it from others on the page. */
  readonly describedBy?: string;
};

export function Delete(props: Props) {
  const { name, erases = false, action, warning, work, afterwards, describedBy } = props;
  const text = useText();
  const { go } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(work);
  const close = () => {
    asking.value = false;
  };
  return (
    <p class="apart">
      <button
        type="button"
        class="secondary"
        aria-describedby={describedBy}
        onClick={() => {
          asking.value = true;
        }}
      >
        {action}
      </button>
      {asking.value && (
        <Confirm
          title={text(erases ? "erase_title" : "delete_title", { name })}
          action={action}
          busy={act.busy}
          problem={act.problem}
          onClose={close}
          onConfirm={() =>
            void act.run(() => {
              close();
              go(afterwards, text(erases ? "erased" : "deleted", { name }));
            })
          }
        >
          <p>{warning}</p>
        </Confirm>
      )}
    </p>
  );
}
