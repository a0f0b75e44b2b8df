// What happens to the session.

import type {
  ClientMessage,
  LinkView,
  ProblemCode,
  Sends,
  ServerMessage,
  Shown,
} from "../wire/messages";
import type { Held, PeerHealth, Written } from "./state";

export type Event =
  /**
   * The page was opened, with what an earlier load of this tab had kept: its session, and the
   * appointment that Join was pressed for, and what was written in the call.
   */
  | {
      readonly type: "opened";
      readonly kept: Held | null;
      readonly meeting?: string;
      readonly written?: readonly Written[];
    }
  /** The address has no link in it. */
  | { readonly type: "cannot_open"; readonly why: "incomplete_link" }
  | { readonly type: "link_told"; readonly view: LinkView }
  | { readonly type: "link_refused"; readonly problem: Refusal }
  | { readonly type: "link_unreachable" }
  /** Join, "Join again" or "Use it here instead" was pressed; the appointment where one was named. */
  | { readonly type: "pressed"; readonly attempt: string; readonly meeting?: string }
  /** The same, in the place of somebody whose talk before has ended. */
  | { readonly type: "goes_on"; readonly attempt: string; readonly meeting: string }
  /** How to go on with the connection of this talk may be asked, for the press at its end. */
  | { readonly type: "way_on_asked"; readonly attempt: string; readonly meeting: string }
  /** Somebody looks at the page with Join on it: the press to come may be made ready. */
  | { readonly type: "get_ready"; readonly attempt: string; readonly meeting?: string }
  /** Nobody has looked at the page for a while. */
  | { readonly type: "unlooked" }
  /** Something that is asked of the server in the call. */
  | { readonly type: "asked"; readonly message: Asked }
  /** Whoever pressed what was not done has read so. */
  | { readonly type: "undone_read" }
  /** Nobody is to be taken on from here. */
  | { readonly type: "stay_pressed" }
  /** Whoever came on by itself has read so. */
  | { readonly type: "came_on_read" }
  /** From the end back to where Join is. */
  | { readonly type: "home_pressed" }
  | { readonly type: "cancelled" }
  | { readonly type: "leave_pressed" }
  | { readonly type: "notice_dismissed" }
  | { readonly type: "ticket_granted"; readonly ask: number; readonly ticket: string }
  | { readonly type: "ticket_refused"; readonly ask: number; readonly problem: Refusal }
  | { readonly type: "ticket_unreachable"; readonly ask: number }
  | { readonly type: "socket_opened"; readonly socket: number }
  | { readonly type: "socket_said"; readonly socket: number; readonly message: ServerMessage }
  | { readonly type: "socket_closed"; readonly socket: number; readonly code: number }
  | { readonly type: "offer_made"; readonly peer: number; readonly offer: string }
  | { readonly type: "offer_failed"; readonly peer: number }
  | { readonly type: "peer_changed"; readonly peer: number; readonly health: PeerHealth }
  | { readonly type: "sends_changed"; readonly sends: Sends }
  /** The page shows what it receives larger, smaller or not at all. */
  | { readonly type: "shown_changed"; readonly shown: readonly Shown[] }
  | { readonly type: "went_online" }
  /** The person looked at the page again, or still does: the link may have changed. */
  | { readonly type: "came_back" }
  /** The server said, outside of any call, that the link is dead, or that its evening is over. */
  | { readonly type: "link_withdrawn" }
  | { readonly type: "evening_over" }
  /** A moment named by `nextWake` has come. */
  | { readonly type: "woke" };

/** What a page asks of the server in a call, beside media and leaving. */
export type Asked = Extract<
  ClientMessage,
  { type: "add_minute" | "write" | "mute" | "let_in" | "turn_away" | "disconnect" | "hold" }
>;

/** What a refused request said. */
export type Refusal = { readonly code: ProblemCode; readonly retryAfterMs: number };
