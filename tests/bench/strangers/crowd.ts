/**
 * Strangers at the door, in a process of their own: `silent` holds so many connections that say nothing, too
 * little or too slowly, each opened again when it is cut; `knock` opens connections as fast as it can from one
 * address, each of which asks something. It says when it is at work, and what it saw when it is told to end.
 */

import { connect, type Socket } from "node:net";

const [kind, port, count] = process.argv.slice(2);
const HOST = "10.9.0.1";
/** The silent come from so many addresses, each of which has as many connections as it may. */
const FIRST_ADDRESS = 10;
const ADDRESSES = 50;
/** What they say: nothing, or the beginning of something. */
const WORDS = ["", "G", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "];
/** What those who knock ask. */
const ASKED = Buffer.from("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
/** How many of those who knock are on their way at a time. */
const AT_A_TIME = 128;

let isOver = false;
let isAtWork = false;
/** How long each was held by the server, ms. */
const held: number[] = [];
let open = 0;
let asked = 0;
let answered = 0;

function from(address: number): Socket {
  const socket = connect({ host: HOST, port: Number(port), localAddress: `10.9.0.${address}` });
  socket.on("error", () => undefined);
  return socket;
}

function staySilent(number: number): void {
  const socket = from(FIRST_ADDRESS + (number % ADDRESSES));
  let began = Number.POSITIVE_INFINITY;
  let dripping: NodeJS.Timeout | undefined;
  socket.on("connect", () => {
    began = performance.now();
    open += 1;
    socket.write(WORDS[number % WORDS.length] ?? "");
    if (number % WORDS.length === 2) {
      dripping = setInterval(() => socket.write("x"), 1_000);
    }
    if (open === Number(count) && !isAtWork) {
      isAtWork = true;
      console.log("at work");
    }
  });
  socket.resume();
  socket.on("close", () => {
    clearInterval(dripping);
    if (began < Number.POSITIVE_INFINITY) {
      open -= 1;
      held.push(performance.now() - began);
    }
    if (!isOver) {
      staySilent(number);
    }
  });
}

function knock(): void {
  const socket = from(2);
  asked += 1;
  socket.write(ASKED);
  socket.once("data", () => {
    answered += 1;
    socket.resetAndDestroy();
  });
  // So that the port can be had again at once.
  socket.on("end", () => socket.resetAndDestroy());
  socket.on("close", () => {
    if (!isOver) {
      knock();
    }
  });
}

const began = performance.now();
if (kind === "silent") {
  for (let number = 0; number < Number(count); number += 1) {
    staySilent(number);
  }
} else {
  for (let number = 0; number < AT_A_TIME; number += 1) {
    knock();
  }
  console.log("at work");
}
process.on("SIGTERM", () => {
  isOver = true;
  const sorted = held.toSorted((one, other) => one - other);
  const seconds = (performance.now() - began) / 1_000;
  console.log(
    JSON.stringify({
      open,
      cut: sorted.length,
      longest_ms: sorted.at(-1) ?? 0,
      asked,
      answered,
      seconds,
    }),
  );
  process.exit();
});
