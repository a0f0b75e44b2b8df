/** A real mail server that takes every message and keeps it. */

import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { until } from "./until.ts";

export type Mail = ParsedMail & {
  readonly recipient: string;
  /** As it came. */
  readonly source: Buffer;
};

/** The steps of taking a message (RFC 5321 §3.3), as the server sees them. */
export type Step = "connected" | "from" | "to" | "data" | "taken" | "answered";

export class Mailbox {
  readonly messages: Mail[] = [];
  /** Told of every step, before the server answers to it; "answered" comes after the last answer. */
  watch: (step: Step) => void = () => undefined;
  /** For whom it takes nothing before it is told to. */
  #held: { readonly address: string; readonly over: PromiseWithResolvers<void> } | undefined;
  readonly #server: SMTPServer;

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onConnect: (_session, done) => {
        this.watch("connected");
        done();
      },
      onMailFrom: (_from, _session, done) => {
        this.watch("from");
        done();
      },
      onRcptTo: ({ address }, _session, done) => {
        this.watch("to");
        done(address.startsWith("nobody@") ? new Error("550 there is nobody here") : null);
      },
      onData: (stream, session, done) => {
        this.watch("data");
        read(stream).then(async (source) => {
          const held = this.#held;
          if (session.envelope.rcptTo.some(({ address }) => address === held?.address)) {
            await held?.over.promise;
          }
          const parsed = await simpleParser(source);
          for (const { address } of session.envelope.rcptTo) {
            this.messages.push(Object.assign(parsed, { recipient: address, source }));
          }
          this.watch("taken");
          done();
          this.watch("answered");
        }, done);
      },
    });
    // Whoever is killed in the middle of a message leaves a connection that broke.
    this.#server.on("error", () => undefined);
  }

  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    await new Promise<void>((resolve) => mailbox.#server.listen(0, "127.0.0.1", resolve));
    return mailbox;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** What has come for this address, the oldest first. */
  for(address: string): Mail[] {
    return this.messages.filter(({ recipient }) => recipient === address);
  }

  /** Waits for the message of this number for an address, the first being 1. */
  async untilFor(address: string, number = 1): Promise<Mail> {
    return until(`message ${number} for ${address}`, () => this.for(address)[number - 1]);
  }

  /** What comes for this address is not taken before `letGo`. */
  hold(address: string): void {
    this.#held = { address, over: Promise.withResolvers() };
  }

  letGo(): void {
    this.#held?.over.resolve();
    this.#held = undefined;
  }

  async close(): Promise<void> {
    this.letGo();
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The personal link in a message. */
export function linkIn(mail: Mail): string {
  const link = /https?:\/\/\S+\/j\/[^\s#]+#[\w-]+/.exec(mail.text ?? "")?.[0];
  if (link === undefined) {
    throw new Error(`no link in: ${mail.text}`);
  }
  return link;
}
