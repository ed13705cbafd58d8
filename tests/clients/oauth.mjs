// Goes the whole way from the first 401 to a skill with a TypeScript SDK: node oauth.mjs PACKAGE SERVER URI
//
// PACKAGE is `@modelcontextprotocol/client` or `@modelcontextprotocol/sdk`. Everything about OAuth is the SDK's: it finds the
// authorization server, registers, and gets a token; this is only the browser of a user who has nothing to click.

import assert from "node:assert/strict";

const [name, server, uri] = process.argv.slice(2);
const isFirst = name.endsWith("/sdk");
const { Client } = await import(isFirst ? `${name}/client/index.js` : name);
const { StreamableHTTPClientTransport } = await import(isFirst ? `${name}/client/streamableHttp.js` : name);

const CALLBACK = "http://127.0.0.1:33418/callback";

/** Follows an authorization request to where the client would be called back. */
async function browse(url) {
  const cookies = new Map();
  for (let next = new URL(url); !next.href.startsWith(CALLBACK); ) {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
    const response = await fetch(next, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [key, value] = set.split(";")[0].split(/=(.*)/s);
      cookies.set(key, value);
    }
    const location = response.headers.get("location");
    assert(location, `${next} answers ${response.status}: ${await response.text()}`);
    next = new URL(location, next);
    if (next.href.startsWith(CALLBACK)) return next.searchParams;
  }
}

const kept = {};
const authProvider = {
  redirectUrl: CALLBACK,
  clientMetadata: {
    client_name: "suite",
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "native",
  },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  redirectToAuthorization: async (url) => void (kept.callback = await browse(url)),
};

const connect = async () => {
  const transport = new StreamableHTTPClientTransport(new URL(server), { authProvider });
  const client = new Client({ name: "suite", version: "1" });
  try {
    await client.connect(transport);
    return client;
  } catch (error) {
    assert.equal(error.constructor.name, "UnauthorizedError", error);
    await transport.finishAuth(isFirst ? kept.callback.get("code") : kept.callback);
    return null;
  }
};

assert.equal(await connect(), null, "a client without a token gets in");
const client = await connect();
const { contents } = await client.readResource({ uri });
assert.match(contents[0].text, /^---\n/);
await client.close();
console.log(kept.tokens.access_token);
