import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { segmentation } from "./segmentation.ts";
import { broughtByBoth, splitTexts } from "./split-texts.ts";

/** What is compressed: words, and nothing that is packed already. */
const WORDS = /\.(?:js|css|svg|json|wasm)$/;

/** From here on, bytes, the best compression takes longer than it is worth. */
const LARGE = 1024 * 1024;

/** Beside each file the same in few bytes, for readers that take it: the server compresses nothing. */
function packed(): Plugin {
  let folder = "";
  return {
    name: "packed",
    apply: "build",
    configResolved: ({ build }) => {
      folder = build.outDir;
    },
    writeBundle: (_, bundle) => {
      for (const name of [...Object.keys(bundle), "favicon.svg"].filter((one) => WORDS.test(one))) {
        const path = join(folder, name);
        const plain = readFileSync(path);
        const quality = plain.length < LARGE ? constants.BROTLI_MAX_QUALITY : 9;
        const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
        writeFileSync(`${path}.br`, brotliCompressSync(plain, { params }));
        writeFileSync(`${path}.gz`, smallest(plain));
      }
    },
  };
}

/** How long the blocks are that gzip cuts: what is best is another for each file. */
const MEMORIES = [6, 7, 8];

function smallest(plain: Buffer): Buffer {
  const all = MEMORIES.map((memLevel) => gzipSync(plain, { level: 9, memLevel }));
  return all.reduce((best, one) => (one.length < best.length ? one : best));
}

const ROOT = import.meta.dirname;
const ofBoth = broughtByBoth(ROOT);

// Nothing inline and no data: addresses, so that the page runs under `default-src 'self'`.
export default defineConfig({
  base: "/",
  plugins: [splitTexts(), segmentation(), packed()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Older ones read the plain words of the page.
    target: ["chrome94", "firefox93", "safari15.4"],
    rolldownOptions: {
      input: ["index.html", "office.html", "blur.html"],
      // What both pages bring along is one file: what comes later would cut it into many.
      output: {
        codeSplitting: {
          groups: [{ name: "start", test: (id) => ofBoth.has(relative(ROOT, id)) }],
        },
      },
    },
  },
  // Nothing passes or fails by the clock: only what hangs ends.
  test: { include: ["src/**/*.test.ts"], environment: "node", testTimeout: 120_000 },
});
