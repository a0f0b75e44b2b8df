import { describe, expect, it } from "vitest";
import type { RelayAccess } from "../wire/messages";
import { addressesOf, tryNetwork } from "./network-test";

const UDP = "turn:192.0.2.1:8081?transport=udp";
const TCP = "turn:192.0.2.1:8081?transport=tcp";
const TLS = "turns:calls.example.org:443?transport=tcp";
const RELAY: RelayAccess = { urls: [UDP, TCP, TLS], username: "0-a", credential: "b" };

const letting = (open: string) => (access: RelayAccess) =>
  Promise.resolve(access.urls.includes(open));

describe("the test of the network", () => {
  it.each([
    [UDP, "straight"],
    [TCP, "detour"],
    [TLS, "detour"],
    ["", "blocked"],
  ])("where %s is open, finds the way %s", async (open, reach) => {
    expect(await tryNetwork(RELAY, letting(open))).toBe(reach);
  });

  it("does not wait for the detours where the straight way is open", async () => {
    const isOpen = ({ urls }: RelayAccess) =>
      urls.includes(UDP) ? Promise.resolve(true) : new Promise<boolean>(() => undefined);
    expect(await tryNetwork(RELAY, isOpen)).toBe("straight");
  });

  it("says so where it cannot be made", async () => {
    expect(await tryNetwork(undefined, letting(UDP))).toBe("untested");
    const broken = () => Promise.reject(new Error("no peer connections here"));
    expect(await tryNetwork(RELAY, broken)).toBe("untested");
  });

  it("names the addresses without repeating them", () => {
    expect(addressesOf(RELAY.urls)).toEqual(["192.0.2.1:8081", "calls.example.org:443"]);
  });
});
