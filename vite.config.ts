import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import remixOptions from "./remix.config.js";

export default defineConfig({
  plugins: [tailwindcss(), remix(remixOptions), compressedFiles()],
});

/** Writes each file of the browser's build as `.br` and `.gz` too: at most once, so as small as can be. */
function compressedFiles(): Plugin {
  let folder: string | null = null;
  return {
    name: "compressed-files",
    apply: "build",
    configResolved: ({ build, root }) => {
      folder = build.ssr ? null : resolve(root, build.outDir);
    },
    closeBundle: async () => {
      if (folder === null) return;
      const names = await readdir(folder, { recursive: true });
      for (const name of names.filter((each) => /\.(css|html|js|json|mjs|svg|txt)$/.test(each))) {
        const file = join(folder, name);
        const text = await readFile(file);
        await writeFile(`${file}.br`, await promisify(brotliCompress)(text));
        await writeFile(`${file}.gz`, await promisify(gzip)(text, { level: 9 }));
      }
    },
  };
}
