/**
 * Every end of a session, by every way in, on real pages: words that are true, a way on that works,
 * the school's contact, and devices that are off. The server's last words are said by the story.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, WebSocketRoute } from "playwright-core";
import { withFamily } from "../harness/family.ts";
import { untilAt } from "../harness/form.ts";
import type { People } from "../harness/people.ts";
import { until } from "../harness/until.ts";

const SESSION = { id: "1", secret: "x".repeat(26), epoch: 1, heartbeat_ms: 5000, grace_ms: 30_000 };
const CALL = { title: "Mathematics: Ana Santos", cap: 4 };
const PERSON = {
  participant: 4,
  name: "Maria Santos",
  role: "parent",
  sends: { microphone: false, camera: false, screen: false },
  reconnecting: false,
};

/** What a server says to a page that has come. */
type Says = (socket: WebSocketRoute) => void;
const say = (socket: WebSocketRoute, message: object) => socket.send(JSON.stringify(message));
const seats: Says = (socket) =>
  say(socket, { type: "joined", session: SESSION, call: CALL, you: 4, people: [PERSON] });
const queues: Says = (socket) =>
  say(socket, { type: "queued", session: SESSION, call: CALL, place: 1, active: 4 });

/** How a page came to where the last word finds it. */
const WAYS_IN = ["in the call", "in the queue", "after a reload"] as const;

/** The close code, and the heading of the page that follows. */
const ENDS: readonly (readonly [code: number, heading: string, press: boolean])[] = [
  [4003, "Opened on another device", true],
  [4005, "You were disconnected", true],
  [4007, "The call has ended", false],
  [4018, "The school has ended this call", false],
  [4000, "Something went wrong", false],
];
const LEADS_HOME = "My Bookings";

class Server {
  socket: WebSocketRoute | null = null;
  answer: Says = seats;

  async stand(page: Page): Promise<void> {
    await page.routeWebSocket(/\/api\/v1\/socket/, (socket) => {
      this.socket = socket;
      socket.onMessage((text) => {
        const { type, n } = JSON.parse(String(text)) as { type: string; n?: number };
        if (type === "ping") {
          socket.send(JSON.stringify({ type: "pong", n }));
        }
        if (type === "join" || type === "resume") {
          this.answer(socket);
        }
      });
    });
  }

  async close(code: number): Promise<void> {
    await this.socket?.close({ code });
  }
}

async function untilState(page: Page, state: string): Promise<void> {
  await until(`the page is at ${state}`, async () => {
    return (await page.locator("main").getAttribute("data-state")) === state;
  });
}

/** Whether any track that the page was ever given still lives. */
function livingTracks(page: Page): Promise<number> {
  return page.evaluate(
    () => window.tracks.filter(({ readyState }) => readyState === "live").length,
  );
}

declare global {
  interface Window {
    tracks: MediaStreamTrack[];
  }
}

async function comes(people: People, link: string, way: (typeof WAYS_IN)[number]) {
  const page = await people.somebody();
  await page.addInitScript(() => {
    window.tracks = [];
    const devices = navigator.mediaDevices;
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  });
  const server = new Server();
  await server.stand(page);
  server.answer = way === "in the queue" ? queues : seats;
  await page.goto(link);
  await page.getByRole("button", { name: "Join", exact: true }).first().click();
  await untilState(page, way === "in the queue" ? "queued" : "call");
  await until("camera and microphone are on", async () => (await livingTracks(page)) > 0);
  return { page, server };
}

async function assertHelped(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Contact Us", exact: true }).waitFor();
}

/** Has the server say its last word, and goes on from there. */
async function endsAndGoesOn(
  people: People,
  link: string,
  way: (typeof WAYS_IN)[number],
  [code, said, press]: (typeof ENDS)[number],
): Promise<void> {
  // Whoever only waited has done nothing in a call that was ended for abuse.
  const heading = code === 4018 && way === "in the queue" ? "The call has ended" : said;
  const { page, server } = await comes(people, link, way);
  if (way === "after a reload") {
    // The last word is the first thing that the reloaded page hears.
    server.answer = (socket) => void socket.close({ code });
    await page.reload();
  } else {
    await server.close(code);
  }
  await untilAt(page, heading);
  const what = `${heading}, ${way}`;
  await until(`devices are off: ${what}`, async () => (await livingTracks(page)) === 0);
  await assertHelped(page);
  const again = page.getByRole("button", { name: /^(Join again|Use it here instead)$/ });
  assert.equal(await again.count(), press ? 1 : 0, what);
  await page.getByRole("button", { name: LEADS_HOME }).click();
  await untilAt(page, LEADS_HOME);
  await page.getByRole("button", { name: "Join", exact: true }).first().waitFor();
  await page.context().close();
}

test("every end has a way on, by whatever way it was reached", () =>
  withFamily(
    "every end",
    async (family, people) => {
      family.begins(0);
      const { parent } = family.links;
      await Promise.all(
        WAYS_IN.map(async (way) => {
          for (const end of ENDS) {
            await endsAndGoesOn(people, parent, way, end);
          }
        }),
      );
    },
    // More presses by one link than a person makes.
    { settings: { HOMEROOM__LIMITS__JOINS_PER_LINK_PER_MIN: "90" } },
  ));

test("leaving after a reload leads where leaving leads, and so does losing the place", () =>
  withFamily("leaving", async (family, people) => {
    family.begins(0);
    const { page, server } = await comes(people, family.links.parent, "in the call");
    await page.reload();
    await untilState(page, "call");
    await page.getByRole("button", { name: "Leave", exact: true }).click();
    await untilAt(page, "You have left the call");
    await page.getByRole("status").getByText("You have left the call").waitFor({
      state: "attached",
    });
    await assertHelped(page);
    await page.getByRole("button", { name: LEADS_HOME }).click();
    await untilAt(page, LEADS_HOME);

    // A laptop that slept: its place was given up.
    await page.getByRole("button", { name: "Join", exact: true }).first().click();
    await untilState(page, "call");
    server.answer = (socket) => void socket.close({ code: 4002 });
    await server.close(4002);
    await untilAt(page, LEADS_HOME);
    await page.getByText("your place was given up").waitFor();
    await until("devices are off", async () => (await livingTracks(page)) === 0);

    // "Use it here instead" after a reload is for the appointment that was pressed.
    server.answer = seats;
    await page.getByRole("button", { name: "Join", exact: true }).first().click();
    await untilState(page, "call");
    server.answer = (socket) => void socket.close({ code: 4003 });
    await page.reload();
    await untilAt(page, "Opened on another device");
    const asked = page.waitForRequest((request) => request.url().endsWith("/tickets"));
    await page.getByRole("button", { name: "Use it here instead" }).click();
    const { meeting } = (await asked).postDataJSON() as { meeting?: string };
    assert.equal(meeting, family.meeting);
  }));

test("a tab that the browser restores turns nothing on", () =>
  withFamily("restored", async (family, people) => {
    const page = await people.somebody();
    const id = new URL(family.links.parent).pathname.slice("/j/".length);
    await page.addInitScript((id) => {
      sessionStorage.setItem(
        `homeroom.session.${id}`,
        JSON.stringify({
          held: { id: "1", secret: "3mt7c0qk5x8vj2zr9dhw4ypn6b", epoch: 1 },
          microphone: true,
          camera: true,
          relay: null,
        }),
      );
      window.tracks = [];
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
      };
    }, id);
    await page.goto(family.links.parent);
    await untilAt(page, LEADS_HOME);
    assert.equal(await page.evaluate(() => window.tracks.length), 0, "it asked for devices");
  }));
