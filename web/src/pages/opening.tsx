// While the link is being looked up.

import { useApp } from "../app";
import { Page } from "../parts/page";

export function OpeningPage({ unreachable }: { readonly unreachable: boolean }) {
  const { text } = useApp();
  return (
    <Page state="loading" heading={text("opening_title")}>
      <p>{text(unreachable ? "opening_unreachable" : "opening_text")}</p>
    </Page>
  );
}
