// openid-client as an OpenID Connect relying party, with every check that it has.
import * as client from "openid-client";
import { facts, finish, refusalOf, visit } from "./conversation.mjs";

const authentication = {
  client_secret_basic: () => client.ClientSecretBasic(facts.clientSecret),
  client_secret_post: () => client.ClientSecretPost(facts.clientSecret),
  none: () => client.None(),
}[facts.method];
const config = await client.discovery(
  new URL(facts.issuer),
  facts.clientId,
  undefined,
  authentication(),
  {
    execute: [
      client.allowInsecureRequests,
      // Signatures of ID tokens are checked although they came over a safe way.
      client.enableNonRepudiationChecks,
    ],
  },
);

async function signIn(more = {}) {
  const codeVerifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: facts.redirectUri,
    scope: "openid profile email offline_access view_users",
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    ...more,
  });
  const back = await visit(address);
  return client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: codeVerifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    maxAge: more.max_age,
  });
}

const first = await signIn({ max_age: 3600 });
const claims = first.claims();
const userinfo = await client.fetchUserInfo(config, first.access_token, claims.sub);
const second = await client.refreshTokenGrant(config, first.refresh_token);
const silently = await signIn({ prompt: "none", id_token_hint: first.id_token });
const notNow = await refusalOf(() => signIn({ prompt: "none", max_age: 0 }));
await client.tokenRevocation(config, second.refresh_token);
const revoked = await refusalOf(() =>
  client.fetchUserInfo(config, second.access_token, claims.sub),
);

const left = await visit(
  client.buildEndSessionUrl(config, {
    id_token_hint: silently.id_token,
    post_logout_redirect_uri: facts.postLogoutRedirectUri,
    state: "goodbye",
  }),
);
const signedOut = await refusalOf(() => signIn({ prompt: "none" }));

finish({
  claims, userinfo, notNow, revoked, signedOut,
  silent: silently.claims(),
  renewed: second.claims() ?? null,
  isRotated: first.refresh_token !== second.refresh_token,
  left: left.href,
});
