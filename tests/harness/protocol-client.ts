/** A client of the signaling protocol that is no browser: it says what a story tells it to. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { GROUND_RULES } from "../../web/src/wire/limits.ts";
import type { ClientMessage, ServerMessage, TicketGranted } from "../../web/src/wire/messages.ts";
import type { Invitation } from "./program.ts";
import { until } from "./until.ts";

type Kind = ServerMessage["type"];
type Said<K extends Kind> = Extract<ServerMessage, { type: K }>;

/** How long a socket may take to open. */
const OPENS_WITHIN_MS = 30_000;

export const NOTHING_SENT = { microphone: false, camera: false, screen: false };

/** A random attempt id, as a page makes one for each press on Join. */
export function attempt(): string {
  return randomBytes(16).toString("hex");
}

/** Asks for a ticket, as a press on Join does. */
export function askTicket(invitation: Invitation, forAttempt = attempt()): Promise<Response> {
  const { origin, pathname, hash } = new URL(invitation.url);
  const id = pathname.split("/").at(-1);
  return fetch(`${origin}/api/v1/links/${id}/tickets`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({
      secret: hash.slice(1),
      attempt: forAttempt,
      accepts_rules: GROUND_RULES,
    }),
  });
}

export class ProtocolClient {
  /** Everything the server said, with the time of its arrival. */
  readonly heard: { readonly at: number; readonly message: ServerMessage }[] = [];
  /** The close code and the time, once closed. */
  closed: { readonly at: number; readonly code: number } | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.heard.push({ at: performance.now(), message: JSON.parse(data) as ServerMessage });
    });
    socket.addEventListener("close", ({ code }) => {
      this.closed = { at: performance.now(), code };
    });
  }

  /** Opens the WebSocket at the origin of this link. */
  static async connect(invitation: Invitation): Promise<ProtocolClient> {
    const { host } = new URL(invitation.url);
    const socket = new WebSocket(`ws://${host}/api/v1/socket`, "homeroom.v1");
    const client = new ProtocolClient(socket);
    // Looked at now and then, it would be open for a while before it is used: benches time what comes of it.
    const opens = new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      socket.addEventListener("close", () => reject(new Error("the socket is closed at once")));
      AbortSignal.timeout(OPENS_WITHIN_MS).addEventListener("abort", () =>
        reject(new Error(`the socket is not open after ${OPENS_WITHIN_MS} ms`)),
      );
    });
    await opens;
    return client;
  }

  /** Presses Join: a ticket, then `join` with this offer. */
  static async join(invitation: Invitation, offer: string): Promise<ProtocolClient> {
    const granted = await askTicket(invitation);
    assert.equal(granted.status, 200, await granted.clone().text());
    const { ticket } = (await granted.json()) as TicketGranted;
    const client = await ProtocolClient.connect(invitation);
    client.say({ type: "join", ticket, offer, sends: NOTHING_SENT });
    return client;
  }

  say(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The newest message of this type, with the time of its arrival; waits for the first. */
  untilHeard<K extends Kind>(type: K): Promise<{ at: number; message: Said<K> }> {
    return until(`the server says ${type}`, () => {
      assert.equal(this.closed, undefined, `closed; heard ${JSON.stringify(this.types())}`);
      return this.last(type);
    });
  }

  /** The newest message of this type. */
  last<K extends Kind>(type: K): { at: number; message: Said<K> } | undefined {
    return this.heard.findLast(
      (entry): entry is { at: number; message: Said<K> } => entry.message.type === type,
    );
  }

  types(): Kind[] {
    return this.heard.map(({ message }) => message.type);
  }

  close(): void {
    this.#socket.close();
  }
}
