/** OPS-2, CALL-1, SESS-1, LINK-2: any of three nodes takes any link, a meeting lives at one of them, and its rules hold at all. */

import assert from "node:assert/strict";
import { LONGEST_MESSAGE } from "../../web/src/wire/limits.ts";
import type { ClientMessage } from "../../web/src/wire/messages.ts";
import { Api, attempt, linkOf, withdraw } from "../harness/api.ts";
import { figure, Ground } from "../harness/node.ts";
import type { Program } from "../harness/program.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { ProtocolClient } from "../harness/protocol-client.ts";
import { anOffer } from "../harness/raw-guest.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import { untilFull, type Visitor } from "../harness/visitor.ts";

/** The relays that the page of somebody was told of for its last press. */
async function relaysOf(visitor: Visitor): Promise<readonly string[]> {
  const pressed = visitor.requests.filter((request) => request.url().endsWith("/tickets")).at(-1);
  const answer = await pressed?.response();
  assert.ok(answer, "it has pressed");
  const { relay } = (await answer.json()) as { relay?: { urls: readonly string[] } };
  assert.ok(relay && relay.urls.length > 0, "it was told of none");
  return relay.urls;
}

/** A guest of the demonstration's room, by the node at this port. */
async function comesToRoom({ invitations }: Program, port: number): Promise<ProtocolClient> {
  const room = invitations.find(({ role }) => role === "room");
  assert.ok(room, "there is a room");
  const origin = `http://127.0.0.1:${port}`;
  const api = new Api(origin);
  const came = { name: "Gus Oyelaran", attempt: attempt() };
  const { path } = JSON.parse((await api.by(linkOf(room.url), "/visitors", came)).body);
  api.close();
  const guest = { name: came.name, role: "guest", url: `${origin}${path}` };
  return ProtocolClient.join(guest, await anOffer());
}

/** A message of exactly as many bytes as a page may send, to go on with somebody else's session. */
function asLongAsMayBe(session: string): ClientMessage {
  const resume = (offer: string) => ({ type: "resume", session, secret: "", epoch: 1, offer });
  const around = JSON.stringify(resume("")).length;
  return resume("A".repeat(LONGEST_MESSAGE - around)) as ClientMessage;
}

const ground = await Ground.lay();

story(
  "a meeting at another node is joined all the same, and goes on without it",
  async (stage) => {
    stage.afterwards(() => ground.clear());
    const { program } = stage;
    // By the clock of one of them every appointment is over: they go by that of the records.
    const ahead = ["--clock-ahead", "10800"];
    const [other, east] = await Promise.all([ground.node("south", {}, ahead), ground.node("east")]);
    stage.afterwards(async () => {
      await Promise.all([other.end(), east.end()]);
    });
    const there = (index: number) => other.at(program.invitation(index).url);
    const seated = async (port: number) => figure(port, "homeroom_seats_taken");

    // The first who comes brings the meeting to the node that they are at.
    const teacher = await stage.arrives(0, { url: there(0) });
    await teacher.join();
    const parent = await stage.arrives(3);
    await parent.join();
    await untilAllSeeAndHear([teacher, parent]);
    assert.equal(await seated(other.port), 2, "both are there");
    assert.equal(await seated(program.port), 0, "and nobody is here");
    await until("each sees and reaches all three", async () => {
      const all = [program.port, other.port, east.port].flatMap((port) => [
        figure(port, "homeroom_nodes_seen"),
        figure(port, "homeroom_nodes_reached"),
      ]);
      return (await Promise.all(all)).every((nodes) => nodes === 3);
    });
    assert.equal(await figure(other.port, "homeroom_meetings_owned"), 1);
    assert.equal(await figure(program.port, "homeroom_meetings_owned"), 0);
    for (const url of await relaysOf(parent)) {
      assert.match(url, new RegExp(`:${other.media}\\b`), "the relay leads to the media there");
    }

    // One link, one session, at whichever node.
    const again = await stage.arrives(3, { url: there(3) });
    await again.join();
    await parent.untilState("evicted");
    await untilAllSeeAndHear([teacher, again]);

    // Four seats, however they come.
    const third = await stage.arrives(1, { url: east.at(program.invitation(1).url) });
    await third.join();
    const fourth = await stage.arrives(2, { url: there(2) });
    await fourth.join();
    const fifth = await stage.arrives(4);
    await fifth.press("Join");
    await untilFull(fifth);
    await fifth.untilSees("You are next");
    await untilAllSeeAndHear([teacher, again, third, fourth]);
    assert.equal(await seated(other.port), 4);

    // Its node dies: who is at the others goes on, in the same seat, and the meeting is at one of them from now on.
    const slot = await third.slotOf(teacher.name);
    await other.kill();
    await until("the meeting lives again", async () => {
      const seats = await Promise.all([seated(program.port), seated(east.port)]);
      return seats.includes(4);
    });
    await third.untilState("call");
    await untilFull(fifth);
    await other.start();
    await untilAllSeeAndHear([teacher, again, third, fourth]);
    assert.equal(await third.slotOf(teacher.name), slot, "in the seat of before");
    assert.equal(await seated(other.port), 0, "it has nobody any more");
    await fifth.untilState("queued");

    // Whoever waits comes in by themselves, and is out where their invitation is withdrawn at a third node.
    await fourth.press("Leave");
    await untilAllSeeAndHear([teacher, again, third, fifth]);
    await withdraw(east.at(program.invitation(3).url), fifth.name);
    await fifth.untilSees("Your invitation has been withdrawn.");
    await untilAllSeeAndHear([teacher, again, third]);

    // A node that is drained takes no new meeting, and ends once its own is over.
    const drained = (await seated(east.port)) > 0 ? east : program;
    process.kill(drained.pid, "SIGUSR1");
    await until("it is drained", () => drained.log.includes("this node takes no new meetings"));
    const guest = await comesToRoom(program, drained.port);
    await guest.untilHeard("joined");
    assert.equal(await figure(drained.port, "homeroom_calls"), 1, "the one that it had");
    // What a stranger sends, who knows the number of a session there, is nobody else's loss.
    const { session } = (await guest.untilHeard("joined")).message;
    const room = program.invitations.find(({ role }) => role === "room");
    const at = room && { ...room, url: `http://127.0.0.1:${drained.port}/` };
    assert.ok(at, "there is a room");
    const stranger = await ProtocolClient.connect(at);
    stranger.say(asLongAsMayBe(session.id));
    await until("they are turned away", () => stranger.closed !== undefined);
    guest.say({ type: "ping", n: 7 });
    await guest.untilHeard("pong");
    for (const visitor of [teacher, again, third]) {
      await visitor.press("Leave");
    }
    await until("it ends", () => !drained.runs);
    // Of the two that are left both are drained, the one with the last meeting first: neither leaves the other alone.
    const left = [program, east, other].filter((node) => node !== drained);
    const calls = await Promise.all(left.map((node) => figure(node.port, "homeroom_calls")));
    for (const node of calls[0] === 1 ? left : left.toReversed()) {
      process.kill(node.pid, "SIGUSR1");
      await until("it is drained", () => node.log.includes("this node takes no new meetings"));
    }
    guest.say({ type: "leave" });
    await until("both go on", () =>
      left.every((node) => node.log.includes("no other node that takes meetings is reached")),
    );
    assert.ok(left.every((node) => node.runs));
  },
  { settings: ground.settings("north"), options: ["--data", ground.first] },
);
