/**
 * A page stays open while the server is updated: what a later server may say besides breaks nothing,
 * and where it must be said it is said in words. What it says is put into its answers by the story.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, WebSocketRoute } from "playwright-core";
import { withFamily } from "../harness/family.ts";
import { untilAt } from "../harness/form.ts";
import { until } from "../harness/until.ts";

type Body = Record<string, unknown>;

/** Answers of the real server, changed by `later` and with a field that no page knows. */
async function answersLater(page: Page, path: RegExp, later: (body: Body) => Body): Promise<void> {
  await page.route(path, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Body;
    await route.fulfill({ response, json: { ...later(body), later: { more: [1] } } });
  });
}

/** Whatever the page throws is a failure. */
function throwsNothing(page: Page): () => void {
  const thrown: string[] = [];
  page.on("pageerror", (error) => thrown.push(String(error)));
  return () => assert.deepEqual(thrown, []);
}

const each = (list: unknown, change: (one: Body) => Body) => (list as Body[]).map(change);

test("a parent's page shows what it knows, and says what it does not", () =>
  withFamily("a later server", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const check = throwsNothing(page);
    await answersLater(page, /\/links\/[^/]+\/parent$/, (view) => ({
      ...view,
      booking: "by_lot",
      bookings: each(view.bookings, (one) => ({
        ...one,
        appointment: { ...(one.appointment as Body), phase: "postponed" },
      })),
      invitations: {
        ...(view.invitations as Body),
        sent: each((view.invitations as Body).sent, (one) => ({ ...one, state: "declined" })),
      },
    }));
    await page.goto(family.links.parent);
    await untilAt(page, "My Bookings");
    await page.locator("[data-appointment]").first().waitFor();
    await page.getByText("This page cannot tell whether booking is open.").waitFor();
    await page.getByRole("button", { name: "Join", exact: true }).first().waitFor();
    await page.getByRole("link", { name: "Manage Invites" }).click();
    await untilAt(page, "Manage Invites");
    await page.getByText("Load this page again to see").first().waitFor();
    check();
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }));

test("a role that is not known yet joins as everybody does", () =>
  withFamily("a later role", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const check = throwsNothing(page);
    await answersLater(page, /\/links\/[^/]+$/, (view) => ({ ...view, role: "interpreter" }));
    await page.goto(family.links.guest);
    await page.getByText("Participant").first().waitFor();
    await page.getByRole("button", { name: "Join", exact: true }).waitFor();
    check();
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }));

test("a call goes on whatever else its server says, and ends with its last word", () =>
  withFamily("a later call", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    const check = throwsNothing(page);
    const say = (socket: WebSocketRoute, message: object) => socket.send(JSON.stringify(message));
    const sends = { microphone: false, camera: false, screen: false };
    const maria = { participant: 4, name: "Maria Santos", role: "parent", sends };
    const said: WebSocketRoute[] = [];
    await page.routeWebSocket(/\/api\/v1\/socket/, (socket) => {
      socket.onMessage((text) => {
        const { type, n } = JSON.parse(String(text)) as { type: string; n?: number };
        if (type === "ping") {
          say(socket, { type: "pong", n });
        }
        if (type === "join") {
          said.push(socket);
          const session = { id: "1", secret: "x".repeat(26), epoch: 1 };
          say(socket, {
            type: "joined",
            session: { ...session, heartbeat_ms: 5000, grace_ms: 30_000, node: "b" },
            call: { title: "Mathematics: Ana Santos", cap: 4, kind: "room" },
            you: 4,
            people: [{ ...maria, reconnecting: false }],
          });
        }
      });
    });
    await page.goto(family.links.parent);
    await page.getByRole("button", { name: "Join", exact: true }).first().click();
    await until("the page is in the call", async () => {
      return (await page.locator("main").getAttribute("data-state")) === "call";
    });
    const [socket] = said;
    assert.ok(socket !== undefined);
    say(socket, { type: "recording", since: "2030-01-10T17:00:00Z" });
    say(socket, { type: "notice", notice: { type: "storm", ahead: true } });
    say(socket, { type: "refused", code: "too_loud", detail: "" });
    say(socket, { type: "paused", paused: [{ slot: 0, kind: "whiteboard" }] });
    // Ill-typed, and passed over: nobody is called 7.
    say(socket, { type: "people", people: [{ ...maria, name: 7, reconnecting: false }] });
    const lee = { participant: 5, name: "Lee Wong", role: "interpreter", slot: 0, sends };
    say(socket, {
      type: "people",
      people: [
        { ...maria, reconnecting: false },
        { ...lee, reconnecting: false },
      ],
    });
    await page.getByText("Lee Wong").first().waitFor();
    await page.getByText("Participant").first().waitFor();
    say(socket, { type: "goodbye", reason: "moved" });
    await untilAt(page, "The call has ended");
    await page.getByRole("button", { name: "My Bookings" }).click();
    await untilAt(page, "My Bookings");
    check();
  }));
