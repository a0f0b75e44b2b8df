/** A way to a PostgreSQL on which the answers to commits can be lost: what is committed stays so, and nobody hears of it. */

import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Postgres } from "./postgres.ts";

/** What its socket is called in its folder. */
const SOCKET = ".s.PGSQL.5432";

export class LostAnswers {
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #loses = false;
  /** How many were lost. */
  lost = 0;

  private constructor(folder: string, server: Server) {
    this.#folder = folder;
    this.#server = server;
  }

  static async before(postgres: Postgres): Promise<LostAnswers> {
    const folder = await mkdtemp(join(tmpdir(), "homeroom-lost-"));
    const server = createServer().listen(join(folder, SOCKET));
    await once(server, "listening");
    const way = new LostAnswers(folder, server);
    server.on("connection", (near) => way.#carry(near, join(postgres.folder, SOCKET)));
    return way;
  }

  get url(): string {
    return `postgres://homeroom@localhost/postgres?host=${this.#folder}`;
  }

  /** From now on nothing is heard any more on a connection that commits something; or, again, all is. */
  lose(loses: boolean): void {
    this.#loses = loses;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #carry(near: Socket, path: string): void {
    const far = connect(path);
    let isLost = false;
    near.on("data", (said) => {
      // As a statement by itself (PostgreSQL's documentation, "Message Formats": Query).
      if (this.#loses && !isLost && said.includes("COMMIT\0")) {
        isLost = true;
        this.lost += 1;
      }
      far.write(said);
    });
    far.on("data", (answer) => {
      if (!isLost) {
        near.write(answer);
      }
    });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
