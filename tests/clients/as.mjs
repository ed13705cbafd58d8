// An authorization server for tests, certified by the OpenID Foundation: node as.mjs [FILE]
//
// Says its issuer on standard output and then where tests reach it, and serves until standard input ends. With a FILE, the issuer
// is https://localhost, with the certificate in FILE.pem and the key in FILE.key; tests reach it by http all the same. It issues tokens for any http://127.0.0.1:*/mcp:
// by client credentials (clients es256, rs256, ps256, eddsa and opaque, secret `secret`), and by authorization code with PKCE
// to whoever registers, in which a user called alice logs in and consents without being asked.
//
// POST /control does to it what tests need:
//   { "rotate": "names" }        new keys under new names
//   { "rotate": "keys" }         new keys under the old names
//   { "answer": { PATH: HOW } }  from now on, the path is answered with HOW: see `answers`; null is as it should be.
//                                `metadata` stands for all paths that metadata is at
//   { "mint": CLAIMS }           answers with a token of these claims besides the usual ones; numbers of `exp`, `iat` and `nbf`
//                                are seconds from now
//   { "hostile": RESOURCE }      answers with tokens that must not be accepted: see hostile.mjs
//   { "counts": true }           answers with how often each path was asked for

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import Provider, { errors } from "oidc-provider";
import { hostile } from "./hostile.mjs";

// Standard output is for the issuer.
console.info = console.warn;

const SCOPES = "skills:read skills:admin";
const ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"];
const RESOURCE = /^http:\/\/127\.0\.0\.1:\d+\/mcp\/?$/;

const listen = (server, host) => new Promise((resolve) => server.listen(0, host, () => resolve(server.address().port)));
const server = createServer();
const address = `http://127.0.0.1:${await listen(server, "127.0.0.1")}`;
const file = process.argv[2];
const secure = file && createSecureServer({ cert: readFileSync(`${file}.pem`), key: readFileSync(`${file}.key`) });
const issuer = secure ? `https://localhost:${await listen(secure, "localhost")}` : address;

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
  "bad-request": (_, response) => send(response, { error: "invalid_request" }, 400),
  redirect: (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  "bad-json": (_, response) => send(response, "{"),
  huge: (_, response) => send(response, { keys: [], padding: "x".repeat(100_000) }),
  "no-keys": (_, response) => send(response, { keys: [] }),
  "wrong-issuer": (_, response) => send(response, { issuer: "https://evil.example", jwks_uri: `${issuer}/jwks` }),
};

/** A token with these claims, whose times are from now. */
function mint(claims) {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: issuer, sub: "alice", client_id: "minted", scope: "skills:read", exp: 300, iat: 0, ...claims };
  for (const time of ["exp", "iat", "nbf"]) if (time in all) all[time] += now;
  const key = keys.find(({ alg }) => alg === "ES256");
  const token = new SignJWT(all).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: key.kid });
  return importJWK(key, "ES256").then((key) => token.sign(key));
}

async function control(request, response) {
  const { rotate, answer, mint: claims, hostile: resource, counts: wanted } = await new Response(request).json();
  if (rotate) {
    if (rotate === "names") round += 1;
    await renew();
  }
  Object.assign(replaced, answer);
  if (claims) return send(response, { token: await mint(claims) });
  if (resource) return send(response, await hostile({ issuer, resource, keys }));
  send(response, wanted ? counts : {});
}

await renew();
const respond = async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === "/control") return control(request, response);
  counts[pathname] = (counts[pathname] ?? 0) + 1;
  const replacement = answers[replaced[pathname.startsWith("/.well-known/") ? "metadata" : pathname]];
  if (replacement) return replacement(request, response);
  if (pathname.startsWith("/interaction/")) return interact(request, response);
  return handle(request, response);
};
server.on("request", respond);
secure?.on("request", respond);
console.log(issuer);
console.log(address);
process.stdin.resume().on("end", () => process.exit());
