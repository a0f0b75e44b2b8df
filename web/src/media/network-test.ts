// Tries the way to the media server as a call would go it: the relay is at the same address as the
// media, so whoever is let in there by UDP or TCP gets through with sound and picture too.

import type { RelayAccess } from "../wire/messages";

/** How the media server can be reached. */
export type Reach =
  /** Straight. */
  | "straight"
  /** By TCP only: what is lost holds up what follows. */
  | "detour"
  | "blocked"
  /** This browser or this server cannot try. */
  | "untested";

/** TLS takes some round trips; nobody waits longer than this for a call either. */
const TIMEOUT_MS = 8_000;

type Try = (access: RelayAccess, withinMs: number) => Promise<boolean>;

/** Tries all ways at once; the straight one decides as soon as it is open. */
export async function tryNetwork(
  relay: RelayAccess | undefined,
  isOpen: Try = allocates,
): Promise<Reach> {
  const { straight, detours } = waysOf(relay?.urls ?? []);
  if (relay === undefined || straight.length === 0) {
    return "untested";
  }
  const open = (urls: string[]) =>
    urls.length === 0 ? Promise.resolve(false) : isOpen({ ...relay, urls }, TIMEOUT_MS);
  const detour = open(detours);
  try {
    if (await open(straight)) {
      return "straight";
    }
    return (await detour) ? "detour" : "blocked";
  } catch {
    return "untested";
  } finally {
    detour.catch(() => undefined);
  }
}

/** The addresses of the relay (RFC 7065), those by UDP apart. */
export function waysOf(urls: readonly string[]): {
  readonly straight: string[];
  readonly detours: string[];
} {
  const isUdp = (url: string) => url.startsWith("turn:") && !url.endsWith("?transport=tcp");
  return {
    straight: urls.filter(isUdp),
    detours: urls.filter((url) => !isUdp(url)),
  };
}

/** Where media goes, for whoever looks after the network: "192.0.2.1:8081". */
export function addressesOf(urls: readonly string[]): readonly string[] {
  const bare = urls.map((url) => url.replace(/^turns?:/, "").replace(/\?.*$/, ""));
  return [...new Set(bare)];
}

/** Whether the relay gives this browser an address by one of these ways. */
async function allocates(access: RelayAccess, withinMs: number): Promise<boolean> {
  const connection = new RTCPeerConnection({
    iceServers: [{ ...access }],
    iceTransportPolicy: "relay",
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const gathered = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate === null) {
          resolve(false);
        } else if (candidate.candidate !== "") {
          resolve(true);
        }
      };
    });
    connection.createDataChannel("");
    await connection.setLocalDescription();
    return await gathered;
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}
