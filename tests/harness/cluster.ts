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
  ].map((limit) => [`HOMEROOM__LIMITS__${limit}`, "10000"]),
);

export type Member = { readonly node: Node; readonly machine: Machine; readonly name: string };

export class Cluster {
  /** All links lead to what stands before the nodes. */
  readonly invitations: readonly Invitation[];
  readonly members: readonly Member[];
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly balancer: Balancer;
  readonly #endings: (() => void | Promise<void>)[];

  private constructor(
    invitations: readonly Invitation[],
    members: readonly Member[],
    { postgres, redis, balancer }: { postgres: Postgres; redis: Redis; balancer: Balancer },
    endings: (() => void | Promise<void>)[],
  ) {
    this.invitations = invitations;
    this.members = members;
    this.postgres = postgres;
    this.redis = redis;
    this.balancer = balancer;
    this.#endings = endings;
  }

  /** Three nodes that serve a demonstration of so many calls. */
  static async set(calls: number): Promise<Cluster> {
    const endings: (() => void | Promise<void>)[] = [];
    try {
      return await Cluster.#set(calls, endings);
    } catch (error) {
      await clear(endings);
      throw error;
    }
  }

  static async #set(calls: number, endings: (() => void | Promise<void>)[]): Promise<Cluster> {
    const networks = await Networks.lay(NAMES.length);
    endings.push(() => networks.clear());
    const folder = await mkdtemp(join(tmpdir(), "homeroom-cluster-"));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const postgres = await Postgres.start(networks.closed);
    endings.push(() => postgres.end());
    const redis = await Redis.start({ host: networks.closed, port: 6379 });
    endings.push(() => redis.end());
    const port = await freePort();
    const filled = join(folder, "filled");
    const records = { HOMEROOM__DATABASE__URL: postgres.url };
    const invitations = await fill(calls, { port, folder: filled, records });
    const key = join(folder, "key");
    await writeFile(key, "k".repeat(48), { mode: 0o600 });
    const members: Member[] = [];
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
        HOMEROOM__HTTP__PUBLIC_URL: `http://127.0.0.1:${port}`,
        HOMEROOM__METRICS__TOKEN: TOKEN,
        HOMEROOM__CALLS__OPENS_BEFORE_MIN: "1440",
        HOMEROOM__CALLS__CLOSES_AFTER_MIN: "1440",
      };
      const place = { host: machine.open, before: machine.before };
      const node = new Node(its, [PAGES, MEDIA], settings, place);
      endings.push(() => node.kill());
      await node.start();
      members.push({ node, machine, name });
    }
    const balancer = await Balancer.before(
      members.map(({ node }) => node.origin),
      port,
    );
    endings.push(() => balancer.close());
    return new Cluster(invitations, members, { postgres, redis, balancer }, endings);
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

  /** Whether all nodes say that they are well. */
  async isWell(): Promise<boolean> {
    const signal = AbortSignal.timeout(2_000);
    const answers = await Promise.all(
      this.members.map(async ({ node }) => {
        const answer = await fetch(`${node.origin}/readyz`, { signal });
        await answer.text();
        return answer.ok;
      }),
    );
    return answers.every(Boolean);
  }

  /** Whether all nodes have said in Redis that they live. */
  async isInRedis(): Promise<boolean> {
    return (await this.redis.count("homeroom:*:node:*")) === this.members.length;
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
    await clear(this.#endings);
  }
}

async function clear(endings: (() => void | Promise<void>)[]): Promise<void> {
  for (const ending of endings.splice(0).reverse()) {
    // One that fails must not keep the others.
    await Promise.resolve(ending()).catch((error: unknown) => console.error(error));
  }
}
