// Court orders that an information system says and that could not be entered: the office is told before all else.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { UnenteredOrder } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";

type Props = {
  readonly orders: readonly UnenteredOrder[];
  /** Where the office says that one is about nobody here: what is shown is asked for again then. */
  readonly reload?: () => Promise<void>;
};

export function UnenteredOrders({ orders, reload }: Props) {
  const text = useText();
  const id = useId();
  if (orders.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby={id}>
      <h2 id={id}>{text("unentered_orders", { count: orders.length })}</h2>
      <p class="note warning">{text("unentered_orders_text")}</p>
      <ul>
        {orders.map((order) => (
          <li key={order.key}>
            {wordsOf(text, order)}
            {reload !== undefined && <Dismiss order={order} reload={reload} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Those that are about nobody here, by the office's word: they can be shown again. */
export function DismissedOrders({ orders, reload }: Required<Props>) {
  const text = useText();
  if (orders.length === 0) {
    return null;
  }
  const summary = text("dismissed_orders", { count: orders.length });
  return (
    <details>
      <summary>{summary}</summary>
      <p>{text("dismissed_orders_text")}</p>
      <ul>
        {orders.map((order) => (
          <ShowAgain key={order.key} order={order} reload={reload} />
        ))}
      </ul>
    </details>
  );
}

type OneProps = { readonly order: UnenteredOrder; readonly reload: () => Promise<void> };

function Dismiss({ order, reload }: OneProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.dismissOrder(order, true));
  const words = wordsOf(text, order);
  const close = () => {
    asking.value = false;
  };
  const done = async () => {
    close();
    replace("approvals", text("order_dismissed", { words }));
    await reload();
  };
  return (
    <>
      {" "}
      <button
        type="button"
        class="secondary"
        onClick={() => {
          asking.value = true;
        }}
      >
        {text("order_dismiss")} <span class="visually-hidden">{words}</span>
      </button>
      {asking.value && (
        <Confirm
          title={text("order_dismiss_title")}
          action={text("order_dismiss")}
          busy={act.busy}
          problem={act.problem}
          onClose={close}
          onConfirm={() => void act.run(done)}
        >
          <p>
            <strong>{words}</strong>
          </p>
          <p>{text("order_dismiss_text")}</p>
        </Confirm>
      )}
    </>
  );
}

function ShowAgain({ order, reload }: OneProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const act = useAct(() => api.dismissOrder(order, false));
  const words = wordsOf(text, order);
  const done = async () => {
    replace("approvals", text("order_shown_again", { words }));
    await reload();
  };
  return (
    <li>
      {words}{" "}
      <BusyButton kind="secondary" busy={act.busy} onPress={() => void act.run(done)}>
        {text("order_show_again")} <span class="visually-hidden">{words}</span>
      </BusyButton>
      <Trouble problem={act.problem} />
    </li>
  );
}

/** Of a student whom the office has erased, no order says the name. */
function wordsOf(text: Text, { name, student }: UnenteredOrder): string {
  if (student === "") {
    return name === ""
      ? text("unentered_order_unnamed")
      : text("unentered_order_of_erased", { name });
  }
  return name === ""
    ? text("unentered_order_nameless", { student })
    : text("unentered_order", { name, student });
}
