// A link or a code typed from a letter, or a link pasted where a mail program has broken it (LINK-4).

import { codeTyped, linkTyped, pathOf } from "../http/links";
import { useText } from "../text/context";
import { FormView, useForm } from "./form";
import { TextField } from "./text-field";

export function LinkEntry() {
  const text = useText();
  const form = useForm({
    initial: { link: "" },
    check: ({ link }) =>
      linkTyped(link) === null && codeTyped(link) === null
        ? { link: text("link_entry_wrong") }
        : {},
    send: async () => ({ type: "given", body: null }) as const,
    done: (_: null, { link }) => {
      const [code, typed] = [codeTyped(link), linkTyped(link)];
      if (code !== null) {
        open(`/register#${code}`);
      } else if (typed !== null) {
        open(pathOf(typed));
      }
    },
  });
  return (
    <section class="section" aria-labelledby="link-entry">
      <h2 id="link-entry">{text("link_entry_title")}</h2>
      <FormView form={form} action={text("link_entry_action")}>
        <TextField
          form={form}
          name="link"
          label={text("link_entry_label")}
          hint={`${text("link_entry_hint", { example: `${location.host}/j/1a2b3c4d#…` })} ${text("link_entry_code")}`}
          maxLength={2000}
        />
      </FormView>
    </section>
  );
}

/** A page that differs behind the `#` alone would not be loaded anew. */
function open(path: string): void {
  const isSame = `${location.pathname}${location.hash}` === path;
  const staysHere = location.pathname === path.split("#")[0];
  location.assign(path);
  if (isSame || staysHere) {
    location.reload();
  }
}
