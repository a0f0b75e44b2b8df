/**
 * A TCP proxy between a page and the program, so that a story can cut the wire. It listens on the
 * program's own port at the IPv6 loopback address: to the page it is the same machine by its other
 * name, and so of an origin that the program admits.
 */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #delayMs: number;
  #passes = true;

  private constructor(server: Server, delayMs: number) {
    this.#server = server;
    this.#delayMs = delayMs;
  }

  /** How many connections pass through it now. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** What passes takes `delayMs` each way. */
  static async before(port: number, delayMs = 0): Promise<TcpProxy> {
    const server = createServer().listen(port, "::1");
    await once(server, "listening");
    const proxy = new TcpProxy(server, delayMs);
    server.on("connection", (near) => proxy.#carry(near, port));
    return proxy;
  }

  /** Resets every connection that there is; new ones pass. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.resetAndDestroy();
    }
  }

  /** Resets every connection, and refuses new ones until `mend`. */
  sever(): void {
    this.#passes = false;
    this.cut();
  }

  mend(): void {
    this.#passes = true;
  }

  /** The link as it reads through this proxy. */
  through(url: string): string {
    const here = new URL(url);
    here.hostname = "[::1]";
    return here.href;
  }

  close(): void {
    this.#server.close();
    this.cut();
  }

  #carry(near: Socket, port: number): void {
    if (!this.#passes) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(port, "127.0.0.1");
    this.#join(near, far);
    this.#join(far, near);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on("error", () => to.destroy());
    if (this.#delayMs === 0) {
      from.pipe(to);
    } else {
      from.pipe(late(this.#delayMs)).pipe(to);
    }
  }
}

/** Passes on in order what comes, each piece so much later. */
function late(delayMs: number): Transform {
  return new Transform({
    // However much is on its way: what is late must not hold up what follows.
    highWaterMark: 1 << 20,
    transform(piece, _encoding, done) {
      setTimeout(() => this.push(piece), delayMs);
      done();
    },
    flush(done) {
      setTimeout(done, delayMs);
    },
  });
}
