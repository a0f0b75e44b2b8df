/** A real mail server that takes every message and keeps it. */

import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { until } from "./until.ts";

export type Mail = ParsedMail & { readonly recipient: string };

export class Mailbox {
  readonly messages: Mail[] = [];
  readonly port: number;
  readonly #server: SMTPServer;

  private constructor(server: SMTPServer, port: number, messages: Mail[]) {
    this.#server = server;
    this.port = port;
    this.messages = messages;
  }

  static async open(): Promise<Mailbox> {
    const messages: Mail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith("nobody@") ? new Error("550 there is nobody here") : null),
      onData: (stream, session, done) => {
        simpleParser(stream).then((parsed) => {
          for (const { address } of session.envelope.rcptTo) {
            messages.push(Object.assign(parsed, { recipient: address }));
          }
          done();
        }, done);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.server.address() as AddressInfo;
    return new Mailbox(server, port, messages);
  }

  /** What has come for this address, the oldest first. */
  for(address: string): Mail[] {
    return this.messages.filter(({ recipient }) => recipient === address);
  }

  /** Waits for the message of this number for an address, the first being 1. */
  async untilFor(address: string, number = 1): Promise<Mail> {
    return until(`message ${number} for ${address}`, () => this.for(address)[number - 1]);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }
}

/** The personal link in a message. */
export function linkIn(mail: Mail): string {
  const link = /https?:\/\/\S+\/j\/[^\s#]+#[\w-]+/.exec(mail.text ?? "")?.[0];
  if (link === undefined) {
    throw new Error(`no link in: ${mail.text}`);
  }
  return link;
}
