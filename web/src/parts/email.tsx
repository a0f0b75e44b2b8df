// E-mail addresses, shown and typed.

import type { Text } from "../text/text";

/** A narrow column breaks it at the "@" rather than within a name. */
export function Email({ address }: { readonly address: string }) {
  const [who = "", ...rest] = address.split("@");
  return (
    <>
      {who}
      {rest.length > 0 && "@"}
      <wbr />
      {rest.join("@")}
    </>
  );
}

/** What is surely no address; the server knows more. */
export function emailProblem(email: string, text: Text): { email?: string } {
  if (email.trim() === "") {
    return { email: text("email_missing") };
  }
  return /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? {} : { email: text("email_wrong") };
}
