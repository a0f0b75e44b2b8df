// Court orders that an information system says and that could not be entered: the office is told before all else.

import { useId } from "preact/hooks";
import { useText } from "../text/context";
import type { UnenteredOrder } from "../wire/messages";

type Props = { readonly orders: readonly UnenteredOrder[] };

export function UnenteredOrders({ orders }: Props) {
  const text = useText();
  const id = useId();
  if (orders.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby={id}>
      <h2 id={id}>{text("unentered_orders", { count: orders.length })}</h2>
      <p class="note warning">{text("unentered_orders_text")}</p>
      <ul class="points">
        {orders.map(({ name, student }) => (
          <li key={`${name} ${student}`}>{text(wordingOf(name, student), { name, student })}</li>
        ))}
      </ul>
    </section>
  );
}

/** Of a student whom the office has erased, no order says the name. */
function wordingOf(name: string, student: string) {
  if (student === "") {
    return name === "" ? "unentered_order_unnamed" : "unentered_order_of_erased";
  }
  return name === "" ? "unentered_order_nameless" : "unentered_order";
}
