/**
 * coturn's own client as a judge of the relay (RFC 8656): what it must be served, its negative
 * modes, and what it must be refused. It sends to the media port, which does not answer what is no
 * media: that it "lost" its packets is right.
 *
 * It is served by Send indications: before it uses a channel it insists on one to the port beside
 * its peer's, which is not ours and is refused.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import type { TicketGranted } from "../../web/src/wire/messages.ts";
import { Program } from "../harness/program.ts";
import { askTicket } from "../harness/protocol-client.ts";

const SERVED = {
  "over UDP": ["-s"],
  "over TCP": ["-s", "-t"],
  "with negative tests": ["-s", "-N"],
  "with requests made twice": ["-s", "-G"],
};

/** It sends random bytes as messages, for so long: what becomes of itself is left open. */
const MALFORMED = [
  ["-s", "-R"],
  ["-s", "-t", "-R"],
];
const MALFORMED_MS = 5_000;

/** What it says of each, and the code of RFC 8656 or RFC 8489 that it was given. */
const REFUSED = {
  "a wrong password": { options: ["-w", "wrong"], says: /Cannot complete Allocation/ },
  "a machine that is not ours": { options: ["-s", "-e", "169.254.169.254"], says: /error 403/ },
  "a channel to a port beside ours": { options: [], says: /error 403/ },
};

type Ended = { readonly code: number; readonly said: string };

/** Runs the client for one session's credentials; gives how it ended and what it said. */
async function judge(
  program: Program,
  who: number,
  options: readonly string[],
  timeout = 60_000,
): Promise<Ended> {
  const granted = await askTicket(program.invitation(who));
  const { relay } = (await granted.json()) as TicketGranted;
  assert.ok(relay, "a relay comes with the ticket");
  const [, host, port] = /^turn:(.*):(\d+)\?/.exec(relay.urls[0] ?? "") ?? [];
  assert.ok(host && port);
  const account = ["-u", relay.username, "-w", relay.credential, "-p", port];
  // No RTCP, one message to where media is received.
  const plain = ["-v", "-c", "-n", "1", "-e", host, "-r", port];
  return new Promise((resolve) => {
    const all = [...account, ...plain, ...options, host];
    const child = execFile("turnutils_uclient", all, { timeout }, (error, out, log) => {
      resolve({ code: child.exitCode ?? -1, said: `${out}${log}${error ?? ""}` });
    });
  });
}

test("a client of the relay that nobody here wrote is served", async () => {
  const program = await Program.start();
  try {
    const malformed = MALFORMED.map((options) => judge(program, 0, options, MALFORMED_MS));
    const served = Object.entries(SERVED).map(async ([what, options], index) => {
      const { code, said } = await judge(program, 1 + (index % 4), options);
      assert.equal(code, 0, `${what}: ${said}`);
      assert.match(said, /Received relay addr/, what);
    });
    const refused = Object.entries(REFUSED).map(async ([what, { options, says }], index) => {
      const { said } = await judge(program, 1 + (index % 4), options);
      assert.match(said, says, what);
    });
    await Promise.all([...malformed, ...served, ...refused]);
  } finally {
    await program.end();
  }
});
