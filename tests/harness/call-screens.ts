/** Every state of a page around a call, each brought about by what a server says. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { Api, linkOf } from "./api.ts";
import type { Look } from "./evening-screens.ts";
import type { Family } from "./family.ts";
import { press, untilAt } from "./form.ts";
import type { People } from "./people.ts";
import { LOOKS, type Look as Portrait, sitBefore } from "./portrait.ts";
import { type Person, Said, SENDS, SESSION } from "./said.ts";

const MARIA: Person = {
  participant: 4,
  name: "Maria Santos",
  role: "parent",
  sends: SENDS,
  reconnecting: false,
};
const OKAFOR: Person = { ...MARIA, participant: 1, name: "Ms Okafor", role: "teacher", slot: 0 };
const PAULO: Person = { ...MARIA, participant: 5, name: "Paulo Santos", role: "guest", slot: 1 };

const CALL = { title: "Mathematics: Ana Santos", cap: 4 };
const QUEUED = { type: "queued", session: SESSION, call: CALL, place: 2, active: 4 };
const MINUTES = 60_000;
const CLOCK = { begins_in_ms: 0, ends_in_ms: 7 * MINUTES, may_be_longer: true };

const ROSA = "rosa@example.org";

type Show = (screen: string, page: Page) => Promise<void>;

/** Shows each state to `look`, at each of these widths. */
export async function eachCallScreen(
  family: Family,
  people: People,
  widths: readonly number[],
  look: Look,
): Promise<void> {
  const show: Show = async (screen, page) => {
    for (const width of widths) {
      await page.setViewportSize({ width, height: width > 600 ? 800 : 740 });
      await look(`call-${screen}`, width, page);
    }
  };
  family.begins(0);
  await showMoments(family, people, show);
  await showTeachers(family, people, show);
  await showDevices(family, people, show);
  await showQueue(family, people, show);
  await showNotices(family, people, show);
  await showEnds(family, people, show);
  await showOpening(family, people, show);
}

/** Opens a page by a link whose reader reads English, whatever it was last read in. */
async function goTo(page: Page, link: string): Promise<void> {
  const told = await new Api(new URL(link).origin).by(linkOf(link), "", { language: "en" });
  assert.equal(told.status, 200, told.body);
  await page.goto(link);
}

/** Somebody with a face, at a server that says what it is told. */
async function comes(people: People): Promise<{ page: Page; server: Said }> {
  const page = await people.somebody();
  await sitBefore(page.context(), LOOKS[0] as Portrait);
  return { page, server: new Said() };
}

async function join(page: Page, link: string): Promise<void> {
  await goTo(page, link);
  await page.getByRole("button", { name: "Join", exact: true }).first().click();
  await page.locator("main[data-state=call]").waitFor();
}

/** What a parent sees and is told in a call. */
async function showMoments({ links }: Family, people: People, show: Show): Promise<void> {
  const { page, server } = await comes(people);
  await server.stand(page, [MARIA]);
  await join(page, links.parent);
  await page.getByText("Nobody else is here yet").first().waitFor();
  await show("alone", page);
  const three = [MARIA, OKAFOR, PAULO];
  server.say({ type: "people", people: three });
  server.say({ type: "clock", clock: CLOCK });
  server.say({ type: "speaking", speaking: [1] });
  await page.locator(".tile.speaking").waitFor();
  await show("three", page);
  server.say({ type: "clock", clock: { ...CLOCK, ends_in_ms: MINUTES / 2 } });
  await page.locator(".countdown.near").waitFor();
  await show("ends-soon", page);
  server.say({ type: "clock", clock: CLOCK });
  server.say({ type: "chat", participant: 1, text: "The list is at https://books.example/8b" });
  await page.getByRole("button", { name: "Chat (1 new)" }).click();
  await page.getByRole("link", { name: "https://books.example/8b" }).waitFor();
  await show("chat", page);
  await press(page, "Chat");
  server.say({ type: "notice", notice: { type: "muted", participant: 1 } });
  await page.getByText("Ms Okafor has muted you").first().waitFor();
  await show("muted", page);
  await press(page, "Microphone");
  server.say({ type: "paused", paused: [{ slot: 0, kind: "camera" }] });
  await page.getByText("Picture paused").waitFor();
  await show("paused", page);
  server.say({ type: "paused", paused: [] });
  server.say({ type: "notice", notice: { type: "link_contested", participant: 5 } });
  await page.getByText("is being opened on different devices").waitFor();
  await show("contested", page);
  await press(page, "Close this message");
  const away = three.map((one) => (one === PAULO ? { ...PAULO, reconnecting: true } : one));
  server.say({ type: "people", people: away });
  await page.getByText("Reconnecting…").first().waitFor();
  await show("somebody-reconnects", page);
  const shares = { ...OKAFOR, sends: { ...SENDS, screen: true } };
  server.say({ type: "people", people: [MARIA, shares, PAULO] });
  await page.locator(".screen").waitFor();
  await show("screen", page);
  server.say({ type: "people", people: three });
  await press(page, "Settings");
  await page.getByRole("dialog").waitFor();
  await show("settings", page);
  await press(page, "Close");
  server.say({ type: "people", people: [{ ...MARIA, on_hold: true }, OKAFOR] });
  await page.locator(".on-hold").waitFor();
  await show("on-hold", page);
  server.say({ type: "people", people: three });
  await page.locator(".on-hold").waitFor({ state: "detached" });
  // A line that is cut, and does not come back.
  await page.routeWebSocket(/\/api\/v1\/socket/, (socket) => socket.close({ code: 1012 }));
  await server.close(1012);
  await page.locator("main[data-state=reconnecting]").waitFor();
  const banner = page.locator(".banner.reconnecting");
  await banner.evaluate((it) => Promise.all(it.getAnimations().map(({ finished }) => finished)));
  await show("reconnecting", page);
}

