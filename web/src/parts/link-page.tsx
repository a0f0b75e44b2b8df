// The frame of the pages that belong to a link, before the call.

import type { ComponentChildren } from "preact";
import { useText } from "../text/context";
import { Back } from "./go-to";
import { News } from "./news";
import { Page } from "./page";

type Props = {
  readonly name: string;
  readonly heading: string;
  /** Where "Back" leads; none on the first page. */
  readonly back?: string;
  readonly children: ComponentChildren;
};

export function LinkPage({ name, heading, back, children }: Props) {
  const text = useText();
  const above = (
    <>
      {back !== undefined && <Back to={back}>{text("back")}</Back>}
      <News />
    </>
  );
  return (
    <Page state="join" name={name} heading={heading} above={above}>
      {children}
    </Page>
  );
}
