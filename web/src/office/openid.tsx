// Signing in by the school's provider (OPS-7): the button, and the page on which whoever comes back from there is
// signed in, or told why not.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useAct } from "../parts/act";
import { BusyButton } from "../parts/form";
import { Page } from "../parts/page";
import { useResource } from "../parts/resource";
import { useText } from "../text/context";
import { wordsOf } from "../text/refusals";
import type { Text } from "../text/text";
import type { OpenidAnswer, OpenidRefusal, Problem } from "../wire/messages";
import { useOffice } from "./office";

/** On which pages of the same browser that wait for somebody to sign in again learn that they have. */
const CHANNEL = "homeroom-signed-in";

type Props = {
  readonly name: string;
  /** Where to after that. */
  readonly to: string;
  /** Whether the provider asks which of somebody's accounts it is to be. */
  readonly choose?: boolean;
  /** Whether it is done in another tab, so that nothing that was typed here is lost. */
  readonly apart?: boolean;
};

export function OpenidButton({ name, to, choose = false, apart = false }: Props) {
  const { api } = useOffice();
  const text = useText();
  const act = useAct(() => api.beginOpenid({ to, ...(choose ? { choose } : {}) }));
  useSignedInElsewhere(apart);
  const press = () => {
    // A browser opens a tab at a press alone, and not for what comes a moment later.
    const tab = apart ? open("", "_blank") : null;
    void act.run(({ url }) => (tab ?? window).location.assign(url));
  };
  return (
    <>
      <BusyButton kind="primary" busy={act.busy} onPress={press}>
        {text("openid_action", { name })}
      </BusyButton>
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </>
  );
}

/** Asks who is signed in once somebody has in another tab. */
function useSignedInElsewhere(waits: boolean): void {
  const { api } = useOffice();
  useEffect(() => {
    if (!waits) {
      return;
    }
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => void api.session();
    return () => channel.close();
  }, [api, waits]);
}

type Came =
  | { readonly type: "waiting" }
  | {
      readonly type: "refused";
      readonly why: OpenidRefusal | "cancelled";
      readonly answer: OpenidAnswer;
    }
  | { readonly type: "trouble"; readonly trouble: Problem | "unreachable" };

/** The page that the provider leads back to. */
export function OpenidPage() {
  const { api } = useOffice();
  const text = useText();
  const offer = useResource(() => api.openid(), [api]);
  const came = useSignal<Came>({ type: "waiting" });
  useEffect(() => {
    const back = new URLSearchParams(location.search);
    // What it holds is good once, and nobody is to keep it.
    history.replaceState(null, "", location.pathname);
    const [state, code] = [back.get("state"), back.get("code")];
    if (state === null || code === null) {
      const why = back.has("error") ? "cancelled" : "stale";
      came.value = { type: "refused", why, answer: { to: "" } };
      return;
    }
    void api.endOpenid({ state, code }).then((answer) => {
      if (answer.type !== "given") {
        const trouble = answer.type === "refused" ? answer.problem : "unreachable";
        came.value = { type: "trouble", trouble };
      } else if (answer.body.staff !== undefined) {
        new BroadcastChannel(CHANNEL).postMessage("signed in");
        location.replace(answer.body.to);
      } else {
        came.value = { type: "refused", why: answer.body.refused ?? "failed", answer: answer.body };
      }
    });
  }, [api, came]);
  if (came.value.type === "waiting" || (offer.value === null && offer.trouble === null)) {
    return (
      <Page key="waiting" state="openid" heading={text("openid_waiting")}>
        <p class="hint">{text("loading")}</p>
      </Page>
    );
  }
  const name = offer.value?.name ?? text("openid_provider");
  return (
    <Page key="refused" state="openid-refused" heading={text("openid_refused")}>
      <p role="alert">{wordsFor(came.value, name, text)}</p>
      <div class="actions">
        <OpenidButton name={name} to={toOf(came.value)} choose={isOfAnotherAccount(came.value)} />
      </div>
      <p>
        <a href="/staff">{text("openid_back")}</a>
      </p>
    </Page>
  );
}

function toOf(came: Came): string {
  return came.type === "refused" ? came.answer.to : "";
}

/** Whether another account of theirs may be the right one. */
function isOfAnotherAccount(came: Came): boolean {
  return (
    came.type === "refused" && !["stale", "failed", "unknown", "second_step"].includes(came.why)
  );
}

function wordsFor(came: Came, name: string, text: Text): string {
  if (came.type === "trouble") {
    return came.trouble === "unreachable"
      ? text("refusal_unreachable")
      : wordsOf(came.trouble, text);
  }
  if (came.type === "waiting") {
    return "";
  }
  const { email = "" } = came.answer;
  switch (came.why) {
    case "not_entered":
      return text("openid_not_entered", { name, email });
    case "elsewhere":
      return text("openid_elsewhere", { name, email });
    case "otherwise":
      return text("openid_otherwise", { name, email });
    case "no_address":
      return text("openid_no_address", { name });
    case "second_step":
      return text("openid_second_step", { name });
    case "stale":
      return text("openid_stale");
    case "cancelled":
      return text("openid_cancelled", { name });
    case "failed":
    case "unknown":
      return text("openid_failed", { name });
  }
}
