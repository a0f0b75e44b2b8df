/** An authenticator app (RFC 6238): SHA-1, six digits, another each 30 seconds. */

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const STEP_MS = 30_000;

export class Authenticator {
  readonly #secret: Buffer;
  #last = 0;

  /** With a key as it is typed: in base32, with spaces. */
  constructor(key: string) {
    const bits = [...key.replace(/\s/g, "")]
      .map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0"))
      .join("");
    const bytes = bits.match(/.{8}/g) ?? [];
    this.#secret = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  }

  /**
   * A code that was not shown before: that of now, or of the step after it where that one was. A server takes
   * it one step early.
   */
  next(): string {
    const now = Math.floor(Date.now() / STEP_MS);
    this.#last = Math.max(now, this.#last + 1);
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(this.#last));
    const hash = createHmac("sha1", this.#secret).update(step).digest();
    const at = (hash.at(-1) ?? 0) & 0xf;
    const number = (hash.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000;
    return String(number).padStart(6, "0");
  }
}