/** What a teacher may do. */
async function showTeachers({ links }: Family, people: People, show: Show): Promise<void> {
  const { page, server } = await comes(people);
  const others = [
    { ...MARIA, slot: 0, may_hold: false, may_disconnect: true },
    { ...PAULO, may_hold: true, may_disconnect: true },
  ];
  const { slot: _, ...you } = OKAFOR;
  const powers = ["admit", "disconnect", "mute", "invite", "extend", "blur"];
  await server.stand(page, [you, ...others], { you: 1, powers, meeting: "7" });
  await page.route(/\/meetings\/7\/guests$/, (route) =>
    route.fulfill({ json: { texts: true, guests: [{ id: "9", email: ROSA, state: "sent" }] } }),
  );
  await join(page, links.teacher);
  server.say({ type: "clock", clock: CLOCK });
  await page.getByRole("button", { name: "Add a minute" }).waitFor();
  await page.locator(".up-next summary").click();
  await press(page, "Add a private line about Ana Santos");
  await show("teacher", page);
  await page.locator(".up-next summary").click();
  await press(page, "More");
  await show("teacher-more", page);
  await press(page, "People");
  await page.getByRole("dialog").waitFor();
  await show("teacher-people", page);
  await page.keyboard.press("Escape");
  server.say({ type: "knocking", people: [{ participant: 7, name: "Grandma Rosa" }] });
  await page.getByText("Grandma Rosa").first().waitFor();
  await show("teacher-knocks", page);
  server.say({ type: "knocking", people: [] });
  await press(page, "More");
  await press(page, "Invite guest");
  await page.locator(".invite-panel").getByText(ROSA).waitFor();
  await show("teacher-invites", page);
}

/** Devices that cannot be had, before the call and in it. */
async function showDevices({ links }: Family, people: People, show: Show): Promise<void> {
  for (const [screen, name] of [
    ["denied", "NotAllowedError"],
    ["in-use", "NotReadableError"],
  ] as const) {
    const { page, server } = await comes(people);
    await page.addInitScript((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
    }, name);
    await server.stand(page, [MARIA, OKAFOR]);
    await goTo(page, links.parent);
    await press(page, "Turn on camera and microphone");
    await page.locator(".media .note.warning").waitFor();
    await show(`${screen}-before`, page);
    await page.getByRole("button", { name: "Join", exact: true }).first().click();
    await page.locator(".banner.trouble").waitFor();
    await show(screen, page);
  }
}

async function showQueue({ links }: Family, people: People, show: Show): Promise<void> {
  const { page, server } = await comes(people);
  await server.stand(page, [MARIA]);
  await join(page, links.guest);
  server.say(QUEUED);
  await page.getByText("This call is full").waitFor();
  await show("queue-full", page);
  server.say({ ...QUEUED, place: 1, active: 3 });
  await page.getByText("One seat is being kept").waitFor();
  await show("queue-kept", page);
  server.say({ ...QUEUED, place: 1, active: 2, knocks: true });
  await page.locator("main[data-state=queued]").waitFor();
  await show("queue-knocks", page);
}

/** Why somebody is at Join again. */
async function showNotices({ links }: Family, people: People, show: Show): Promise<void> {
  const { page, server } = await comes(people);
  await server.stand(page, [MARIA]);
  await join(page, links.parent);
  await server.close(4002);
  await page.getByText("your place was given up").waitFor();
  await show("place-given-up", page);
  const old = await people.somebody();
  await old.addInitScript(() => Reflect.deleteProperty(globalThis, "RTCPeerConnection"));
  await goTo(old, links.parent);
  await old.getByRole("button", { name: "Join", exact: true }).first().click();
  await old.getByText("This browser cannot make video calls").waitFor();
  await show("no-webrtc", old);
}

const ENDS: readonly (readonly [reason: string, heading: string])[] = [
  ["replaced", "Opened on another device"],
  ["disconnected", "You were disconnected"],
  ["left", "You have left the call"],
  ["ended", "The call has ended"],
  ["stopped", "The school has ended this call"],
  ["time_up", "Your time is up"],
  ["withdrawn", "Your invitation has been withdrawn."],
];

async function showEnds({ links }: Family, people: People, show: Show): Promise<void> {
  for (const [reason, heading] of ENDS) {
    const { page, server } = await comes(people);
    await server.stand(page, [MARIA, OKAFOR]);
    await join(page, reason === "withdrawn" ? links.guest : links.parent);
    server.say({ type: "goodbye", reason });
    await untilAt(page, heading);
    await show(`over-${reason.replace("_", "-")}`, page);
    await page.context().close();
  }
  const { page, server } = await comes(people);
  await server.stand(page, [MARIA, OKAFOR]);
  await join(page, links.parent);
  await server.close(4000);
  await untilAt(page, "Something went wrong");
  await show("over-failed", page);
}

/** A server that does not answer as it should. */
async function showOpening({ links }: Family, people: People, show: Show): Promise<void> {
  for (const [screen, status] of [
    ["opening-unreachable", null],
    ["opening-unavailable", 503],
  ] as const) {
    const page = await people.somebody();
    await page.route(/\/api\/v1\/links\//, (route) =>
      status === null ? route.abort() : route.fulfill({ status, body: "" }),
    );
    await page.goto(links.parent);
    await page.getByText(/Next try in/).waitFor();
    await show(screen, page);
  }
}
