import { RequestError } from "#server/errors.ts";

/** Answers with a file of JSON that is made now; with the reason as text where it is refused. */
export async function jsonFile(name: string, make: () => Promise<object>): Promise<Response> {
  try {
    return textFile(name, `${JSON.stringify(await make(), null, 1)}\n`, "application/json");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return new Response(error.message, { status: error.status });
  }
}

/** Answers with a text as a file; nothing keeps a copy on the way. */
export function textFile(name: string, text: string, type: "application/json" | "text/plain") {
  return new Response(text, {
    headers: {
      "content-type": `${type}; charset=utf-8`,
      "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]/g, "-")}"`,
      "cache-control": "no-store",
    },
  });
}
