/** A program of its own, and strangers beside whom people join. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TicketGranted } from "../../../web/src/wire/messages.ts";
import type { Invitation } from "../../harness/program.ts";
import { askTicket, NOTHING_SENT } from "../../harness/protocol-client.ts";
import { PROGRAM } from "../loadtest.ts";

/** An address of the bench's own network: addresses of this machine itself are not counted as others are. */
export const ADDRESS = "10.9.0.1";
const CROWD = fileURLToPath(new URL("crowd.ts", import.meta.url));
const SEATS = 4;
const OF_A_CALL = 5;

export type Server = {
  readonly pid: number;
  readonly port: number;
  /** Those of calls, as many as may sit. */
  readonly invitations: readonly Invitation[];
};

/** What is said next. */
async function line(lines: Interface): Promise<string> {
  const [text] = (await once(lines, "line")) as [string];
  return text;
}

async function ends(process: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) {
    const ended = once(process, "exit");
    process.kill(signal);
    await ended;
  }
}

/** Runs `use` with a program of so many calls, on a core of its own. */
export async function withServer<T>(
  calls: number,
  use: (server: Server) => Promise<T>,
): Promise<T> {
  const demo = ["demo", "--json", "--calls", `${calls}`, "--listen", `${ADDRESS}:0`];
  const server = spawn("taskset", ["-c", "0", PROGRAM, ...demo], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    let said = "";
    for await (const text of server.stdout.setEncoding("utf8")) {
      said += String(text);
      if (said.endsWith("]\n")) {
        break;
      }
    }
    const all = JSON.parse(said) as Invitation[];
    const invitations = all
      .slice(0, calls * OF_A_CALL)
      .filter((_, number) => number % OF_A_CALL < SEATS);
    const port = Number(new URL(invitations[0]?.url ?? "").port);
    return await use({ pid: server.pid ?? 0, port, invitations });
  } finally {
    await ends(server, "SIGINT");
  }
}

export type Seen = {
  readonly open: number;
  readonly cut: number;
  readonly longest_ms: number;
  readonly asked: number;
  readonly answered: number;
  readonly seconds: number;
};

/** One crowd of strangers, behind whoever measures where it is silent. */
class Crowd {
  readonly #process: ChildProcess;
  readonly #lines: Interface;

  constructor(port: number, kind: "silent" | "knock", count: number) {
    const [core, nice] = kind === "silent" ? ["1", "19"] : ["0,1", "0"];
    const command = ["-c", core, "nice", "-n", nice, process.execPath, CROWD, kind];
    this.#process = spawn("taskset", [...command, `${port}`, `${count}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.ok(this.#process.stdout);
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  async begin(): Promise<void> {
    assert.equal(await line(this.#lines), "at work");
  }

  async end(): Promise<Seen> {
    const seen = line(this.#lines);
    this.#process.kill("SIGTERM");
    return JSON.parse(await seen) as Seen;
  }

  kill(): Promise<void> {
    return ends(this.#process, "SIGKILL");
  }
}

/** Runs `use` while strangers are at the door; gives what each crowd of them saw. */
export async function beside(
  { port }: Server,
  crowds: readonly (readonly ["silent" | "knock", number])[],
  use: () => Promise<void>,
): Promise<Seen[]> {
  const all = crowds.map((crowd) => new Crowd(port, ...crowd));
  try {
    await Promise.all(all.map((crowd) => crowd.begin()));
    await use();
    return await Promise.all(all.map((crowd) => crowd.end()));
  } finally {
    await Promise.all(all.map((crowd) => crowd.kill()));
  }
}

/** Somebody presses Join, is seated, and leaves: how long it took until they were seated, ms. */
export async function join(invitation: Invitation, offer: string): Promise<number> {
  const began = performance.now();
  const granted = await askTicket(invitation);
  assert.equal(granted.status, 200, await granted.clone().text());
  const { ticket } = (await granted.json()) as TicketGranted;
  const socket = new WebSocket(`ws://${new URL(invitation.url).host}/api/v1/socket`, "homeroom.v1");
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "join", ticket, offer, sends: NOTHING_SENT }));
  const [{ data }] = (await once(socket, "message")) as [MessageEvent<string>];
  const took = performance.now() - began;
  assert.equal(JSON.parse(data).type, "joined", data);
  socket.send(JSON.stringify({ type: "leave" }));
  await once(socket, "close");
  return took;
}
