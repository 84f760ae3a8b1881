// express-oauth2-jwt-bearer in strict mode (RFC 9068) before an API.
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";
import { facts, listening } from "./conversation.mjs";

const app = express();
app.use(
  auth({
    issuerBaseURL: facts.issuer,
    audience: facts.audience,
    tokenSigningAlg: "RS256",
    strict: true,
    dpop: { enabled: false },
  }),
);
app.get("/reports", requiredScopes("view_users"), (request, response) => {
  const { sub, client_id } = request.auth.payload;
  response.json({ sub, client_id });
});
// Express would print each refusal otherwise.
app.use((problem, request, response, next) => {
  response.set(problem.headers ?? {}).sendStatus(problem.status ?? 500);
});
const server = app.listen(0, "127.0.0.1", () => listening(server.address().port));
