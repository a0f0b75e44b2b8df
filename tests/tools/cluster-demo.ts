/**
 * `scripts/cluster demo`: PostgreSQL, Redis and three nodes on this machine, in a folder of their own, and the links of a
 * demonstration evening, each at one of the nodes in turn. A node that ends by itself is begun again, as its service
 * would. Ctrl-C ends all of it.
 */

import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { fill, Ground, type Node } from "../harness/node.ts";
import { freePort, type Invitation } from "../harness/program.ts";
import { until } from "../harness/until.ts";

const NAMES = ["east", "north", "south"] as const;

/** All appointments of the evening can be joined, as at a demonstration of one server. */
const MORE = { HOMEROOM__CALLS__OPENS_BEFORE_MIN: "1440" };

/** How long until a node that has ended is begun again. */
const AGAIN_MS = 1_000;

type Named = { readonly name: string; readonly node: Node };

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const endings: (() => Promise<void>)[] = [];
let ends = false;

/** Ends what was begun, the newest first, each by its own id. */
async function end(): Promise<void> {
  ends = true;
  for (const ending of endings.splice(0).reverse()) {
    await ending().catch((error: unknown) => console.error(`homeroom: ${error}`));
  }
}

async function begin(): Promise<{ nodes: Named[]; links: Invitation[] }> {
  const ground = await Ground.lay();
  endings.push(() => ground.clear());
  const where = { port: await freePort(), folder: ground.first, records: ground.records };
  const links = await fill(1, where);
  const nodes: Named[] = [];
  for (const name of NAMES) {
    const node = await ground.node(name, MORE);
    endings.push(() => node.end());
    nodes.push({ name, node });
  }
  const newest = nodes.at(-1)?.node;
  const setup = await until("the office can be set up", () => newest?.setUpLink);
  const working = links.map((link) => (link.role === "office" ? { ...link, url: setup } : link));
  return { nodes, links: working.map((link, index) => atOneOf(nodes, link, index)) };
}

/** Each at the next node. */
function atOneOf(nodes: readonly Named[], link: Invitation, index: number): Invitation {
  const node = nodes[index % nodes.length]?.node;
  return { ...link, url: node?.at(link.url) ?? link.url };
}

function table(nodes: readonly Named[], links: readonly Invitation[]): string {
  const people = links.map(({ role, name, url }, index) => {
    const line = `  ${role.padEnd(9)}${name.padEnd(18)}${url}`;
    return index === 5 ? `\nThe others of the evening:\n\n${line}` : line;
  });
  const machines = nodes.map(
    ({ name, node }) => `  ${name.padEnd(9)}${node.origin.padEnd(26)}process ${node.pid}`,
  );
  return `A parents' evening that runs now, at three nodes. The first five meet in a joint appointment: open a link in a browser \
for each of them.

${people.join("\n")}

The nodes:

${machines.join("\n")}

Each link works at each of them: put its port in place of the one that is there. Kill one (kill -9, and its process), and see \
who is in its calls come back at the others by themselves; it is begun again.

Ctrl-C ends all of it.`;
}

/** Begins it again wherever it has ended by itself. */
async function keep({ name, node }: Named): Promise<void> {
  for (;;) {
    await node.untilEnded();
    await pause(AGAIN_MS);
    if (ends) {
      return;
    }
    console.error(`homeroom: the node ${name} has ended, and is begun again`);
    const printed = node.printed.length;
    await node.start().catch((error: unknown) => console.error(`homeroom: ${error}`));
    console.error(`homeroom: ${name} is process ${node.pid}`);
    void tellOfSetUp(node, printed);
  }
}

/** A node that begins prints another link by which the office is set up: the ones of before are dead. */
async function tellOfSetUp(node: Node, printed: number): Promise<void> {
  // Where the office is set up none is printed: nobody who ends this waits for one.
  const isThere = () => ends || (node.printed.length > printed && node.setUpLink);
  const link = await until("the office can be set up", isThere).catch(() => undefined);
  if (typeof link === "string") {
    console.error(`homeroom: the School office has another link now: ${node.at(link)}`);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const interrupted = Promise.race(SIGNALS.map((signal) => once(process, signal)));
for (const signal of SIGNALS) {
  // Pressed again it is ending already.
  process.on(signal, () => undefined);
}
try {
  const begun = begin();
  // Who is interrupted while it begins waits for what has begun, so that nothing is left.
  await Promise.race([begun, interrupted]);
  const { nodes, links } = await begun;
  console.log(values.json ? JSON.stringify(links) : table(nodes, links));
  for (const node of nodes) {
    void keep(node);
  }
  await interrupted;
  console.error("homeroom: ending");
} catch (error) {
  console.error(`homeroom: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await end();
}
