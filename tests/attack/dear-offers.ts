/**
 * A seated guest offers what is as dear to read as can be, over and over: each is answered or
 * refused, another's socket is answered meanwhile, and memory stays where it was.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Program } from "../harness/program.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { until } from "../harness/until.ts";
import { attack, memoryIsFlat } from "./attack.ts";

/** What fits into a message beside the rest of it, bytes. */
const ROOM = 50_000;

/** How often each is offered. */
const TIMES = 6;

/** `offer` with as much of `line` in its first section as fits into `room`. */
function filled(offer: string, line: string, room = ROOM): string {
  const lines = line.repeat(Math.floor((room - offer.length) / JSON.stringify(line).length));
  return offer.replace("a=rtcp-mux\r\n", `a=rtcp-mux\r\n${lines}`);
}

/** The processor time that the program has used, milliseconds. */
async function used(program: Program): Promise<number> {
  const stat = await readFile(`/proc/${program.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")")).split(" ");
  return (Number(fields[12]) + Number(fields[13])) * 10;
}

attack("offers that are dear to read", async (program) => {
  const plain = await anOffer();
  const list = " 1".repeat(ROOM / 4);
  const formats = (offer: string) => offer.replace(/^m=audio .*$/m, (line) => line + list);
  const parameters = filled(plain, `a=fmtp:97 ${"x=1;".repeat(100)}\n`);
  const kinds: [string, string, "answer" | "refused"][] = [
    ["formats and attributes", formats(filled(plain, "a=x\n", ROOM / 2)), "refused"],
    ["attributes", filled(plain, "a=\n"), "answer"],
    ["parameters", parameters, "answer"],
    ["sections", "m=\n".repeat(ROOM / 5), "refused"],
  ];
  const [mine, others] = program.invitations;
  assert.ok(mine && others);
  const guest = await ProtocolClient.join(mine, plain);
  await guest.untilHeard("joined");
  const other = await ProtocolClient.join(others, plain);
  await other.untilHeard("joined");
  const count = (type: string) => guest.types().filter((heard) => heard === type).length;
  const play = async ([name, offer, outcome]: [string, string, "answer" | "refused"]) => {
    const [before, heard] = [await used(program), count(outcome)];
    for (let time = 1; time <= TIMES; time += 1) {
      // One after another: an answer that a later offer overtakes is void.
      guest.say({ type: "offer", offer });
      other.say({ type: "ping", n: heard + time });
      await until(`${name}: it is seen to`, () => count(outcome) >= heard + time);
      await until("the other is answered", () => other.last("pong")?.message.n === heard + time);
    }
    const each = ((await used(program)) - before) / TIMES;
    console.log(`${name}: ${each.toFixed(2)} ms each, all that a message costs`);
  };
  for (const kind of kinds) {
    await play(kind);
  }
  await memoryIsFlat(program, async () => {
    for (const kind of kinds) {
      await play(kind);
    }
  });
  other.close();
  guest.close();
});
