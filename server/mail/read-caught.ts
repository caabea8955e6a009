import PostalMime from "postal-mime";

/** A caught mail taken apart, for looking at it in development. */
export async function readCaughtMail(raw: Uint8Array) {
  const { subject, from, to, html, text, headers } = await PostalMime.parse(Buffer.from(raw));
  return {
    subject: subject ?? "",
    from: from?.address ?? "",
    to: to?.map(({ address }) => address ?? "").join(", ") ?? "",
    html: html ?? "",
    text: text ?? "",
    headers: headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
  };
}
