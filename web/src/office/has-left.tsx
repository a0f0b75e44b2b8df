// Somebody who has left the school: an import no longer named them.

import type { Answer } from "../http/ask";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { BusyButton } from "../parts/form";
import { useText } from "../text/context";
import { Trouble } from "./evening";
import { useOwnTimes } from "./own-times";

type Props = {
  readonly at: string;
  readonly name: string;
  readonly back: () => Promise<Answer<unknown>>;
  /** What is said then. */
  readonly said: "has_left_undone" | "student_back";
  readonly here: string;
  readonly reload: () => Promise<void>;
};

export function HasLeft({ at, name, back, said, here, reload }: Props) {
  const text = useText();
  const times = useOwnTimes();
  const { replace } = useNavigation();
  const act = useAct(back);
  return (
    <div class="note">
      <p>{text("has_left", { name, time: times.date(at) })}</p>
      <BusyButton
        kind="secondary"
        busy={act.busy}
        onPress={() =>
          void act.run(async () => {
            replace(here, text(said, { name }));
            await reload();
          })
        }
      >
        {text("has_left_undo")}
      </BusyButton>
      <Trouble problem={act.problem} />
    </div>
  );
}
