// Another address for a guest: they get a new link there, and the old one is dead (LINK-3).

import type { Answer } from "../http/ask";
import { useText } from "../text/context";
import { emailProblem } from "./email";
import { FormView, useForm } from "./form";
import { TextField } from "./text-field";

type Props<T> = {
  readonly name: string;
  /** The address as it is. */
  readonly email: string;
  readonly send: (email: string) => Promise<Answer<T>>;
  readonly done: (answer: T, email: string) => void;
};

export function AddressForm<T>({ name, email: before, send, done }: Props<T>) {
  const text = useText();
  const form = useForm({
    initial: { email: before },
    check: ({ email }) => emailProblem(email, text),
    send: ({ email }) => send(email.trim()),
    done: (answer: T, { email }) => done(answer, email.trim()),
  });
  return (
    <>
      <p>{text("address_text", { name })}</p>
      <FormView form={form} action={text("address_action")}>
        <TextField form={form} name="email" type="email" label={text("invite_email")} />
      </FormView>
    </>
  );
}
