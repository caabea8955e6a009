import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";
import remixOptions from "./remix.config.js";

export default defineConfig({
  plugins: [tailwindcss(), remix(remixOptions)],
  // Hundreds of small files: read one by one, they took as long at the start as all else together.
  ssr: {
    noExternal: [/^react-(aria|stately)/, /^@(react-aria|react-stately|internationalized)\//],
  },
});
