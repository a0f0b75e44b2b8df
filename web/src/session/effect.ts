// What the session orders, in the sequence given.

import type { ClientMessage, RelayAccess, Sends } from "../wire/messages";
import type { Announcement } from "./people";
import type { Held, Written } from "./state";

export type Effect =
  | { readonly type: "look_up_link" }
  | {
      readonly type: "ask_ticket";
      readonly ask: number;
      readonly attempt: string;
      /** Which appointment to join, where the person said so. */
      readonly meeting?: string;
      /** The ground rules that stood beside the Join that was pressed. */
      readonly accepts?: number;
      /** Asked before the press. */
      readonly prepares?: true;
    }
  | { readonly type: "open_socket"; readonly socket: number }
  | { readonly type: "close_socket"; readonly socket: number }
  | { readonly type: "send"; readonly socket: number; readonly message: ClientMessage }
  /** Makes an offer: of a new peer connection in place of any before it, or to restart ICE. */
  | { readonly type: "make_offer"; readonly peer: number; readonly restart: boolean }
  | { readonly type: "apply_answer"; readonly peer: number; readonly answer: string }
  /** Sends no more than so many layers of the camera, counted from the smallest. */
  | { readonly type: "limit_layers"; readonly peer: number; readonly layers: number }
  | { readonly type: "close_peer"; readonly peer: number }
  /** Peer connections made from now on go by this relay where there is no other way. */
  | { readonly type: "use_relay"; readonly relay: RelayAccess }
  | {
      readonly type: "keep_session";
      readonly held: Held;
      readonly sends: Sends;
      /** Which appointment Join was pressed for, where one was named. */
      readonly meeting: string | null;
    }
  /** What was written in this call is kept beside its session, for a reload. */
  | { readonly type: "keep_written"; readonly written: readonly Written[] }
  | { readonly type: "forget_session" }
  /** Asks how to go on to the next appointment with the connection of this one. */
  | { readonly type: "ask_way_on"; readonly meeting: string }
  /** Presses Join for the next appointment in the person's place. */
  | { readonly type: "go_on"; readonly meeting: string }
  /** What was shown to one family is not for the next. */
  | { readonly type: "stop_screen" }
  /** Closes the microphone: somebody who may do so mutes this person. */
  | { readonly type: "mute" }
  /** Turns on what the person wants to send; `yields` where what the others send comes first. */
  | { readonly type: "take_media"; readonly yields?: true }
  /** What was on before a reload counts as on, and is turned on as soon as the session lives. */
  | { readonly type: "expect_media" }
  | { readonly type: "release_media" }
  /** Loads this page anew: it is older than what it is to show. */
  | { readonly type: "load_anew" }
  | { readonly type: "announce"; readonly what: Announcement }
  | { readonly type: "mark"; readonly name: "join-pressed" | "joined" };

/** Collects the effects of one step. */
export type Orders = Effect[];
