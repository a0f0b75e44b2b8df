// An account: an invitation to have one, signing in, and what it shows.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { AccountApi } from "../http/account";
import { NavigationContext, navigate } from "../navigation";
import { GUIDE_OF_ACCOUNTS, GuideContext } from "../parts/guide";
import { HelpContext, helperOf } from "../parts/help";
import { Page } from "../parts/page";
import { useResource } from "../parts/resource";
import { SchoolContext } from "../parts/school";
import { useText } from "../text/context";
import { AccountContext, type Session, useAccount } from "./account";
import { ConfirmAddressPage } from "./address";
import { HomePage } from "./home";
import { RegisterPage } from "./register";
import { LinkPage, SignInPage } from "./sign-in";

export function accountPart(): ComponentChildren {
  const session = signal<Session>({ type: "asking" });
  const api = new AccountApi({
    signedIn: (account) => {
      session.value = { type: "somebody", account };
    },
    signedOut: () => {
      session.value = { type: "nobody" };
    },
  });
  const registers = /^\/+register/i.test(location.pathname);
  const hasSecret = !registers && location.hash.length > 1;
  const confirms = hasSecret && /^\/+account\/+address/i.test(location.pathname);
  const isByLink = hasSecret && !confirms;
  // Another link pasted over this one is another page.
  addEventListener("hashchange", () => location.reload());
  if (!(registers || isByLink)) {
    void askSession(api, session.peek.bind(session));
  }
  const page = registers ? (
    <RegisterPage />
  ) : confirms ? (
    <ConfirmAddressPage />
  ) : isByLink ? (
    <LinkPage />
  ) : (
    <Root />
  );
  return (
    <AccountContext.Provider value={{ api, session }}>
      <NavigationContext.Provider value={navigate(registers ? "/register" : "/account", window)}>
        <Helped>{page}</Helped>
      </NavigationContext.Provider>
    </AccountContext.Provider>
  );
}

const AGAIN_MS = 2_000;

/** Asks who is signed in, until there is an answer. */
async function askSession(api: AccountApi, session: () => Session): Promise<void> {
  await api.session();
  if (session().type === "asking") {
    setTimeout(() => void askSession(api, session), AGAIN_MS);
  }
}

function Root() {
  const { session } = useAccount();
  const text = useText();
  switch (session.value.type) {
    case "asking":
      return (
        <Page state="loading" heading={text("account_title")}>
          <p class="hint">{text("loading")}</p>
        </Page>
      );
    case "nobody":
      return <SignInPage />;
    case "somebody":
      return <HomePage account={session.value.account} />;
  }
}

function Helped({ children }: { readonly children: ComponentChildren }) {
  const { api } = useAccount();
  const school = useResource(() => api.school(), []);
  return (
    <SchoolContext.Provider value={school.value?.name ?? null}>
      <GuideContext.Provider value={GUIDE_OF_ACCOUNTS}>
        <HelpContext.Provider value={school.value === null ? null : helperOf(school.value.contact)}>
          {children}
        </HelpContext.Provider>
      </GuideContext.Provider>
    </SchoolContext.Provider>
  );
}
