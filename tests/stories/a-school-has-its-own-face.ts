/** OPS-9: the office chooses a colour and a logo, and everybody's pages have them from the first paint. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { withFamily } from "../harness/family.ts";
import { fill, press, untilAt } from "../harness/form.ts";
import { OUT } from "../harness/stage.ts";

/** A chunk of a PNG file, with its checksum (ISO/IEC 15948, 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  let crc = 0xffffffff;
  for (const byte of named) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}

/** A picture of one colour, in grey and of so many pixels. */
function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 0x40);
  for (let row = 0; row < height; row += 1) {
    rows[row * (width + 1)] = 0;
  }
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("a school's colour and logo are chosen by the office and stand on everybody's pages", () =>
  withFamily("face", async (family, people, school) => {
    await mkdir(OUT, { recursive: true });
    const office = await people.somebody();
    await office.goto(`${school.origin}/office`);
    await untilAt(office, "Sign in");
    const { email, password } = family.account;
    await fill(office, { "Email address": email, Password: password });
    await press(office, "Sign in");
    await untilAt(office, "Evenings");
    await office.goto(`${school.origin}/office/settings`);
    const colour = office.getByLabel("Colour", { exact: true });

    // What cannot be read is refused, with the figure and a shade that can.
    await colour.fill("#ff9900");
    await office.getByText(/Words cannot be read well/).waitFor();
    await press(office, "Save colour");
    await office.getByText(/This colour was not saved: its contrast is 1\.\d+ : 1/).waitFor();
    await office.screenshot({ path: `${OUT}face-refused.png`, fullPage: true });
    const offered = office.getByRole("button", { name: /^Use #/ });
    const nearest = ((await offered.textContent()) ?? "").replace("Use ", "");
    assert.match(nearest, /^#[0-9a-f]{6}$/);
    await offered.click();
    await office.getByText("Saved. Pages that are opened from now on").first().waitFor();
    assert.equal(await colour.inputValue(), nearest);

    // No picture, and a picture.
    const file = office.getByLabel("Logo", { exact: true });
    await file.setInputFiles({
      name: "logo.png",
      mimeType: "image/png",
      buffer: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
    });
    await office.getByText("This is no picture that can be used.").waitFor();
    await file.setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: png(120, 40) });
    await office.getByRole("button", { name: "Remove the logo" }).waitFor();
    await office.screenshot({ path: `${OUT}face-office.png`, fullPage: true });

    // A family's page: the colour is that of the first paint, and the logo has its room before it is there.
    const page = await people.somebody();
    const problems: string[] = [];
    page.on("console", (said) => {
      if (said.type() === "error") {
        problems.push(said.text());
      }
    });
    let held: (() => void) | undefined;
    const isHeld = new Promise<void>((asked) => {
      void page.route("**/logo/*", async (route) => {
        asked();
        await new Promise<void>((go) => {
          held = go;
        });
        await route.continue();
      });
    });
    await page.goto(family.links.parent, { waitUntil: "commit" });
    await page.getByText("Ms Okafor: Mathematics").first().waitFor();
    const brand = page.locator(".brand");
    await isHeld;
    const box = () =>
      brand.evaluate((it) => ({
        colour: getComputedStyle(it).backgroundColor,
        logo: getComputedStyle(it.querySelector("span") ?? it, "::before").width,
        heights: [it.getBoundingClientRect().height, document.body.scrollHeight],
      }));
    const before = await box();
    const [red, green, blue] = [1, 3, 5].map((at) =>
      Number.parseInt(nearest.slice(at, at + 2), 16),
    );
    assert.equal(before.colour, `rgb(${red}, ${green}, ${blue})`);
    assert.equal(before.logo, "108px");
    const came = page.waitForResponse(/\/logo\//);
    held?.();
    const logo = await came;
    assert.equal(logo.status(), 200);
    assert.deepEqual(await box(), before, "nothing moves when it comes");
    const headers = logo.headers();
    assert.equal(headers["content-type"], "image/png");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(headers["cache-control"] ?? "", /immutable/);
    assert.match(headers["content-security-policy"] ?? "", /default-src 'none'; sandbox/);
    assert.deepEqual(problems, [], "no policy is broken");
    await page.screenshot({ path: `${OUT}face-parent.png`, fullPage: true });
    await page.setViewportSize({ width: 320, height: 640 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${wide}`);
    await page.screenshot({ path: `${OUT}face-parent-narrow.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.screenshot({ path: `${OUT}face-parent-dark.png`, fullPage: true });

    // And back.
    await press(office, "Remove the logo");
    await press(office, "Go back to the usual colour");
    await office
      .getByRole("button", { name: "Go back to the usual colour" })
      .waitFor({ state: "detached" });
    const plain = await (await fetch(family.links.parent)).text();
    assert.ok(!plain.includes("<style"), plain);
  }));
