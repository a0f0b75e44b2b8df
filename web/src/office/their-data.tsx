// All that the records hold of one person, to be handed over (DIR-10).

import { dataOf, type Filed } from "../http/office";
import { useText } from "../text/context";

export function TheirData({ of, id }: { readonly of: Filed; readonly id: string }) {
  const text = useText();
  return (
    <section class="section" aria-labelledby="data">
      <h2 id="data">{text("contact_data_title")}</h2>
      <p>{text("contact_data_text")}</p>
      <p>
        <DataLink of={of} id={id} />
      </p>
    </section>
  );
}

type LinkProps = {
  readonly of: Filed;
  readonly id: string;
  /** Whose it is, where several stand on a page. */
  readonly name?: string;
};

export function DataLink({ of, id, name }: LinkProps) {
  const text = useText();
  return (
    <a href={dataOf(of, id)} download>
      {text("contact_data")}
      {name !== undefined && <span class="visually-hidden"> {name}</span>}
    </a>
  );
}
