/** A seated guest who needs no keys: fragments without end, and records of what is still to come. */

import { RawGuest, record } from "../harness/raw-guest.ts";
import { attack, memoryIsFlat } from "./attack.ts";

/** A fragment of a Certificate: its length, which message, where it lies, and its bytes. */
function fragment(length: number, message: number, offset: number, bytes: number): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 11;
  head.writeUIntBE(length, 1, 3);
  head.writeUInt16BE(message, 4);
  head.writeUIntBE(offset, 6, 3);
  head.writeUIntBE(bytes, 9, 3);
  return Buffer.concat([head, Buffer.alloc(bytes, 7)]);
}

function* filled(count: number, content: (n: number) => Buffer, epoch = 0): Generator<Buffer> {
  for (let n = 0; n < count; n += 1) {
    yield record(n + 1, epoch, content(n));
  }
}

const HUNDRED = Array.from({ length: 100 }, (_, n) => n);

/** So many fragments of one byte, the first of them last. */
function* chain(length: number): Generator<Buffer> {
  const many = (n: number) =>
    Buffer.concat(HUNDRED.map((k) => fragment(length, 0, n * 100 + k + 1, 1)));
  yield* filled(600, many);
  yield record(9_999, 0, fragment(length, 0, 0, 1));
}

attack("fragments that follow one another without end", async (program) => {
  const guest = await RawGuest.sit(program.invitation(4));
  await memoryIsFlat(program, async () => {
    await guest.send(chain(0));
    await guest.send(chain(0xffff));
    await guest.send(chain(0xffffff));
  });
  guest.leave();
});

attack("messages far ahead, and pieces of very long ones", async (program) => {
  const guest = await RawGuest.sit(program.invitation(4));
  await memoryIsFlat(program, async () => {
    await guest.send(filled(20_000, (n) => fragment(0xffffff, n % 0xffff, n * 64, 1_200)));
    await guest.send(filled(20_000, (n) => fragment(0, n % 0xffff, 0, 0)));
    await guest.send(filled(20_000, (n) => fragment(16_000, n % 8, (n * 1_000) % 15_000, 1_000)));
  });
  guest.leave();
});

attack("records of epochs to come", async (program) => {
  const guest = await RawGuest.sit(program.invitation(4));
  await memoryIsFlat(program, async () => {
    const junk = Buffer.alloc(1_380, 7);
    await guest.send(filled(60_000, () => junk, 1));
    await guest.send(filled(20_000, () => junk, 2));
  });
  guest.leave();
});
