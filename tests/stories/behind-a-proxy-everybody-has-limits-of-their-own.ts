/** Behind real proxies: pages, API and WebSocket come through, and limits count who asks. */

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { freePort, type Invitation, Program } from "../harness/program.ts";
import { attempt, ProtocolClient } from "../harness/protocol-client.ts";
import { PROXIES, ReverseProxy } from "../harness/proxy.ts";
import { until } from "../harness/until.ts";

/** Two clients of this machine, as a proxy sees them. */
const [ADA, EVE] = ["127.0.0.2", "127.0.0.3"];
const GUESSES = 5;

type Asked = {
  readonly from: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
};

function ask(port: number, { from, path, body, headers, agent }: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const asked = request({
      port,
      path,
      host: "127.0.0.1",
      localAddress: from,
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        ...headers,
      },
      ...(agent === undefined ? {} : { agent }),
    });
    asked.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    asked.on("error", reject);
    asked.end(text);
  });
}

/** A link of the program's, as it is reached through a proxy. */
function through(invitation: Invitation, port: number): Invitation {
  const url = new URL(invitation.url);
  url.port = String(port);
  return { ...invitation, url: url.href };
}

for (const kind of PROXIES) {
  test(`behind ${kind} everybody has limits of their own`, async () => {
    const port = await freePort();
    const program = await Program.start({
      HOMEROOM__HTTP__PUBLIC_URL: `http://127.0.0.1:${port}`,
      HOMEROOM__HTTP__TRUSTED_PROXIES: "127.0.0.1",
      HOMEROOM__LIMITS__GUESSES_PER_ADDRESS_PER_MIN: String(GUESSES),
    });
    let proxy: ReverseProxy | undefined;
    try {
      proxy = await ReverseProxy.start(kind, port, program.port);
      assert.equal(await ask(port, { from: ADA, path: "/" }), 200);
      const invitation = through(program.invitation(0), port);
      const id = new URL(invitation.url).pathname.split("/").at(-1);
      const guess = (from: string, headers: Readonly<Record<string, string>> = {}) =>
        ask(port, {
          from,
          headers,
          path: `/api/v1/links/${id}/tickets`,
          body: { secret: "6bq2v0x9pdm4k8tswhn3e7rzcy", attempt: attempt() },
        });
      for (let n = 0; n < GUESSES; n += 1) {
        assert.equal(await guess(EVE), 404);
      }
      assert.equal(await guess(EVE), 429, "Eve's guesses are used up");
      // Whatever she says of where she comes from.
      for (const said of ["127.0.0.9", "203.0.113.7", ADA, "unknown"]) {
        assert.equal(await guess(EVE, { "x-forwarded-for": said }), 429, said);
        assert.equal(await guess(EVE, { forwarded: `for="${said}"` }), 429, said);
      }
      assert.equal(await guess(ADA), 404, "Ada's are her own");

      const client = await ProtocolClient.join(invitation, "no offer that anybody could take");
      await client.untilHeard("joined");
      client.say({ type: "leave" });
      await until("the socket is closed", () => client.closed?.code === 4006);

      // Connections that are kept in reserve outlast a pause.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let n = 0; n < 3; n += 1) {
        assert.equal(await ask(port, { from: ADA, path: "/healthz", agent }), 200);
      }
      agent.destroy();
    } finally {
      await proxy?.stop();
      await program.end();
    }
  });
}
