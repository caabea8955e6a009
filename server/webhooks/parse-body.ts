import { RequestError } from "#server/errors.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { Delivery, Parsed } from "#server/connectors/contract.ts";
import { wordsForRejected } from "./keep-rejections.ts";

/**
 * What a body says. Throws RequestError when nothing of it can be used; where a part can, the rest is
 * in `rejected`.
 */
export function parseBody(
  connector: Pick<BoundConnector, "parse">,
  delivery: Delivery,
): Required<Parsed> {
  const { changes, rejected = [] } = connector.parse(delivery);
  if (changes.length === 0 && rejected.length > 0) {
    throw new RequestError(422, wordsForRejected(rejected));
  }
  return { changes, rejected };
}
