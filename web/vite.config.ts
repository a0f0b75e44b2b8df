import { defineConfig } from "vitest/config";

// Nothing inline and no data: addresses, so that the page runs under `default-src 'self'`.
export default defineConfig({
  base: "/",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome109", "firefox115", "safari16"],
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
