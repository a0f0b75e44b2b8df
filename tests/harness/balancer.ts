/**
 * What stands before several nodes, as docs/nodes.md has it: each connection goes to the next node that is well.
 * A node that does not answer `/healthz` within a second, twice, gets no more, and those that it had are closed,
 * until it answers again; one that refuses a connection is passed over.
 */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "./program.ts";

const ASKED_EVERY_MS = 1_000;
const ANSWERS_WITHIN_MS = 1_000;
const MISSES = 2;

type Behind = {
  readonly host: string;
  readonly port: number;
  readonly sockets: Set<Socket>;
  missed: number;
  /** Taken out by hand. */
  isOut: boolean;
};

export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #behind: readonly Behind[];
  #next = 0;
  #ends = false;

  private constructor(server: Server, port: number, behind: readonly Behind[]) {
    this.#server = server;
    this.port = port;
    this.#behind = behind;
  }

  /** One that has nobody behind it yet is known by its port. */
  static async before(origins: readonly string[], port?: number): Promise<Balancer> {
    const own = port ?? (await freePort());
    const server = createServer().listen(own, "127.0.0.1");
    await once(server, "listening");
    const behind = origins.map((origin) => {
      const { hostname, port: at } = new URL(origin);
      return {
        host: hostname,
        port: Number(at),
        sockets: new Set<Socket>(),
        missed: 0,
        isOut: false,
      };
    });
    const balancer = new Balancer(server, own, behind);
    server.on("connection", (near) => balancer.#carry(near, behind.length));
    for (const node of behind) {
      void balancer.#watch(node);
    }
    return balancer;
  }

  /** The node of this number gets no more connections; those that it has stay. */
  takeOut(index: number): void {
    this.#set(index, true);
  }

  putBack(index: number): void {
    this.#set(index, false);
  }

  close(): void {
    this.#ends = true;
    this.#server.close();
    for (const { sockets } of this.#behind) {
      for (const socket of sockets) {
        socket.destroy();
      }
    }
  }

  #set(index: number, isOut: boolean): void {
    const node = this.#behind[index];
    if (node) {
      node.isOut = isOut;
    }
  }

  async #watch(node: Behind): Promise<void> {
    while (!this.#ends) {
      const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
      const answer = await fetch(`http://${node.host}:${node.port}/healthz`, { signal }).catch(
        () => undefined,
      );
      await answer?.text().catch(() => undefined);
      node.missed = answer?.ok ? 0 : node.missed + 1;
      if (node.missed === MISSES) {
        for (const socket of node.sockets) {
          socket.destroy();
        }
      }
      await pause(ASKED_EVERY_MS, undefined, { ref: false });
    }
  }

  #carry(near: Socket, tries: number): void {
    near.on("error", () => near.destroy());
    const well = this.#behind.filter(({ missed, isOut }) => missed < MISSES && !isOut);
    const node = well[this.#next++ % well.length];
    if (node === undefined || tries === 0) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(node.port, node.host);
    far.once("error", () => {
      // Nothing was said yet.
      if (!near.destroyed) {
        this.#carry(near, tries - 1);
      }
    });
    far.once("connect", () => {
      far.removeAllListeners("error").on("error", () => far.destroy());
      this.#join(near, far, node);
    });
  }

  #join(near: Socket, far: Socket, node: Behind): void {
    node.sockets.add(far);
    far.on("close", () => {
      node.sockets.delete(far);
      near.destroy();
    });
    near.on("close", () => far.destroy());
    near.pipe(far).pipe(near);
  }
}
