import { createRequestHandler, type RequestHandler } from "@remix-run/server-runtime";
import { existsSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import sirv from "sirv";
import { handleByAddress } from "./routes-by-address.ts";

/** Where the pages and files that people see come from. */
export interface Pages {
  /** Answers with a file, or calls `next`. */
  files(incoming: IncomingMessage, outgoing: ServerResponse, next: () => void): void;
  handle: RequestHandler;
  close(): Promise<void>;
}

/** The pages as built by `npm run build`. Throws when they were not built. */
export async function builtPages(): Promise<Pages> {
  const entry = join(root(), "build/server/index.js");
  if (!existsSync(entry)) throw new Error("The pages are not built: run npm run build first");
  const build = await import(pathToFileURL(entry).href);
  return {
    files: sirv(join(root(), "build/client"), {
      // Compressed once, by the build.
      ...{ brotli: true, gzip: true, etag: true },
      setHeaders: cacheHashed,
    }),
    handle: handleByAddress(build),
    close: async () => {},
  };
}

/** What Vite names after its content never changes; everything else is asked for again. */
function cacheHashed(outgoing: ServerResponse, path: string): void {
  const hashed = path.startsWith("/assets/");
  outgoing.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
}

/** Pages that follow each change of their source, for development; they reload over `server`. */
export async function sourcePages(server: Server): Promise<Pages> {
  const { createServer } = await import("vite");
  const vite = await createServer({
    root: root(),
    server: { middlewareMode: true, hmr: { server } },
    appType: "custom",
  });
  const handle: RequestHandler = async (request, loadContext) => {
    const build = await vite.ssrLoadModule("virtual:remix/server-build");
    return createRequestHandler(build as never, "development")(request, loadContext);
  };
  return { files: vite.middlewares, handle, close: () => vite.close() };
}

/** The folder of package.json: this file lies elsewhere once it is bundled. */
function root(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
