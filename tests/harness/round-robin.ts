/** What stands before several nodes, as nginx of docs/nodes.md does: each request goes to the next of them, whoever sends it. */

import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import { freePort } from "./program.ts";

export class RoundRobin {
  readonly origin: string;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #nodes: readonly string[];
  #next = 0;

  private constructor(port: number, nodes: readonly string[]) {
    this.origin = `http://127.0.0.1:${port}`;
    this.#nodes = nodes;
    this.#server = createServer((asked, answer) => this.#lead(asked, answer));
  }

  static async before(nodes: readonly string[]): Promise<RoundRobin> {
    const port = await freePort();
    const it = new RoundRobin(port, nodes);
    it.#server.listen(port, "127.0.0.1");
    await once(it.#server, "listening");
    return it;
  }

  /** The same link, by way of this. */
  at(url: string): string {
    return url.replace(new URL(url).origin, this.origin);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #lead(asked: IncomingMessage, answer: ServerResponse): void {
    const node = this.#nodes[this.#next++ % this.#nodes.length];
    const { method, headers, url } = asked;
    const led = request(`${node}${url}`, { method, headers, agent: this.#agent }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers);
      // Either may go away.
      pipeline(from, answer, () => {});
    });
    led.on("error", () => answer.destroy());
    asked.pipe(led);
  }
}
