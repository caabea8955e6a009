import { load, LoadPlan } from "./load.ts";

/** One load run in a process of its own: takes its plan as JSON, prints a line when it begins and its result as JSON. */
const plan = LoadPlan.parse(JSON.parse(process.argv[2] ?? "{}"));
console.log(JSON.stringify(await load(plan, () => console.log("begun"))));
