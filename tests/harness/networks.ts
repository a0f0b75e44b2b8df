/**
 * Machines of a story's own: namespaces of this one's network, each in a public network, by which people come,
 * and in a private one, in which the nodes have each other and the records. This machine is in both.
 * They are made with `ip`, which only root may.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Names of network devices have 15 characters at most. */
const OURS = `hr${process.pid.toString(36)}`;

async function ip(...words: string[]): Promise<void> {
  await run("ip", words);
}

export class Machine {
  /** By which people reach it. */
  readonly open: string;
  /** By which nodes do. */
  readonly closed: string;
  readonly #name: string;
  readonly #number: number;

  constructor(number: number, networks: Networks) {
    this.#number = number;
    this.#name = `${OURS}n${number}`;
    this.open = `${networks.net}.1.${number}`;
    this.closed = `${networks.net}.2.${number}`;
  }

  /** What starts a program on it. */
  get before(): readonly string[] {
    return ["ip", "netns", "exec", this.#name];
  }

  async lay(): Promise<void> {
    await ip("netns", "add", this.#name);
    await ip("-n", this.#name, "link", "set", "lo", "up");
    for (const [kind, address] of [
      ["o", this.open],
      ["c", this.closed],
    ] as const) {
      const here = `${OURS}${kind}${this.#number}`;
      await ip("link", "add", here, "type", "veth", "peer", "name", kind, "netns", this.#name);
      await ip("-n", this.#name, "address", "add", `${address}/24`, "dev", kind);
      await ip("-n", this.#name, "link", "set", kind, "up");
      await ip("link", "set", here, "master", `${OURS}${kind}`, "up");
    }
  }

  /** Nothing passes between it and the private network any more, without a word to either. */
  async cut(): Promise<void> {
    await ip("link", "set", `${OURS}c${this.#number}`, "nomaster");
  }

  async mend(): Promise<void> {
    await ip("link", "set", `${OURS}c${this.#number}`, "master", `${OURS}c`);
  }

  /** How many datagrams of UDP the programs on it have sent so far. */
  async sent(): Promise<number> {
    const { stdout } = await run("ip", ["netns", "exec", this.#name, "cat", "/proc/net/snmp"]);
    const [names, figures] = stdout.split("\n").filter((line) => line.startsWith("Udp:"));
    const at = names?.split(" ").indexOf("OutDatagrams") ?? -1;
    return Number(figures?.split(" ")[at]);
  }

  /** A namespace goes at some time after its name, and its devices with it: they go first, so that their names are free. */
  async clear(): Promise<void> {
    for (const kind of ["o", "c"]) {
      await ip("link", "delete", `${OURS}${kind}${this.#number}`).catch(() => undefined);
    }
    await ip("netns", "delete", this.#name).catch(() => undefined);
  }
}

export class Networks {
  /** The first two numbers of all addresses. */
  readonly net: string;
  readonly machines: readonly Machine[];

  private constructor(machines: number) {
    this.net = `10.${200 + (process.pid % 50)}`;
    this.machines = Array.from({ length: machines }, (_, index) => new Machine(index + 1, this));
  }

  /** The address of this machine in the private network. */
  get closed(): string {
    return `${this.net}.2.254`;
  }

  static async lay(machines: number): Promise<Networks> {
    assert.equal(process.getuid?.(), 0, "only root may make networks: run it as root");
    const networks = new Networks(machines);
    try {
      for (const [kind, number] of [
        ["o", 1],
        ["c", 2],
      ] as const) {
        await ip("link", "add", `${OURS}${kind}`, "type", "bridge");
        const address = `${networks.net}.${number}.254/24`;
        await ip("address", "add", address, "dev", `${OURS}${kind}`);
        await ip("link", "set", `${OURS}${kind}`, "up");
      }
      for (const machine of networks.machines) {
        await machine.lay();
      }
    } catch (error) {
      await networks.clear();
      throw error;
    }
    return networks;
  }

  async clear(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.clear()));
    for (const kind of ["o", "c"]) {
      await ip("link", "delete", `${OURS}${kind}`).catch(() => undefined);
    }
  }
}
