/** What a page weighs on a poor line, and what it is on paper. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { request } from "node:http";
import { test } from "node:test";
import { withFamily } from "../harness/family.ts";
import { fill, press, untilAt } from "../harness/form.ts";
import { OUT } from "../harness/stage.ts";
import { until } from "../harness/until.ts";

/** The most that the first load of the join page may send, bytes. */
const FIRST_LOAD = 75 * 1024;

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: number;
};

function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      let bytes = 0;
      response.on("data", (part: Buffer) => {
        bytes += part.length;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

for (const [engine, coding] of [
  ["chromium", "gzip"],
  ["firefox", "gzip"],
] as const) {
  test(`the join page's first load is at most 75 KB, in ${engine}`, () =>
    withFamily(
      `light in ${engine}`,
      async (family, people) => {
        const page = await people.somebody();
        const loads: string[] = [];
        page.on("request", (one) => loads.push(one.url()));
        await page.goto(family.links.guest);
        await untilAt(page, "You are invited to a video appointment");
        // The call's screen comes right after it: counted whenever one looks, it counts always.
        await until("the call's screen is asked for", () =>
          loads.some((url) => /\/assets\/call-/.test(url)),
        );
        const files = loads.filter((url) => !url.includes("/api/"));
        let sum = 0;
        for (const url of new Set(files)) {
          const { bytes, status } = await get(url.split("#")[0] ?? url, {
            "accept-encoding": coding,
          });
          assert.equal(status, 200, url);
          sum += bytes;
        }
        console.log(`${engine}: ${files.length} files, ${sum} bytes (${coding})`);
        assert.ok(sum <= FIRST_LOAD, `the first load is ${sum} bytes`);
        assert.ok(
          files.every((url) => !/office/.test(url)),
          "it loads what is the office's",
        );
        // Nothing is found out only when something else was read: page, style and scripts.
        assert.ok(files.length <= 6, `${files.length} requests: ${files.join(" ")}`);
      },
      { engine },
    ));
}

test("files come as small as the reader takes them, and not at all where they are known", () =>
  withFamily("codings", async (_family, _people, school) => {
    const html = await (await fetch(school.origin)).text();
    const scripts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    assert.ok(scripts.length >= 2, html);
    assert.ok(html.includes("modulepreload"), "what the script needs is asked for with it");
    for (const path of scripts) {
      const url = `${school.origin}${path}`;
      const plain = await get(url);
      const sizes = new Map<string, number>();
      for (const coding of ["gzip", "br"]) {
        const packed = await get(url, { "accept-encoding": coding });
        assert.equal(packed.headers["content-encoding"], coding);
        assert.match(String(packed.headers["vary"]), /accept-encoding/i);
        assert.equal(packed.headers["content-type"], plain.headers["content-type"]);
        assert.match(String(packed.headers["cache-control"]), /immutable/);
        sizes.set(coding, packed.bytes);
        const known = await get(url, {
          "accept-encoding": coding,
          "if-none-match": String(packed.headers["etag"]),
        });
        assert.equal(known.status, 304);
        assert.equal(known.bytes, 0);
        assert.notEqual(packed.headers["etag"], plain.headers["etag"]);
      }
      assert.equal(plain.headers["content-encoding"], undefined);
      assert.ok((sizes.get("br") ?? 0) < (sizes.get("gzip") ?? 0));
      assert.ok((sizes.get("gzip") ?? 0) < plain.bytes / 2);
      const refused = await get(url, { "accept-encoding": "br;q=0, gzip;q=0" });
      assert.equal(refused.headers["content-encoding"], undefined);
    }
  }));

test("My Bookings on paper says whose it is, and has nothing to press", () =>
  withFamily("print", async (family, people) => {
    family.begins(0);
    const page = await people.somebody();
    await page.goto(family.links.parent);
    await page.getByRole("button", { name: "Join", exact: true }).first().waitFor();
    await page.emulateMedia({ media: "print" });
    await page.getByText("Appointments of Maria Santos").waitFor();
    await page.getByText("Ms Okafor: Mathematics").waitFor();
    await page.getByText("020 7946 0000").waitFor();
    const seen = await page.evaluate(() =>
      [...document.querySelectorAll("button, .brand, .media, video, input, nav, a.button")]
        .filter((element) => element.getClientRects().length > 0)
        .map((element) => `${element.tagName} ${element.textContent}`),
    );
    assert.deepEqual(seen, []);
    await mkdir(OUT, { recursive: true });
    await page.screenshot({ path: `${OUT}parent-bookings-print.png`, fullPage: true });
  }));

test("the office's lists on paper name everybody, and the evening", () =>
  withFamily("print lists", async (family, people, school) => {
    const page = await people.somebody();
    await page.goto(`${school.origin}/office`);
    await untilAt(page, "Sign in");
    const { email, password } = family.account;
    await fill(page, { "Email address": email, Password: password });
    await press(page, "Sign in");
    await untilAt(page, "Evenings");
    await page.emulateMedia({ media: "print" });
    const evening = `evenings/${family.evening}`;
    for (const [path, names] of [
      [`${evening}/bookings`, ["Autumn evening", "Maria Santos", "Ana Santos", "Ms Okafor"]],
      [`${evening}/people`, ["Autumn evening", "Maria Santos", "Ms Okafor"]],
      ["students", ["Ana Santos", "Maria Santos"]],
      ["", ["Autumn evening"]],
    ] as const) {
      await page.goto(`${school.origin}/office/${path}`);
      for (const name of names) {
        const named = page.locator("main").getByText(name, { exact: true });
        await named.filter({ visible: true }).first().waitFor();
      }
    }
  }));
