// simple-oauth2, as its manual says: both grants, refreshing and revoking.
import { createHash, randomBytes } from "node:crypto";
import { AuthorizationCode, ClientCredentials } from "simple-oauth2";
import { facts, finish, visit } from "./conversation.mjs";

const settings = {
  client: { id: facts.clientId, secret: facts.clientSecret },
  auth: {
    tokenHost: facts.issuer,
    tokenPath: "/oauth/token",
    revokePath: "/oauth/revoke",
  },
  options: { authorizationMethod: facts.method },
};
const me = async (token) => {
  const answer = await fetch(new URL("/api/v1/me", facts.issuer), {
    headers: { Authorization: `Bearer ${token.token.access_token}` },
  });
  return { status: answer.status, ...(await answer.json()) };
};
const outcomeOf = async (attempt) => {
  try {
    await attempt();
  } catch (problem) {
    return `${problem.output.statusCode} ${problem.data.payload.error}`;
  }
  throw new Error("it was not refused");
};

const own = await new ClientCredentials(settings).getToken({ scope: "view_users" });
const itself = await me(own);

const app = new AuthorizationCode({
  ...settings,
  auth: { ...settings.auth, authorizePath: "/oauth/authorize" },
});
const codeVerifier = randomBytes(48).toString("base64url");
const state = randomBytes(16).toString("base64url");
const back = await visit(
  app.authorizeURL({
    redirect_uri: facts.redirectUri,
    scope: ["view_users"],
    state,
    code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
  }),
);
const answer = {
  code: back.searchParams.get("code"),
  redirect_uri: facts.redirectUri,
  code_verifier: codeVerifier,
};
const first = await app.getToken(answer);
const user = await me(first);
const second = await first.refresh();
const renewed = await me(second);
await second.revokeAll();

finish({
  itself, user, renewed,
  hasState: back.searchParams.get("state") === state,
  isExpired: first.expired(),
  isRotated: first.token.refresh_token !== second.token.refresh_token,
  afterwards: await me(second),
  replay: await outcomeOf(() => app.getToken(answer)),
  dead: await outcomeOf(() => second.refresh()),
});
