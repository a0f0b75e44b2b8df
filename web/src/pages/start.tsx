// Where the school's address leads without a link, and whatever else is typed behind it.

import { LinkEntry } from "../parts/link-entry";
import { LostLink } from "../parts/lost-link";
import { Page } from "../parts/page";
import { useText } from "../text/context";

type Props = {
  /** The school's name, once it is known. */
  readonly school: string;
  /** Whether the address is that of a page that is not there. */
  readonly missing: boolean;
};

export function StartPage({ school, missing }: Props) {
  const text = useText();
  const heading = missing
    ? text("start_missing_title")
    : school === ""
      ? text("start_title")
      : text("start_title_of", { school });
  return (
    <Page state="start" name={missing ? "missing" : "start"} heading={heading}>
      {missing && <p class="lead">{text("start_missing_text")}</p>}
      <p class={missing ? undefined : "lead"}>{text("start_text")}</p>
      <LostLink />
      <LinkEntry />
      <section class="section" aria-labelledby="start-account">
        <h2 id="start-account">{text("start_account_title")}</h2>
        <p>
          <a class="button secondary" href="/account">
            {text("start_account_action")}
          </a>
        </p>
      </section>
      <section class="section" aria-labelledby="start-office">
        <h2 id="start-office">{text("start_office_title")}</h2>
        <p>
          <a class="button secondary" href="/office">
            {text("sign_in_title")}
          </a>
        </p>
      </section>
    </Page>
  );
}
