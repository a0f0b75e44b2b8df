/** As little of a client of the relay (RFC 8656, RFC 8489) as asks for an allocation and refreshes it. */

import assert from "node:assert/strict";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { RelayAccess } from "../../web/src/wire/messages.ts";

const MAGIC = 0x2112a442;
const ALLOCATE = 0x0003;
const REFRESH = 0x0004;
const ERROR = 0x0110;

const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;
const SOFTWARE = 0x8022;

/** A stranger over UDP is answered with no more bytes than came: this pays for a challenge. */
const NAME = Buffer.alloc(200, "homeroom-story ");

/** UDP, as the one transport there is. */
const UDP = Buffer.from([17, 0, 0, 0]);

type Attribute = readonly [type: number, value: Buffer];

export class TurnClient {
  readonly #socket: Socket;
  readonly #access: RelayAccess;
  readonly #host: string;
  readonly #port: number;
  #challenge: readonly [realm: Buffer, nonce: Buffer] | null = null;

  constructor(access: RelayAccess) {
    const [, host, port] = /^turn:(.*):(\d+)\?transport=udp$/.exec(access.urls[0] ?? "") ?? [];
    assert.ok(host && port, `a relay over UDP: ${access.urls}`);
    this.#host = host;
    this.#port = Number(port);
    this.#access = access;
    this.#socket = createSocket("udp4");
  }

  /** Asks for an allocation: 0, or the code of the refusal. */
  allocate(): Promise<number> {
    return this.#ask(ALLOCATE, [[REQUESTED_TRANSPORT, UDP]]);
  }

  /** Asks for more time: 0, or the code of the refusal. */
  refresh(): Promise<number> {
    return this.#ask(REFRESH, []);
  }

  end(): void {
    this.#socket.close();
  }

  /** Asks, and once more where the answer is a challenge that it did not know. */
  async #ask(kind: number, attributes: readonly Attribute[]): Promise<number> {
    for (const isLast of [false, true]) {
      const answer = await this.#exchange(kind, attributes);
      const code = codeOf(answer);
      const realm = find(answer, REALM);
      const nonce = find(answer, NONCE);
      const isNew = nonce !== undefined && !this.#challenge?.[1].equals(nonce);
      if (isLast || !isNew || realm === undefined || (code !== 401 && code !== 438)) {
        return code;
      }
      this.#challenge = [realm, nonce];
    }
    assert.fail("the second answer is the last");
  }

  async #exchange(kind: number, attributes: readonly Attribute[]): Promise<Buffer> {
    const transaction = randomBytes(12);
    const all: Attribute[] = [[SOFTWARE, NAME], ...attributes];
    if (this.#challenge !== null) {
      const [realm, nonce] = this.#challenge;
      all.push([USERNAME, Buffer.from(this.#access.username)], [REALM, realm], [NONCE, nonce]);
    }
    let request = message(kind, transaction, all);
    if (this.#challenge !== null) {
      const { username, credential } = this.#access;
      const key = createHash("md5").update(`${username}:${this.#challenge[0]}:${credential}`);
      // The length counts the attribute that is to come (RFC 8489 §14.5).
      request.writeUInt16BE(request.length - 20 + 24, 2);
      const sum = createHmac("sha1", key.digest()).update(request).digest();
      request = message(kind, transaction, [...all, [MESSAGE_INTEGRITY, sum]]);
    }
    const heard = once(this.#socket, "message", { signal: AbortSignal.timeout(5_000) });
    this.#socket.send(request, this.#port, this.#host);
    const [answer] = (await heard) as [Buffer];
    assert.deepEqual(answer.subarray(8, 20), transaction, "the answer is to this request");
    return answer;
  }
}

function message(kind: number, transaction: Buffer, attributes: readonly Attribute[]): Buffer {
  const body = attributes.map(([type, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type, 0);
    head.writeUInt16BE(value.length, 2);
    return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
  });
  const head = Buffer.alloc(8);
  head.writeUInt16BE(kind, 0);
  head.writeUInt16BE(Buffer.concat(body).length, 2);
  head.writeUInt32BE(MAGIC, 4);
  return Buffer.concat([head, transaction, ...body]);
}

function find(answer: Buffer, wanted: number): Buffer | undefined {
  let at = 20;
  while (at + 4 <= answer.length) {
    const length = answer.readUInt16BE(at + 2);
    if (answer.readUInt16BE(at) === wanted) {
      return answer.subarray(at + 4, at + 4 + length);
    }
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return undefined;
}

function codeOf(answer: Buffer): number {
  if ((answer.readUInt16BE(0) & ERROR) !== ERROR) {
    return 0;
  }
  const code = find(answer, ERROR_CODE);
  assert.ok(code !== undefined && code.length >= 4, "an error has a code");
  return code.readUInt8(2) * 100 + code.readUInt8(3);
}
