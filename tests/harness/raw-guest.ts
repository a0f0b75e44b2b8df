/** A guest who holds a seat and sends the media port whatever is wanted, byte by byte. */

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Invitation } from "./program.ts";
import { ProtocolClient } from "./protocol-client.ts";
import { until } from "./until.ts";

const OFFER = new URL("../../sfu/tests/offers/werift.sdp", import.meta.url);

/** An offer of a client that is no browser. */
export function anOffer(): Promise<string> {
  return readFile(OFFER, "utf8");
}

function named(sdp: string, what: string): string {
  const found = new RegExp(`^a=${what}:(\\S+)`, "m").exec(sdp)?.[1];
  assert.ok(found, `there is an ${what}`);
  return found;
}

function attribute(kind: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(kind, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

/** A connectivity check that nominates (RFC 8445 §7.1), proved with `password`. */
export function check(user: string, password: string): Buffer {
  const transaction = randomBytes(12);
  const headed = (body: Buffer, more: number) => {
    const head = Buffer.alloc(8);
    head.writeUInt16BE(1, 0);
    head.writeUInt16BE(body.length + more, 2);
    head.writeUInt32BE(0x2112a442, 4);
    return Buffer.concat([head, transaction, body]);
  };
  let body = Buffer.concat([
    attribute(0x0006, Buffer.from(user)),
    attribute(0x0024, Buffer.from("6e7fffff", "hex")),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);
  const tag = createHmac("sha1", password).update(headed(body, 24)).digest();
  body = Buffer.concat([body, attribute(0x0008, tag)]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc32(headed(body, 8)) ^ 0x5354554e) >>> 0);
  return headed(Buffer.concat([body, attribute(0x8028, sum)]), 0);
}

/** A handshake record of DTLS 1.2 (RFC 6347 §4.1). */
export function record(number: number, epoch: number, content: Uint8Array): Buffer {
  const head = Buffer.from("16fefd00000000000000000000", "hex");
  head.writeUInt16BE(epoch, 3);
  head.writeUIntBE(number, 5, 6);
  head.writeUInt16BE(content.length, 11);
  return Buffer.concat([head, content]);
}

export class RawGuest {
  readonly client: ProtocolClient;
  readonly #socket: Socket;

  private constructor(client: ProtocolClient, socket: Socket) {
    this.client = client;
    this.#socket = socket;
  }

  /** Takes a seat, and proves an address of UDP. */
  static async sit(invitation: Invitation): Promise<RawGuest> {
    const offer = await anOffer();
    const client = await ProtocolClient.join(invitation, offer);
    const { message } = await client.untilHeard("joined");
    const answer = message.answer ?? "";
    const place = /^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) /im.exec(answer);
    assert.ok(place?.[1] && place[2], "the answer names an address");
    const socket = createSocket("udp4");
    socket.connect(Number(place[2]), place[1]);
    await once(socket, "connect");
    let answered = false;
    socket.on("message", (datagram) => {
      answered ||= datagram.readUInt16BE(0) === 0x0101;
    });
    const user = `${named(answer, "ice-ufrag")}:${named(offer, "ice-ufrag")}`;
    await until("the check is answered", () => {
      socket.send(check(user, named(answer, "ice-pwd")));
      return answered;
    });
    return new RawGuest(client, socket);
  }

  /** Sends these, in batches that the system has room for. */
  async send(datagrams: Iterable<Uint8Array>): Promise<void> {
    let sent = 0;
    for (const datagram of datagrams) {
      sent += 1;
      if (sent % 32 === 0) {
        await new Promise((resolve) => this.#socket.send(datagram, resolve));
      } else {
        this.#socket.send(datagram);
      }
    }
  }

  leave(): void {
    this.#socket.close();
    this.client.close();
  }
}
