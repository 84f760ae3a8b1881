// openid-client as a plain OAuth client: metadata of RFC 8414, both grants.
import * as client from "openid-client";
import { facts, finish, refusalOf, visit } from "./conversation.mjs";

const config = await client.discovery(
  new URL(facts.issuer),
  facts.clientId,
  undefined,
  client.ClientSecretBasic(facts.clientSecret),
  // The product is on the loopback, without TLS.
  { algorithm: "oauth2", execute: [client.allowInsecureRequests] },
);
const me = async (token) => {
  const address = new URL("/api/v1/me", facts.issuer);
  const answer = await client.fetchProtectedResource(config, token, address, "GET");
  return answer.json();
};

const own = await client.clientCredentialsGrant(config, { scope: "view_users" });
const itself = await me(own.access_token);

const codeVerifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: facts.redirectUri,
  scope: "view_users",
  state,
  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: "S256",
});
const back = await visit(address);

const checks = { pkceCodeVerifier: codeVerifier, expectedState: state };
const changed = (name, value) => {
  const other = new URL(back);
  other.searchParams.set(name, value);
  return () => client.authorizationCodeGrant(config, other, checks);
};
const otherIssuer = await refusalOf(changed("iss", "https://elsewhere.example.com"));
const otherState = await refusalOf(changed("state", "another"));

const first = await client.authorizationCodeGrant(config, back, checks);
const user = await me(first.access_token);
const second = await client.refreshTokenGrant(config, first.refresh_token);
const active = await client.tokenIntrospection(config, second.access_token);
await client.tokenRevocation(config, second.refresh_token);
const revoked = await client.tokenIntrospection(config, second.access_token);
const afterwards = await refusalOf(() => me(second.access_token));
const replay = await refusalOf(() =>
  client.authorizationCodeGrant(config, back, checks),
);

finish({
  itself, user, otherIssuer, otherState, active, revoked, afterwards, replay,
  scopes: { own: own.scope, first: first.scope },
  isRotated: first.refresh_token !== second.refresh_token,
  hasPkce: config.serverMetadata().supportsPKCE(),
});
