// Builds the window's page, serves it while developing, and runs its tests.

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { bridge } from "./dev/bridge.ts";

export default defineConfig({
  plugins: [svelte(), svelteTesting(), bridge()],
  build: {
    // WebView2 renews itself; WebKitGTK of Debian 12 and macOS 13 are the oldest that show the page.
    target: ["es2022", "safari16"],
    // The strict CSP allows no code inside the document.
    modulePreload: { polyfill: false },
  },
  // The texts lie beside this folder.
  server: { fs: { allow: [".."] } },
  test: {
    environment: "jsdom",
    // Each file in a context of its own, but not in a process: half the work.
    pool: "vmThreads",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    // A machine that is busy with everything else takes its time.
    testTimeout: 60_000,
  },
});
