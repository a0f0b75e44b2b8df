// A parent's pages: what they all show is asked for once, and again when something has changed.

import { useEffect, useMemo } from "preact/hooks";
import { useApp } from "../../app";
import type { Link } from "../../http/links";
import { ParentApi } from "../../http/parent";
import { useNavigation } from "../../navigation";
import { later, useSoon } from "../../parts/later";
import { LinkPage } from "../../parts/link-page";
import { Page } from "../../parts/page";
import { Loaded, type Resource, useShown } from "../../parts/resource";
import { type Route, Routes } from "../../parts/routes";
import { NotHereYet } from "../../parts/when-here";
import { useText } from "../../text/context";
import type { ParentView } from "../../wire/messages";
import { DeviceCheckPage } from "../device-check";
import { MyBookingsPage } from "./bookings";
import { FamilyContext } from "./family";
import { ParentContext } from "./parent";

const further = later(async () => (await import("./further")).FurtherPages);

const ROUTES: readonly Route[] = [
  ["", () => <MyBookingsPage />],
  ["check", () => <DeviceCheckPage />],
];

const showed = new WeakMap<Link, ParentView>();

export function ParentPages({ link }: { readonly link: Link }) {
  const { changes } = useApp();
  const { hush } = useNavigation();
  const api = useMemo(() => new ParentApi(link), [link]);
  const text = useText();
  const view = useShown(showed, link, () => api.view());
  const changed = changes.value;
  useEffect(() => {
    if (changed > 0) {
      void view.reload();
    }
  }, [changed]);
  // What was told was of the evening as it was.
  const evening = view.value?.evening;
  useEffect(hush, [evening?.cancelled, evening?.starts]);
  useSoon(further, view.value !== null);
  if (view.value === null) {
    return <Opening view={view} />;
  }
  const parent = { api, view: view.value, reload: view.reload };
  return (
    <ParentContext.Provider value={parent}>
      <FamilyContext.Provider
        value={{ ...parent, list: "book", Frame: LinkPage, say: text, sayIn: (text) => text }}
      >
        <Routes routes={ROUTES} otherwise={<WhenHere />} />
      </FamilyContext.Provider>
    </ParentContext.Provider>
  );
}

function Opening({ view }: { readonly view: Resource<ParentView> }) {
  const text = useText();
  return (
    <Page state="loading" heading={text("opening_title")}>
      <Loaded of={view}>{() => null}</Loaded>
    </Page>
  );
}

/** What leads on from the first page comes after it. */
function WhenHere() {
  const Further = further.part.value;
  return Further === null ? <NotHereYet part={further} /> : <Further />;
}
