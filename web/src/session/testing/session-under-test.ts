// A session in a small world of its own: events go in, and every order is held against what must
// always be true.

import { expect } from "vitest";
import type { ServerMessage } from "../../wire/messages";
import type { Effect } from "../effect";
import type { Event } from "../event";
import { socketOf } from "../line";
import { mayGoHome, mayPress, type Over, type State } from "../state";
import { initial, nextWake, step } from "../step";

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;

export class SessionUnderTest {
  state: State = initial(7);
  now = 1000;
  /** The effects of the last event. */
  effects: readonly Effect[] = [];
  /** The sockets that are open or being opened. */
  readonly sockets = new Set<number>();
  readonly #greeted = new Set<number>();
  readonly #tickets = new Set<string>();
  readonly #peers = new Set<number>();

  /** Hands in an event and checks everything. */
  take(event: Event): readonly Effect[] {
    const before = this.state;
    const { state, effects } = step(before, event, this.now);
    if (event.type === "socket_closed") {
      this.sockets.delete(event.socket);
    }
    this.state = state;
    this.effects = effects;
    for (const effect of effects) {
      this.#perform(effect);
    }
    this.#check(before, event);
    return effects;
  }

  /** Lets time pass, waking the session whenever it asked for it. */
  pass(ms: number): Effect[] {
    const until = this.now + ms;
    const out: Effect[] = [];
    for (let wake = nextWake(this.state); wake !== null && wake <= until; ) {
      this.now = Math.max(this.now, wake);
      out.push(...this.take({ type: "woke" }));
      const next = nextWake(this.state);
      expect(next === null || next > this.now, "it asks to be woken at once, again").toBe(true);
      wake = next;
    }
    this.now = until;
    return out;
  }

  /** The socket in use. */
  get socket(): number {
    const socket = socketOf(this.state.line);
    if (socket === null) {
      throw new Error(`there is no socket: ${this.state.line.type}`);
    }
    return socket;
  }

  get peer(): number {
    return this.state.peer?.id ?? -1;
  }

  said(message: ServerMessage): readonly Effect[] {
    return this.take({ type: "socket_said", socket: this.socket, message });
  }

  closed(code: number): readonly Effect[] {
    return this.take({ type: "socket_closed", socket: this.socket, code });
  }

  /** The last effects of this type. */
  ordered<T extends Effect["type"]>(type: T): EffectOf<T>[] {
    return this.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "open_socket":
        expect([...this.sockets], "one socket at a time").toEqual([]);
        this.sockets.add(effect.socket);
        return;
      case "close_socket":
        this.sockets.delete(effect.socket);
        return;
      case "send":
        this.#send(effect);
        return;
      case "make_offer":
        this.#makeOffer(effect);
        return;
      case "apply_answer":
        expect(effect.peer, "an answer to a connection in use").toBe(this.state.peer?.id);
        return;
      default:
        return;
    }
  }

  #send({ socket, message }: EffectOf<"send">): void {
    expect(this.sockets.has(socket), "nothing is sent on a closed socket").toBe(true);
    const greeting = ["join", "prepare", "resume"].includes(message.type);
    expect(greeting, "the first message greets, and no other").toBe(!this.#greeted.has(socket));
    this.#greeted.add(socket);
    if (message.type === "join" || message.type === "prepare") {
      expect(this.#tickets.has(message.ticket), "a ticket is used once").toBe(false);
      this.#tickets.add(message.ticket);
    }
  }

  #makeOffer({ peer, restart }: EffectOf<"make_offer">): void {
    expect(this.#peers.has(peer), "a connection offers once, restarts excepted").toBe(restart);
    this.#peers.add(peer);
  }

  #check(before: State, event: Event): void {
    const { phase, line, ready } = this.state;
    const isReadying = ready.type === "held" || ready.type === "done";
    expect(isReadying && phase.type !== "join", "only Join is made ready for").toBe(false);
    const needsLine = isReadying || ["joining", "resuming", "queued", "call"].includes(phase.type);
    expect(line.type === "none", `${phase.type} with a line of ${line.type}`).toBe(!needsLine);
    const socket = socketOf(line);
    expect([...this.sockets], "the socket in use is the open one").toEqual(
      socket === null ? [] : [socket],
    );
    if (before.phase.type === "over") {
      this.#checkOver(before, event);
    }
  }

  /**
   * What is over stays over until a press, and orders nothing; but where a caller's visit goes on or has
   * ended is looked up.
   */
  #checkOver(before: State, event: Event): void {
    const why = before.phase.type === "over" ? before.phase.why : "failed";
    if (isPress(event, why)) {
      return;
    }
    if (event.type === "goes_on" && why === "time_up" && before.goesOn === event.meeting) {
      return;
    }
    if (why !== "stopped" && mayGoHome(why) && isOutOfItsCall(event)) {
      expect(this.state.phase).toEqual({ type: "join", notice: null });
      return;
    }
    if ((event.type === "link_withdrawn" || event.type === "evening_over") && mayGoHome(why)) {
      const now = event.type === "link_withdrawn" ? "withdrawn" : "evening_over";
      expect(this.state.phase).toEqual({ type: "over", why: now });
      return;
    }
    expect(this.state.phase, `${event.type} after ${why}`).toEqual(before.phase);
    const orders = mayGoHome(why) ? ordersOfVisit(before, event) : [];
    expect(this.effects, `${event.type} after ${why}`).toEqual(orders);
  }
}

function isPress({ type }: Event, why: Over): boolean {
  return (type === "pressed" && mayPress(why)) || (type === "home_pressed" && mayGoHome(why));
}

function ordersOfVisit({ view }: State, { type }: Event): readonly Effect[] {
  const visits = view?.area?.visit !== undefined;
  return type === "came_back" && visits ? [{ type: "look_up_link" }] : [];
}

function isOutOfItsCall(event: Event): boolean {
  const stage = event.type === "link_told" ? event.view.area?.visit?.stage : undefined;
  return stage !== undefined && ["waiting", "ended", "left"].includes(stage);
}
