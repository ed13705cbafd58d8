// An authorization server for tests, certified by the OpenID Foundation: node as.mjs
//
// Says its issuer on standard output, and serves until standard input ends. It issues tokens for any http://127.0.0.1:*/mcp:
// by client credentials (clients es256, rs256, ps256, eddsa and opaque, secret `secret`), and by authorization code with PKCE
// to whoever registers, in which a user called alice logs in and consents without being asked.
//
// POST /control does to it what tests need:
//   { "rotate": "names" }        new keys under new names
//   { "rotate": "keys" }         new keys under the old names
//   { "answer": { PATH: HOW } }  from now on, the path is answered with HOW: see `answers`; null is as it should be.
//                                `metadata` stands for all paths that metadata is at
//   { "hostile": RESOURCE }      answers with tokens that must not be accepted: see hostile.mjs
//   { "counts": true }           answers with how often each path was asked for

import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider, { errors } from "oidc-provider";
import { hostile } from "./hostile.mjs";

// Standard output is for the issuer.
console.info = console.warn;

const SCOPES = "skills:read skills:admin";
const ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"];
const RESOURCE = /^http:\/\/127\.0\.0\.1:\d+\/mcp\/?$/;

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

let round = 1;
let keys;
let provider;
let handle;
const counts = {};
const replaced = {};

const confidential = (id) => ({
  client_id: id,
  client_secret: "secret",
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
});

async function renew() {
  keys = await Promise.all(
    ALGORITHMS.map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return { ...(await exportJWK(privateKey)), kid: `${alg.toLowerCase()}-${round}`, alg, use: "sig" };
    }),
  );
  // Grants and sessions are in a store of the process, which the provider before this one left behind.
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: [...ALGORITHMS.map((alg) => confidential(alg.toLowerCase())), confidential("opaque"), confidential("resource")],
    clientDefaults: { token_endpoint_auth_method: "client_secret_basic" },
    cookies: { keys: ["not a secret"] },
    scopes: ["openid", "offline_access", ...SCOPES.split(" ")],
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === "resource" },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo(_, resource, client) {
          if (!RESOURCE.test(resource)) throw new errors.InvalidTarget();
          const alg = ALGORITHMS.find((alg) => alg.toLowerCase() === client.clientId) ?? "ES256";
          return {
            scope: SCOPES,
            audience: resource,
            accessTokenTTL: 300,
            accessTokenFormat: client.clientId === "opaque" ? "opaque" : "jwt",
            jwt: { sign: { alg } },
          };
        },
      },
    },
  });
  handle = provider.callback();
}

/** Logs alice in, and has her consent to everything. */
async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  let result = { login: { accountId: "alice" } };
  if (prompt.name === "consent") {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(" "));
    for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {}))
      grant.addResourceScope(resource, scopes.join(" "));
    result = { consent: { grantId: await grant.save() } };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const send = (response, value, status = 200) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
};

/** Ways of answering that are wrong. */
const answers = {
  gone: (request) => request.socket.destroy(),
  silent: () => {},
  error: (_, response) => send(response, "", 500),
  redirect: (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  "bad-json": (_, response) => send(response, "{"),
  huge: (_, response) => send(response, { keys: [], padding: "x".repeat(100_000) }),
  "no-keys": (_, response) => send(response, { keys: [] }),
  "wrong-issuer": (_, response) => send(response, { issuer: "https://evil.example", jwks_uri: `${issuer}/jwks` }),
};

async function control(request, response) {
  const { rotate, answer, hostile: resource, counts: wanted } = await new Response(request).json();
  if (rotate) {
    if (rotate === "names") round += 1;
    await renew();
  }
  Object.assign(replaced, answer);
  if (resource) return send(response, await hostile({ issuer, resource, keys }));
  send(response, wanted ? counts : {});
}

await renew();
server.on("request", async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === "/control") return control(request, response);
  counts[pathname] = (counts[pathname] ?? 0) + 1;
  const replacement = answers[replaced[pathname.startsWith("/.well-known/") ? "metadata" : pathname]];
  if (replacement) return replacement(request, response);
  if (pathname.startsWith("/interaction/")) return interact(request, response);
  return handle(request, response);
});
console.log(issuer);
process.stdin.resume().on("end", () => process.exit());
