/**
 * Whether connections that a proxy keeps in reserve outlast every pause: behind each proxy that the guide
 * shows, bursts of requests come just before and just after a side closes what idles, for ten minutes, and a
 * person's socket stays open meanwhile. Fails if a proxy ever answers for itself (502, 503, 504), or the
 * socket ends.
 */

import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort, Program } from "../harness/program.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import { type Kind, PROXIES, ReverseProxy } from "../harness/proxy.ts";

/** How long after a burst the next one comes, seconds: proxies close at 60, the program at 75. */
const PAUSES_S = [59, 60, 61, 74, 75, 76, 62, 58];
/** How many requests a burst has, and how far apart they begin, milliseconds. */
const BURST = 32;
const SPREAD_MS = 2_000;
/** As pages do. */
const HEARTBEAT_MS = 5_000;
const OWN = [502, 503, 504];

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    minutes: { type: "string", default: "10" },
  },
});
const minutes = Number(values.minutes);

const rows = await Promise.all(PROXIES.map(measure));
for (const row of rows) {
  console.log(
    values.json
      ? JSON.stringify(row)
      : `${row.proxy}: ${row.requests} requests in ${minutes} min, ${row.own} answered by the proxy itself, ` +
          `${row.broken} broken off; the socket ${row.socket}`,
  );
}
process.exitCode = rows.every((it) => it.own + it.broken === 0 && it.socket === "stayed") ? 0 : 1;

/** The status of one answer; 0 where none came. */
function ask(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const path = "/api/v1/links/1/tickets";
    const headers = { "content-type": "application/json", "content-length": 2 };
    const asked = request({ port, path, headers, agent, host: "127.0.0.1", method: "POST" });
    asked.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    asked.on("error", () => resolve(0));
    asked.end("{}");
  });
}

async function measure(kind: Kind) {
  const port = await freePort();
  const program = await Program.start({
    HOMEROOM__HTTP__PUBLIC_URL: `http://127.0.0.1:${port}`,
    HOMEROOM__HTTP__TRUSTED_PROXIES: "127.0.0.1",
    HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: "1000000",
  });
  const proxy = await ReverseProxy.start(kind, port, program.port);
  const url = new URL(program.invitation(0).url);
  url.port = String(port);
  const invitation = { ...program.invitation(0), url: url.href };
  const client = await ProtocolClient.join(invitation, "no offer that anybody could take");
  await client.untilHeard("joined");
  let pings = 0;
  const heartbeat = setInterval(() => {
    pings += 1;
    client.say({ type: "ping", n: pings });
  }, HEARTBEAT_MS);
  // Browsers' own connections are no part of it.
  const agent = new Agent({ keepAlive: false });
  const statuses: number[] = [];
  const end = performance.now() + minutes * 60_000;
  for (let n = 0; performance.now() < end; n += 1) {
    const burst = Array.from({ length: BURST }, async (_, place) => {
      await pause((place * SPREAD_MS) / BURST);
      statuses.push(await ask(port, agent));
    });
    await Promise.all(burst);
    const rest = (PAUSES_S[n % PAUSES_S.length] ?? 60) * 1_000 - SPREAD_MS;
    await pause(Math.max(0, Math.min(rest, end - performance.now())));
  }
  clearInterval(heartbeat);
  const socket = client.closed === undefined ? "stayed" : `ended with ${client.closed.code}`;
  client.say({ type: "leave" });
  await proxy.stop();
  await program.end();
  return {
    proxy: kind,
    requests: statuses.length,
    own: statuses.filter((it) => OWN.includes(it)).length,
    broken: statuses.filter((it) => it === 0).length,
    socket,
  };
}
