// oauth4webapi as an OpenID Connect relying party: a public app, every check made.
import * as oauth from "oauth4webapi";
import { facts, finish, refusalOf, visit } from "./conversation.mjs";

const plainly = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(facts.issuer);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, plainly),
);
const client = { client_id: facts.clientId, default_max_age: 3600 };
const authentication = facts.clientSecret
  ? oauth.ClientSecretPost(facts.clientSecret)
  : oauth.None();

async function signIn(more = {}) {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: facts.redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state,
    nonce,
    max_age: client.default_max_age,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    ...more,
  });
  const parameters = oauth.validateAuthResponse(
    server, client, await visit(address), state,
  );
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, authentication, parameters, facts.redirectUri, codeVerifier,
    plainly,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, answer, plainly);
  return tokens;
}

const first = await signIn();
const claims = oauth.getValidatedIdTokenClaims(first);
const userinfo = await oauth.processUserInfoResponse(
  server,
  client,
  claims.sub,
  await oauth.userInfoRequest(server, client, first.access_token, plainly),
);
const renewal = await oauth.refreshTokenGrantRequest(
  server, client, authentication, first.refresh_token, plainly,
);
const second = await oauth.processRefreshTokenResponse(server, client, renewal);
if (second.id_token) {
  await oauth.validateApplicationLevelSignature(server, renewal, plainly);
}
const denied = await refusalOf(() => signIn({ prompt: "none", max_age: "0" }));

const leave = new URL(server.end_session_endpoint);
leave.search = new URLSearchParams({
  client_id: client.client_id,
  id_token_hint: first.id_token,
  post_logout_redirect_uri: facts.postLogoutRedirectUri,
  state: "goodbye",
});
const left = await visit(leave);

finish({
  claims, userinfo, denied,
  renewed: oauth.getValidatedIdTokenClaims(second) ?? null,
  signedOut: await refusalOf(() => signIn({ prompt: "none" })),
  left: left.href,
});
