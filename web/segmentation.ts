// What tells a person from what is behind them is a package that carries its model. It is served
// beside the page, under names that change with its version, and loaded when somebody asks for it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const PACKAGE = "@mediapipe/selfie_segmentation";

/** What its program asks for: for processors with SIMD, and for pictures that are wider than high. */
const FILES = [
  "selfie_segmentation.js",
  "selfie_segmentation.binarypb",
  "selfie_segmentation_landscape.tflite",
  "selfie_segmentation_solution_simd_wasm_bin.js",
  "selfie_segmentation_solution_simd_wasm_bin.wasm",
];

export function segmentation(): Plugin {
  const folder = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const path = `assets/segmentation-${version}/`;
  return {
    name: "segmentation",
    apply: "build",
    config: () => ({ define: { SEGMENTATION: JSON.stringify(`/${path}`) } }),
    generateBundle() {
      for (const file of FILES) {
        const source = readFileSync(join(folder, file));
        this.emitFile({ type: "asset", fileName: path + file, source });
      }
    },
  };
}
