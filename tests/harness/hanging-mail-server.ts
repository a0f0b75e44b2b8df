/** A mail server that falls silent at a step of its conversation (RFC 5321), until it is well again. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** Where it may fall silent. */
export const STEPS = [
  "greeting",
  "EHLO",
  "AUTH",
  "MAIL",
  "RCPT",
  "DATA",
  "taking",
  "QUIT",
] as const;
export type Step = (typeof STEPS)[number];

/** How it gets well: it says what it owes, or has forgotten all conversations. */
export type Cure = "answers" | "closes";

type Owed = { readonly socket: Socket; readonly answer: string };

export class HangingMailServer {
  /** The messages that it took, whole. */
  readonly taken: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silentAt: Step | undefined;
  #owed: Owed[] = [];

  private constructor() {
    this.#server = createServer((socket) => this.#converse(socket));
  }

  static async open(): Promise<HangingMailServer> {
    const mail = new HangingMailServer();
    mail.#server.listen(0, "127.0.0.1");
    await once(mail.#server, "listening");
    return mail;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on it says nothing at this step. */
  fallSilent(step: Step): void {
    this.#silentAt = step;
  }

  /** How many conversations hang. */
  get hangs(): number {
    return this.#owed.length;
  }

  getWell(by: Cure): void {
    this.#silentAt = undefined;
    for (const { socket, answer } of this.#owed) {
      if (by === "answers") {
        socket.write(answer);
      } else {
        socket.destroy();
      }
    }
    this.#owed = [];
  }

  /** How many conversations go on. */
  get conversations(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    this.#server.close();
    await once(this.#server, "close");
  }

  #converse(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#owed = this.#owed.filter((owed) => owed.socket !== socket);
    });
    socket.on("error", () => undefined);
    const answer = (step: Step | undefined, text: string) => {
      if (step !== undefined && step === this.#silentAt) {
        this.#owed.push({ socket, answer: text });
      } else {
        socket.write(text);
      }
    };
    answer("greeting", "220 here\r\n");
    let message: string[] | undefined;
    createInterface({ input: socket }).on("line", (line) => {
      if (message !== undefined) {
        if (line !== ".") {
          message.push(line);
          return;
        }
        this.taken.push(message.join("\n"));
        message = undefined;
        answer("taking", "250 taken\r\n");
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      const step = STEPS.find((one) => one === verb);
      if (verb === "DATA") {
        message = [];
        answer("DATA", "354 go on\r\n");
      } else if (verb === "EHLO") {
        answer(step, "250-here\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n");
      } else if (verb === "AUTH") {
        answer(step, "235 welcome\r\n");
      } else {
        assert.ok(!verb.includes("."), "no line of a message is a command");
        answer(step, verb === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
      }
    });
  }
}
