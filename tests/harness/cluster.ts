/** Three nodes on machines of their own, the records that they share, and what stands before them. */

import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Balancer } from "./balancer.ts";
import { type Machine, Networks } from "./networks.ts";
import { fill, Node } from "./node.ts";
import { Postgres } from "./postgres.ts";
import { freePort, type Invitation } from "./program.ts";
import { Redis } from "./redis.ts";

const NAMES = ["east", "north", "south"] as const;
const PAGES = 8080;
const MEDIA = 10_000;
const NODES = 8090;
/** How long the meetings of a node that is drained may go on there. */
export const DRAIN_S = 15;
const TOKEN = "of-three-nodes-on-one-machine";

/** Many people come from one address here, and again and again. */
const WITHOUT_LIMITS = Object.fromEntries(
  [
    "JOINS_PER_LINK_PER_MIN",
    "JOINS_PER_ADDRESS_PER_MIN",
    "GUESSES_PER_ADDRESS_PER_MIN",
    "REQUESTS_PER_LINK_PER_MIN",
    "REQUESTS_PER_ADDRESS_PER_MIN",
    "VISITORS_PER_ADDRESS_PER_HOUR",
    "VISITORS_PER_LINK_AND_ADDRESS",
    "CONNECTIONS_PER_ADDRESS",
    "CONNECTIONS_PER_ADDRESS_PER_S",
  ].map((limit) => [`HOMEROOM__LIMITS__${limit}`, "1000000"]),
);

export type Member = { readonly node: Node; readonly machine: Machine; readonly name: string };

export class Cluster {
  /** All links lead to what stands before the nodes. */
  invitations: readonly Invitation[] = [];
  readonly members: Member[] = [];
  readonly #endings: (() => void | Promise<void>)[] = [];
  #postgres: Postgres | undefined;
  #redis: Redis | undefined;
  #balancer: Balancer | undefined;

  get postgres(): Postgres {
    return there(this.#postgres);
  }

  get redis(): Redis {
    return there(this.#redis);
  }

  get balancer(): Balancer {
    return there(this.#balancer);
  }

  /** Three nodes that serve a demonstration of so many calls; what it began is {@link clear}ed, come what may. */
  async set(calls: number): Promise<void> {
    const endings = this.#endings;
    const networks = await Networks.lay(NAMES.length);
    endings.push(() => networks.clear());
    const folder = await mkdtemp(join(tmpdir(), "homeroom-cluster-"));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const postgres = await Postgres.start(networks.closed);
    endings.push(() => postgres.end());
    const redis = await Redis.start({ host: networks.closed, port: 6379 });
    endings.push(() => redis.end());
    [this.#postgres, this.#redis] = [postgres, redis];
    const port = await freePort();
    const filled = join(folder, "filled");
    const records = { HOMEROOM__DATABASE__URL: postgres.url };
    this.invitations = await fill(calls, { port, folder: filled, records });
    const key = join(folder, "key");
    await writeFile(key, "k".repeat(48), { mode: 0o600 });
    for (const [index, machine] of networks.machines.entries()) {
      const name = NAMES[index];
      assert.ok(name, "each has a name");
      const its = join(folder, name);
      await mkdir(its, { mode: 0o700 });
      await copyFile(join(filled, "keys"), join(its, "keys"));
      const settings = {
        ...records,
        ...WITHOUT_LIMITS,
        HOMEROOM__CLUSTER__NAME: name,
        HOMEROOM__CLUSTER__LISTEN: `${machine.closed}:${NODES}`,
        HOMEROOM__CLUSTER__KEY_FILE: key,
        HOMEROOM__CLUSTER__REDIS_URL: redis.url,
        HOMEROOM__CLUSTER__DRAIN_S: `${DRAIN_S}`,
        HOMEROOM__HTTP__PUBLIC_URL: `http://127.0.0.1:${port}`,
        HOMEROOM__METRICS__TOKEN: TOKEN,
        HOMEROOM__CALLS__OPENS_BEFORE_MIN: "1440",
        HOMEROOM__CALLS__CLOSES_AFTER_MIN: "1440",
      };
      const place = { host: machine.open, before: machine.before };
      const node = new Node(its, [PAGES, MEDIA], settings, place);
      endings.push(() => node.kill());
      await node.start();
      this.members.push({ node, machine, name });
    }
    const origins = this.members.map(({ node }) => node.origin);
    const balancer = await Balancer.before(origins, port);
    endings.push(() => balancer.close());
    this.#balancer = balancer;
  }

  /** A figure of a node's. */
  async figure(node: Node, name: string): Promise<number> {
    const answer = await fetch(`${node.origin}/metrics`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(5_000),
    });
    const line = (await answer.text()).split("\n").find((text) => text.startsWith(`${name} `));
    assert.ok(line, `${node.origin} has no ${name}`);
    return Number(line.split(" ")[1]);
  }

  /** Of the nodes that run, the one with the most people in its meetings. */
  async busiest(): Promise<Member> {
    const seats = await Promise.all(
      this.members.map(({ node }) => this.figure(node, "homeroom_seats_taken")),
    );
    const member = this.members[seats.indexOf(Math.max(...seats))];
    assert.ok(member, "one has the most");
    return member;
  }

  /** What nodes say of themselves that are not well, one sentence each. */
  async ailments(): Promise<string[]> {
    const signal = AbortSignal.timeout(2_000);
    const answers = await Promise.all(
      this.members.map(async ({ node, name }) => {
        // Sentences are for whoever watches.
        const headers = { authorization: `Bearer ${TOKEN}` };
        const answer = await fetch(`${node.origin}/readyz`, { headers, signal });
        const said = await answer.text();
        return answer.ok ? [] : [`${name}: ${said.trim()}`];
      }),
    );
    return answers.flat();
  }

  /** Whether all nodes say that they are well. */
  async isWell(): Promise<boolean> {
    return (await this.ailments()).length === 0;
  }

  /** Whether all nodes have said in Redis that they live. */
  async isInRedis(): Promise<boolean> {
    return (await this.redis.living()) === this.members.length;
  }

  /** Begins again every node that has ended, as their services do: one that ends at its start is left for the next time. */
  async beginAgain(): Promise<void> {
    for (const { node, name } of this.members.filter((member) => !member.node.runs)) {
      await node.start().catch((error: unknown) => {
        console.error(`${name} does not begin: ${`${error}`.trimEnd().split("\n").at(-1)}`);
      });
    }
  }

  /** Whatever became of it, it is over. */
  async clear(): Promise<void> {
    for (const ending of this.#endings.splice(0).reverse()) {
      // One that fails must not keep the others.
      await Promise.resolve(ending()).catch((error: unknown) => console.error(error));
    }
  }
}

function there<T>(what: T | undefined): T {
  assert.ok(what !== undefined, "it is set");
  return what;
}
