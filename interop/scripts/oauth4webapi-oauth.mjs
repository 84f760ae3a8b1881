// oauth4webapi as a plain OAuth client, and as an API that checks tokens (RFC 9068).
import * as oauth from "oauth4webapi";
import { facts, finish, refusalOf, visit } from "./conversation.mjs";

// The product is on the loopback, without TLS.
const plainly = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(facts.issuer);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...plainly }),
);
const client = { client_id: facts.clientId };
const authentication = oauth.ClientSecretBasic(facts.clientSecret);

const checkToken = (token, audience) =>
  oauth.validateJwtAccessToken(
    server,
    new Request("https://api.example.com/", {
      headers: { authorization: `Bearer ${token}` },
    }),
    audience,
    plainly,
  );
const me = async (token) => {
  const address = new URL("/api/v1/me", issuer);
  const answer = await oauth.protectedResourceRequest(
    token, "GET", address, undefined, undefined, plainly,
  );
  return answer.json();
};

const own = await oauth.processClientCredentialsResponse(
  server,
  client,
  await oauth.clientCredentialsGrantRequest(
    server, client, authentication, { scope: "view_users" }, plainly,
  ),
);
const itself = await me(own.access_token);
const ownClaims = await checkToken(own.access_token, facts.issuer);
const otherApi = await refusalOf(() =>
  checkToken(own.access_token, "https://files.example.com"),
);

const codeVerifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const address = new URL(server.authorization_endpoint);
address.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: facts.redirectUri,
  response_type: "code",
  scope: "view_users",
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: "S256",
});
const parameters = oauth.validateAuthResponse(
  server, client, await visit(address), state,
);
const redeem = async () =>
  oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(
      server, client, authentication, parameters, facts.redirectUri, codeVerifier,
      plainly,
    ),
  );
const first = await redeem();
const user = await me(first.access_token);
const userClaims = await checkToken(first.access_token, facts.issuer);

const refresh = async (token) =>
  oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(
      server, client, authentication, token, plainly,
    ),
  );
const second = await refresh(first.refresh_token);
const introspect = async (token) =>
  oauth.processIntrospectionResponse(
    server,
    client,
    await oauth.introspectionRequest(server, client, authentication, token, plainly),
  );
const active = await introspect(second.access_token);
await oauth.processRevocationResponse(
  await oauth.revocationRequest(
    server, client, authentication, second.refresh_token, plainly,
  ),
);
const revoked = await introspect(second.access_token);

finish({
  itself, ownClaims, otherApi, user, userClaims, active, revoked,
  isRotated: first.refresh_token !== second.refresh_token,
  afterwards: await refusalOf(() => me(second.access_token)),
  replay: await refusalOf(redeem),
  reuse: await refusalOf(() => refresh(first.refresh_token)),
});
