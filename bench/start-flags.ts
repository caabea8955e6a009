import { readFileSync } from "node:fs";
import { z } from "zod";

const Package = z.object({ scripts: z.object({ start: z.string() }) });
const { scripts } = Package.parse(JSON.parse(readFileSync("package.json", "utf8")));

/** How `npm start` has node run the portal. What it is measured against runs in the same way. */
export const startFlags = scripts.start.split(" ").filter((word) => word.startsWith("--"));
