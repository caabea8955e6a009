import type {
  ConnectorHttp,
  HttpAnswer,
  HttpCall,
  Organisation,
} from "#server/connectors/contract.ts";

/**
 * The client of an organisation's API: each call carries its access token, and one that is refused as
 * expired (401) is repeated once with a new one. Call it as any other client, e.g. by `restApi`.
 */
export function withToken(
  http: ConnectorHttp,
  { token, renew }: Pick<Organisation<unknown>, "token" | "renew">,
): ConnectorHttp {
  const call = (asked: HttpCall, bearer: string): Promise<HttpAnswer> =>
    http.request({ ...asked, headers: { ...asked.headers, authorization: `Bearer ${bearer}` } });
  return {
    ...http,
    async request(asked) {
      const bearer = await token();
      const answer = await call(asked, bearer);
      return answer.status === 401 ? call(asked, await renew(bearer)) : answer;
    },
  };
}
