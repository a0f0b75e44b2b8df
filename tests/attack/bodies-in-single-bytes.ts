/** Bodies that come byte by byte, each in a chunk of its own: what is kept is no more than they are long. */

import { once } from "node:events";
import { connect } from "node:net";
import { linkOf } from "../harness/api.ts";
import type { Program } from "../harness/program.ts";
import { until } from "../harness/until.ts";
import { attack, memoryStaysFlat } from "./attack.ts";

/** As many as are begun at a time, and how long each is: together 1.5 MiB. */
const BODIES = 32;
const BYTES = 50_000;

/** A body that is begun and does not end; its connection is kept until the server ends it. */
async function begin(program: Program): Promise<{ isOver: boolean }> {
  const socket = connect(program.port, "127.0.0.1");
  const body = { isOver: false };
  socket.on("close", () => {
    body.isOver = true;
  });
  socket.on("error", () => undefined);
  socket.resume();
  const { id } = linkOf(program.invitation(3).url);
  const head = [
    `POST /api/v1/links/${id} HTTP/1.1`,
    `Host: 127.0.0.1:${program.port}`,
    "Content-Type: application/json",
    "Transfer-Encoding: chunked",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  if (!socket.write("1\r\n \r\n".repeat(BYTES))) {
    await Promise.race([once(socket, "drain"), once(socket, "close")]);
  }
  return body;
}

attack("bodies in single bytes", async (program) => {
  const send = async (number: number): Promise<void> => {
    const bodies = await Promise.all(Array.from({ length: number }, () => begin(program)));
    await until("none of them is waited for", () => bodies.every(({ isOver }) => isOver));
  };
  await memoryStaysFlat(
    program,
    () => send(1),
    () => send(BODIES),
  );
});
