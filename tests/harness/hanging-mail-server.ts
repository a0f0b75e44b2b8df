/** A mail server that falls silent at a step of its conversation (RFC 5321), until it is well again. */

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

/** What it says to a command, where that is not a plain yes. */
const ANSWERS: Readonly<Record<string, string>> = {
  EHLO: "250-here\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n",
  AUTH: "235 welcome\r\n",
  DATA: "354 go on\r\n",
  QUIT: "221 bye\r\n",
};

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
    const takeCommand = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      message = verb === "DATA" ? [] : undefined;
      const step = STEPS.find((one) => one === verb);
      answer(step, ANSWERS[verb] ?? "250 ok\r\n");
    };
    const takeLine = (lines: string[], line: string) => {
      if (line !== ".") {
        lines.push(line);
        return;
      }
      this.taken.push(lines.join("\n"));
      message = undefined;
      answer("taking", "250 taken\r\n");
    };
    createInterface({ input: socket }).on("line", (line) => {
      if (message === undefined) {
        takeCommand(line);
      } else {
        takeLine(message, line);
      }
    });
  }
}
