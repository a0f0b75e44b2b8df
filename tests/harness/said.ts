/** A server whose every word is said by whoever tells the story, so that each moment can be looked at. */

import type { Page, WebSocketRoute } from "playwright-core";

export const SENDS = { microphone: true, camera: true, screen: false };
export const SESSION = {
  id: "1",
  secret: "x".repeat(26),
  epoch: 1,
  heartbeat_ms: 5000,
  grace_ms: 30_000,
};

export type Person = {
  readonly participant: number;
  readonly name: string;
  readonly role: string;
  readonly slot?: number;
  readonly sends: typeof SENDS;
  readonly reconnecting: boolean;
  readonly on_hold?: boolean;
  readonly may_disconnect?: boolean;
  readonly may_hold?: boolean;
};

type Joined = {
  readonly title?: string;
  readonly meeting?: string;
  readonly you?: number;
  readonly powers?: readonly string[];
};

export class Said {
  #socket: WebSocketRoute | null = null;
  readonly heard: { type: string; sends?: typeof SENDS }[] = [];

  /** Answers the page from now on; whoever presses Join, or comes back, is in a call with these people. */
  async stand(page: Page, people: readonly Person[], joined: Joined = {}): Promise<void> {
    const { title = "Mathematics: Ana Santos", meeting, you = 4, powers = [] } = joined;
    await page.routeWebSocket(/\/api\/v1\/socket/, (socket) => {
      this.#socket = socket;
      socket.onMessage((text) => {
        const message = JSON.parse(String(text));
        this.heard.push(message);
        if (message.type === "ping") {
          this.say({ type: "pong", n: message.n });
        }
        if (message.type === "join" || message.type === "resume") {
          this.say({
            type: "joined",
            session: SESSION,
            call: { title, cap: 4, meeting },
            you,
            powers,
            people,
          });
        }
      });
    });
  }

  say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Says its last word to the page. */
  async close(code: number): Promise<void> {
    await this.#socket?.close({ code });
  }
}
