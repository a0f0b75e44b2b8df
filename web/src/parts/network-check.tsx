// Whether the network lets sound and picture through to this server (SCR-1). It never holds up
// anybody: whatever it finds, they may join.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { askNetworkTest, type Link } from "../http/links";
import { addressesOf, type Reach, tryNetwork } from "../media/network-test";
import { useText } from "../text/context";

type Found =
  | { readonly type: "checking" }
  | { readonly type: Exclude<Reach, "blocked"> | "unreachable" }
  | { readonly type: "blocked"; readonly addresses: readonly string[] };

async function check(link: Link): Promise<Found> {
  const answer = await askNetworkTest(link);
  switch (answer.type) {
    case "unreachable":
      return { type: "unreachable" };
    case "refused":
      return { type: "untested" };
    case "given": {
      const { relay } = answer.body;
      const reach = await tryNetwork(relay);
      return reach === "blocked"
        ? { type: reach, addresses: addressesOf(relay?.urls ?? []) }
        : { type: reach };
    }
  }
}

export function NetworkCheck({ link }: { readonly link: Link }) {
  const text = useText();
  const found = useSignal<Found>({ type: "checking" });
  const run = async () => {
    found.value = { type: "checking" };
    found.value = await check(link);
  };
  useEffect(() => void run(), [link]);
  const { type } = found.value;
  return (
    <section class="network" aria-labelledby="network-heading" data-network={type}>
      <h2 id="network-heading">{text("network_title")}</h2>
      <div role="status">
        <Words found={found.value} />
      </div>
      {type !== "checking" && (
        <button type="button" class="secondary" onClick={() => void run()}>
          {text("network_again")}
        </button>
      )}
    </section>
  );
}

function Words({ found }: { readonly found: Found }) {
  const text = useText();
  switch (found.type) {
    case "checking":
    case "straight":
    case "untested":
      return <p>{text(`network_${found.type}`)}</p>;
    case "detour":
    case "unreachable":
      return <p class="note warning">{text(`network_${found.type}`)}</p>;
    case "blocked":
      return (
        <div class="note warning">
          <p>{text("network_blocked")}</p>
          <p>{text("network_join_anyway")}</p>
          <p>{text("network_allow", { addresses: found.addresses.join(", ") })}</p>
        </div>
      );
  }
}
