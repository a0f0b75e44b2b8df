// The WebSocket. It carries messages in and out, and decides nothing.

import type { Event } from "../session/event";
import { type ClientMessage, SOCKET_PATH, SUBPROTOCOL } from "../wire/messages";
import { complain, parseJson, read } from "../wire/read";
import { readServerMessage } from "../wire/readers";

/** The code of a socket that ended without a closing handshake (RFC 6455 §7.1.5). */
const ABNORMAL = 1006;

/** Opens sockets by number and reports what happens to them. */
export class Sockets {
  readonly #open = new Map<number, WebSocket>();
  readonly #report: (event: Event) => void;

  constructor(report: (event: Event) => void) {
    this.#report = report;
  }

  open(number: number): void {
    const address = new URL(SOCKET_PATH, location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    const socket = new WebSocket(address, SUBPROTOCOL);
    this.#open.set(number, socket);
    socket.addEventListener("open", () => {
      this.#report({ type: "socket_opened", socket: number });
    });
    socket.addEventListener("message", ({ data }) => this.#heard(number, data));
    socket.addEventListener("close", ({ code }) => this.#closed(number, code));
  }

  send(number: number, message: ClientMessage): void {
    const socket = this.#open.get(number);
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify(message));
    }
  }

  /** Closes for good: nothing more is reported of it. */
  close(number: number): void {
    const socket = this.#open.get(number);
    this.#open.delete(number);
    socket?.close();
  }

  #heard(number: number, data: unknown): void {
    if (!this.#open.has(number)) {
      return;
    }
    const message = read(readServerMessage, typeof data === "string" ? parseJson(data) : undefined);
    if (message.type === "wrong") {
      complain("a message of the server", message.at);
      return;
    }
    this.#report({ type: "socket_said", socket: number, message: message.value });
  }

  #closed(number: number, code: number): void {
    if (this.#open.delete(number)) {
      this.#report({ type: "socket_closed", socket: number, code: code || ABNORMAL });
    }
  }
}
