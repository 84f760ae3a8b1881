// oauth4webapi finds the server from the API's own metadata (RFC 9728).
import * as oauth from "oauth4webapi";
import { facts, finish, refusalOf } from "./conversation.mjs";

const plainly = { [oauth.allowInsecureRequests]: true };
const challenge = await refusalOf(() =>
  oauth.protectedResourceRequest(
    "guessed", "GET", new URL("/api/v1/me", facts.issuer), undefined, undefined, plainly,
  ),
);
const resource = new URL(facts.resource);
const metadata = await oauth.processResourceDiscoveryResponse(
  resource,
  await oauth.resourceDiscoveryRequest(resource, plainly),
);
const issuer = new URL(metadata.authorization_servers[0]);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...plainly }),
);
const client = { client_id: facts.clientId };
const own = await oauth.processClientCredentialsResponse(
  server,
  client,
  await oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.ClientSecretBasic(facts.clientSecret),
    { resource: metadata.resource },
    plainly,
  ),
);
const claims = await oauth.validateJwtAccessToken(
  server,
  new Request(resource, { headers: { authorization: `Bearer ${own.access_token}` } }),
  metadata.resource,
  plainly,
);
finish({ challenge, metadata, claims });
