/**
 * Writes the offers that the installed browsers make in the protocol's layout into
 * `sfu/tests/offers/`, exactly as the browser made them.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Engine, launch } from "../harness/browsers.ts";

const folder = fileURLToPath(new URL("../../sfu/tests/offers/", import.meta.url));

type Offers = { readonly first: string; readonly gathered: string; readonly restart: string };

/** Runs in the page. */
async function makeOffers(): Promise<Offers> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const connection = new RTCPeerConnection();
  const kinds = ["audio", "video", "video"] as const;
  const sending = kinds.map((kind) => connection.addTransceiver(kind, { direction: "sendonly" }));
  for (const _slot of [0, 1, 2]) {
    for (const kind of kinds) {
      connection.addTransceiver(kind, { direction: "recvonly" });
    }
  }
  await sending[0]?.sender.replaceTrack(stream.getAudioTracks()[0] ?? null);
  await sending[1]?.sender.replaceTrack(stream.getVideoTracks()[0] ?? null);
  const gathered = new Promise<void>((resolve) => {
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") {
        resolve();
      }
    });
  });
  await connection.setLocalDescription();
  const first = connection.localDescription?.sdp ?? "";
  await gathered;
  const complete = connection.localDescription?.sdp ?? "";
  const other = new RTCPeerConnection();
  await other.setRemoteDescription({ type: "offer", sdp: complete });
  await other.setLocalDescription();
  while (other.iceGatheringState !== "complete") {
    await new Promise((resolve) => {
      other.addEventListener("icegatheringstatechange", resolve, { once: true });
    });
  }
  await connection.setRemoteDescription(other.localDescription as RTCSessionDescription);
  while (connection.connectionState !== "connected") {
    await new Promise((resolve) => {
      connection.addEventListener("connectionstatechange", resolve, { once: true });
    });
  }
  await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));
  const restart = connection.localDescription?.sdp ?? "";
  connection.close();
  other.close();
  return { first, gathered: complete, restart };
}

async function capture(engine: Engine, origin: string): Promise<void> {
  const browser = await launch(engine);
  try {
    const context = await browser.newContext();
    if (engine === "chromium") {
      await context.grantPermissions(["camera", "microphone"], { origin });
    }
    const page = await context.newPage();
    await page.goto(origin);
    const offers = await page.evaluate(makeOffers);
    await writeFile(`${folder}${engine}.sdp`, offers.first);
    await writeFile(`${folder}${engine}-gathered.sdp`, offers.gathered);
    await writeFile(`${folder}${engine}-restart.sdp`, offers.restart);
  } finally {
    await browser.close();
  }
}

const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/html").end("<!doctype html><title>Offers</title>");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
await mkdir(folder, { recursive: true });
try {
  for (const engine of ["chromium", "firefox"] as const) {
    await capture(engine, `http://127.0.0.1:${port}`);
  }
} finally {
  server.close();
}
