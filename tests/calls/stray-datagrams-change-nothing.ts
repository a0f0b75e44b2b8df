/** A third address's datagrams, during and after the handshake, have no effect. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";

type Place = { readonly address: string; readonly port: number };

/** Where the server receives media, and the SSRCs that the page sends. */
async function mediaPlaceOf(visitor: Visitor): Promise<Place & { ssrcs: number[] }> {
  const [answer, offer] = await visitor.page.evaluate(() => {
    const [peer] = window.journey.peers;
    return [peer?.connection.remoteDescription?.sdp ?? "", peer?.offers[0] ?? ""];
  });
  const candidate = /a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host/i.exec(answer);
  assert.ok(candidate?.[1] && candidate[2], "the answer names an address");
  const ssrcs = [...offer.matchAll(/^a=ssrc:(\d+) /gm)].map(([, ssrc]) => Number(ssrc));
  assert.ok(ssrcs.length > 0);
  return { address: candidate[1], port: Number(candidate[2]), ssrcs: [...new Set(ssrcs)] };
}

/** The first message of a handshake as a browser might begin one (RFC 6347 §4.2). */
function clientHello(): Buffer {
  const extensions = Buffer.from(
    [
      "000a00040002001d", // supported_groups: x25519
      "000b00020100", // ec_point_formats: uncompressed
      "000d000400020403", // signature_algorithms: ecdsa_secp256r1_sha256
      "000e00050002000700", // use_srtp: AEAD_AES_128_GCM
      "00170000", // extended_master_secret
    ].join(""),
    "hex",
  );
  const body = Buffer.concat([
    Buffer.from("fefd", "hex"),
    randomBytes(32),
    Buffer.from("00000002c02b0100", "hex"), // no session, no cookie, one suite, no compression
    Buffer.from([extensions.length >> 8, extensions.length & 0xff]),
    extensions,
  ]);
  const length = Buffer.from([0, body.length >> 8, body.length & 0xff]);
  const message = Buffer.concat([Buffer.from([1]), length, Buffer.alloc(5), length, body]);
  const record = Buffer.from("16fefd0000000000000000", "hex");
  return Buffer.concat([
    record,
    Buffer.from([message.length >> 8, message.length & 0xff]),
    message,
  ]);
}

/** Datagrams of every kind that arrives at such a port, all from nobody. */
function strays(ssrcs: readonly number[]): Buffer[] {
  const alert = Buffer.from("15fefd000000000000000000020200", "hex");
  const applicationData = Buffer.concat([
    Buffer.from("17fefd00010000000000000020", "hex"),
    randomBytes(32),
  ]);
  const binding = Buffer.concat([Buffer.from("000100002112a442", "hex"), randomBytes(12)]);
  const rtp = ssrcs.flatMap((ssrc) =>
    [111, 96, 0x60 | 0x80].map((type) => {
      const header = Buffer.alloc(12);
      header[0] = 0x80;
      header[1] = type;
      header.writeUInt16BE(Math.floor(Math.random() * 65_536), 2);
      header.writeUInt32BE(ssrc, 8);
      return Buffer.concat([header, randomBytes(80)]);
    }),
  );
  const goodbye = Buffer.alloc(8);
  goodbye.writeUInt32BE(0x81cb0001);
  goodbye.writeUInt32BE(ssrcs[0] ?? 0, 4);
  const rtcp = Buffer.concat([goodbye, randomBytes(14)]);
  return [
    clientHello(),
    alert,
    applicationData,
    binding,
    rtcp,
    ...rtp,
    randomBytes(1),
    randomBytes(1_200),
    Buffer.alloc(0),
  ];
}

/** Sends them over and over from another address, as long as the story lasts. */
async function sendStrays(stage: Stage, place: Place, kinds: readonly Buffer[]) {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const counts = { sent: 0, bytesBack: 0 };
  socket.on("message", (message) => {
    counts.bytesBack += message.length;
  });
  const timer = setInterval(() => {
    for (const kind of kinds) {
      socket.send(kind, place.port, place.address);
      counts.sent += 1;
    }
  }, 5);
  stage.afterwards(() => {
    clearInterval(timer);
    socket.close();
  });
  return counts;
}

story("stray datagrams during and after the handshake change nothing", async (stage) => {
  const [first] = await stage.seats([0]);
  assert.ok(first);
  const { ssrcs, ...place } = await mediaPlaceOf(first);
  const counts = await sendStrays(stage, place, strays(ssrcs));
  await until("strays are on their way", () => counts.sent > 100);

  const [second, third] = await stage.seats([1, 2]);
  assert.ok(second && third);
  await untilAllSeeAndHear([first, second, third]);
  const before = Date.now();
  const sentBefore = counts.sent;
  await until("many more strays were sent", () => counts.sent > sentBefore + 5_000);
  await untilAllSeeAndHear([first, second, third]);
  await assertUndisturbed([first, second, third], before);
  assert.equal(counts.bytesBack, 0, "the server answered a stray");
});
