/** SCR-3: what is behind a person is blurred before it leaves their page, and guests are not asked. */

import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import type { Engine } from "../../harness/browsers.ts";
import { picture } from "../../harness/picture.ts";
import { type Look, sitBefore } from "../../harness/portrait.ts";
import { OUT, type Stage } from "../../harness/stage.ts";
import { story } from "../../harness/story.ts";
import { until } from "../../harness/until.ts";
import type { Visitor } from "../../harness/visitor.ts";

const [GUEST, TEACHER] = [4, 0] as const;

/** Somebody in front of a wall with stripes that are easily seen. */
const STRIPED: Look = {
  wall: "#f4f4f4",
  stripes: "#203040",
  clothes: "#3d5a80",
  skin: "#8d5524",
  hair: "#1f1a17",
};

/** Somebody before the wall, on the one who presses Blur and on the one who looks. */
async function prepare(context: BrowserContext, index: number): Promise<void> {
  if (index === TEACHER || index === GUEST) {
    await sitBefore(context, STRIPED);
  }
}

/** How sharp the picture of a tile is, of the wall and of the face: steep edges count most. */
function sharpness(page: Page, own: boolean): Promise<{ wall: number; face: number }> {
  return page.evaluate((own) => {
    const tile = [...document.querySelectorAll("[data-participant]")].find(
      (one) => one.hasAttribute("data-slot") !== own,
    );
    const video = tile?.querySelector("video");
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
    const pen = canvas.getContext("2d");
    if (!(video && pen) || video.videoWidth === 0) {
      return { wall: 0, face: 0 };
    }
    pen.drawImage(video, 0, 0, 320, 180);
    const changes = (left: number, top: number, width: number, height: number) => {
      const { data } = pen.getImageData(left, top, width, height);
      let sum = 0;
      for (let at = 4; at < data.length; at += 4) {
        const isFirst = (at / 4) % width === 0;
        sum += isFirst ? 0 : ((data[at] ?? 0) - (data[at - 4] ?? 0)) ** 2;
      }
      return sum / (width * height);
    };
    return { wall: changes(8, 20, 70, 100), face: changes(135, 70, 50, 40) };
  }, own);
}

/** How many seconds of it a tile of another has shown. */
function secondsOf(page: Page): Promise<number> {
  return page.evaluate(
    () => document.querySelector<HTMLVideoElement>("[data-slot] video")?.currentTime ?? 0,
  );
}

async function menu(visitor: Visitor): Promise<void> {
  await visitor.press("More");
}

async function both(stage: Stage, engine: Engine): Promise<readonly [Visitor, Visitor]> {
  const guest = await stage.arrives(GUEST);
  const teacher = await stage.arrives(TEACHER, {}, engine);
  await guest.join();
  await teacher.join();
  return [guest, teacher];
}

story(
  "what is behind a teacher is blurred before it leaves the page",
  async (stage) => {
    const [guest, teacher] = await both(stage, "chromium");
    const seen = { wall: 0, face: 0 };
    await until("the stripes arrive", async () => {
      Object.assign(seen, await sharpness(guest.page, false));
      return seen.wall > 1_000 && seen.face > 20;
    });
    assert.equal(await guest.page.getByRole("button", { name: "More" }).count(), 0);

    await menu(teacher);
    await teacher.press("Blur");
    for (const [who, { page }, own] of [
      ["the guest", guest, false],
      ["the teacher", teacher, true],
    ] as const) {
      await until(
        `${who} sees a sharp face before a blurred wall`,
        async () => {
          const { wall, face } = await sharpness(page, own);
          return wall < seen.wall / 8 && face > seen.face / 2;
        },
        60_000,
      );
    }
    await guest.page.screenshot({ path: `${OUT}blurred.png` });

    // It stays over a camera that is turned off and on, and over a reload.
    await teacher.press("Camera");
    await teacher.press("Camera");
    const isBlurred = async () => {
      const { wall, face } = await sharpness(guest.page, false);
      return face > seen.face / 2 && wall < seen.wall / 8;
    };
    await until("it is blurred again", isBlurred, 60_000);
    await teacher.page.reload();
    await teacher.untilState("call");
    const shown: number[] = [];
    await until(
      "it is blurred after a reload",
      async () => {
        const { wall, face } = await sharpness(guest.page, false);
        shown.push(wall);
        return face > seen.face / 2 && wall < seen.wall / 8;
      },
      60_000,
    );
    assert.ok(Math.max(...shown) < seen.wall / 2, `the wall was never bare: ${shown}`);

    await menu(teacher);
    await teacher.press("Blur");
    await until("the stripes are back", async () => {
      const { wall } = await sharpness(guest.page, false);
      return wall > seen.wall / 2;
    });

    // Who is not asked, on a device where somebody chose it, stays blurred until they show their room.
    await guest.page.evaluate(() => localStorage.setItem("homeroom.blur", "on"));
    await guest.page.reload();
    await guest.untilState("call");
    await until(
      "the guest is blurred",
      async () => {
        const { wall, face } = await sharpness(teacher.page, false);
        return face > seen.face / 2 && wall < seen.wall / 8;
      },
      60_000,
    );
    await menu(guest);
    await guest.press("Blur");
    await until("the guest shows their room", async () => {
      const { wall } = await sharpness(teacher.page, false);
      return wall > seen.wall / 2;
    });
  },
  { prepare },
);

story(
  "where a browser cannot blur, nobody sees the room until the teacher shows it",
  async (stage) => {
    // Without a graphics card Firefox has no WebGL, which is what finds the person.
    const [guest, teacher] = await both(stage, "firefox");
    const arrives = async () => (await sharpness(guest.page, false)).wall;
    let bare = 0;
    await until("the stripes arrive", async () => {
      bare = await arrives();
      return bare > 1_000;
    });
    await menu(teacher);
    await teacher.press("Blur");
    await until("all of it is blurred", async () => (await arrives()) < bare / 8);
    await teacher.untilSees(
      "This browser cannot find you in the picture, so nobody sees your room, nor you clearly.",
      90_000,
    );
    await picture(teacher.page, "blur-impossible");
    // Nor once it is known that it cannot, nor after a reload.
    const told = await secondsOf(guest.page);
    const shown: number[] = [];
    await until("two more seconds of it came", async () => {
      shown.push(await arrives());
      return (await secondsOf(guest.page)) > told + 2;
    });
    await teacher.page.reload();
    await teacher.untilState("call");
    await until(
      "it is blurred after a reload",
      async () => {
        shown.push(await arrives());
        return (
          shown.at(-1) !== 0 && (await teacher.page.getByText(/^This browser cannot/).isVisible())
        );
      },
      90_000,
    );
    assert.ok(Math.max(...shown) < bare / 2, `the wall was never bare: ${shown}`);

    await teacher.press("Show my room");
    await until("the stripes are back", async () => (await arrives()) > bare / 2);
  },
  { prepare },
);
