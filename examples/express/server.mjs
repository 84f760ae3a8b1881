// An API of your own, in Express, that takes access tokens of Gatepass.
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const issuer = process.env.ISSUER ?? "http://127.0.0.1:8000";
const audience = process.env.AUDIENCE ?? issuer;
const port = Number(process.env.PORT ?? 3000);

// The keys are fetched once and kept; an unknown `kid` fetches them anew.
const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", issuer));

/** Answer as RFC 6750 §3 says. */
function refuse(response, status, challenge) {
  response.set("WWW-Authenticate", challenge).sendStatus(status);
}

/** Let a request in only if its token is good (RFC 9068 §4) and carries `scope`. */
function requires(scope) {
  return async (request, response, next) => {
    const [scheme, token] = (request.get("Authorization") ?? "").split(" ");
    if (scheme.toLowerCase() !== "bearer" || !token) {
      return refuse(response, 401, "Bearer");
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ["RS256"],
        // An ID token is signed with the same keys, but opens no API.
        typ: "at+jwt",
        requiredClaims: ["sub", "client_id", "exp", "iat", "jti"],
      });
      request.claims = payload;
    } catch (problem) {
      const isOurs = problem instanceof errors.JOSEError;
      if (!isOurs || problem instanceof errors.JWKSTimeout) return next(problem);
      return refuse(response, 401, 'Bearer error="invalid_token"');
    }
    if (!(request.claims.scope ?? "").split(" ").includes(scope)) {
      const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
      return refuse(response, 403, challenge);
    }
    next();
  };
}

const app = express();

app.get("/reports", requires("view_users"), (request, response) => {
  // Show whom the token is for; put your own answer here.
  const { sub, client_id } = request.claims;
  response.json({ sub, client_id });
});

app.listen(port, "127.0.0.1");
