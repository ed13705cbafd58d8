// Tokens that no resource server may accept: for each a name, what the refusal says, and the token.
//
// They are signed with the real keys of the authorization server wherever that makes them more tempting.

import { createHmac, createPublicKey } from "node:crypto";
import { CompactEncrypt, CompactSign, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

export async function hostile({ issuer, resource, keys }) {
  const now = Math.floor(Date.now() / 1000);
  const key = keys.find(({ alg }) => alg === "ES256");
  const rsa = keys.find(({ alg }) => alg === "RS256");
  const claims = {
    iss: issuer,
    aud: resource,
    sub: "mallory",
    client_id: "mallory",
    scope: "skills:read skills:admin",
    iat: now,
    exp: now + 300,
  };
  const header = { alg: "ES256", typ: "at+jwt", kid: key.kid };

  /** A token in which nothing is wrong but these claims and this of the header. */
  const signed = async (claimsToo, headerToo = {}, by = key) => {
    const all = { ...header, ...headerToo };
    const payload = JSON.stringify({ ...claims, ...claimsToo });
    const signer = new CompactSign(Buffer.from(payload)).setProtectedHeader(all);
    return signer.sign(await importJWK(by, all.alg), { crit: { b64: true, exotic: true } });
  };
  /** The same by whatever makes the signature. */
  const by = (headerToo, sign, claimsToo = {}) => {
    const message = `${encode({ ...header, ...headerToo })}.${encode({ ...claims, ...claimsToo })}`;
    return `${message}.${sign(message)}`;
  };
  /** The same with claims as they are written, which need not be what JSON.stringify would write. */
  const written = async (payload) =>
    new CompactSign(Buffer.from(payload)).setProtectedHeader(header).sign(await importJWK(key, "ES256"));
  const twice = (member) => written(JSON.stringify(claims).replace("{", `{${member},`));
  const without = (claim) => signed({ [claim]: undefined });

  const good = await signed({});
  const [head, body, signature] = good.split(".");
  const other = { ...(await exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey)), kid: key.kid };
  const publicPem = createPublicKey({ key: rsa, format: "jwk" }).export({ type: "spki", format: "pem" });
  const mac = (secret) => (message) => createHmac("sha256", secret).update(message).digest("base64url");
  const flipped = signature.replace(/^./, (first) => (first === "A" ? "B" : "A"));
  const publicOther = { kty: other.kty, crv: other.crv, x: other.x, y: other.y };
  const encrypted = await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ: "at+jwt" })
    .encrypt(await importJWK({ kty: key.kty, crv: key.crv, x: key.x, y: key.y }, "ECDH-ES"));

  const list = [
    ["no algorithm", "is signed with `none`", by({ alg: "none" }, () => "")],
    ["no algorithm, with a signature", "is signed with `none`", by({ alg: "none" }, () => signature)],
    ["no algorithm in other letters", "is signed with `nOnE`", by({ alg: "nOnE" }, () => signature)],
    ["the public key as the secret of HS256", "is signed with `HS256`", by({ alg: "HS256", kid: rsa.kid }, mac(publicPem))],
    ["the empty secret", "is signed with `HS256`", by({ alg: "HS256" }, mac(""))],
    ["an algorithm that is not accepted", "is signed with `RS512`", await signed({}, { alg: "RS512", kid: rsa.kid }, { ...rsa, alg: "RS512" })],
    ["RSA for a key of a curve", "is called `es256", by({ alg: "RS256" }, () => signature)],
    ["PSS with a key for PKCS #1", "is called `rs256", await signed({}, { alg: "PS256", kid: rsa.kid }, { ...rsa, alg: "PS256" })],
    ["another type", "(typ) of the token is `JWT`", await signed({}, { typ: "JWT" })],
    ["an ID token", "(typ) of the token is ``", await signed({ nonce: "x" }, { typ: undefined })],
    ["a logout token", "(typ) of the token is `logout+jwt`", await signed({}, { typ: "logout+jwt" })],
    ["a critical extension", "critical extensions", await signed({}, { crit: ["exotic"], exotic: true })],
    ["a payload that is not encoded", "critical extensions", by({ crit: ["b64"], b64: false }, () => signature)],
    ["a number as the name of the key", "members that are no texts", by({ kid: 1 }, () => signature)],
    ["no algorithm named", "has no `alg`", by({ alg: undefined }, () => signature)],
    ["two algorithms", "has no `alg`", `${encode(`{"alg":"none","alg":"ES256","typ":"at+jwt"}`)}.${body}.${signature}`],
    ["a path as the name of the key", "is called `../../etc/passwd`", await signed({}, { kid: "../../etc/passwd" })],
    ["a question as the name of the key", "is called `' OR 1=1 --`", await signed({}, { kid: "' OR 1=1 --" })],
    ["a key of its own (jwk)", "the signature of the token is wrong", await signed({}, { jwk: publicOther }, other)],
    ["the address of its own keys (jku)", "the signature of the token is wrong", await signed({}, { jku: "http://127.0.0.1:1/jwks" }, other)],
    ["the key of somebody else under the right name", "the signature of the token is wrong", await signed({}, {}, other)],
    ["no signature", "the signature of the token is wrong", `${head}.${body}.`],
    ["a changed signature", "the signature of the token is wrong", `${head}.${body}.${flipped}`],
    ["half a signature", "the signature of the token is wrong", `${head}.${body}.${signature.slice(0, 43)}`],
    ["a signature of zeros", "the signature of the token is wrong", `${head}.${body}.${"A".repeat(86)}`],
    ["a signature in DER", "the signature of the token is wrong", `${head}.${body}.${encode("0E\u0002 ")}`],
    ["changed claims", "the signature of the token is wrong", `${head}.${encode({ ...claims, sub: "root" })}.${signature}`],
    ["a changed header", "the signature of the token is wrong", `${encode({ ...header, x: 1 })}.${body}.${signature}`],
    ["another issuer", "was issued by `https://evil.example`", await signed({ iss: "https://evil.example" })],
    ["the issuer with a slash", `was issued by \`${issuer}/\``, await signed({ iss: `${issuer}/` })],
    ["several issuers", "the claim iss of the token is not a text", await signed({ iss: [issuer] })],
    ["no issuer", "does not say who issued it", await without("iss")],
    ["another audience", "is for `https://other.example/mcp`", await signed({ aud: "https://other.example/mcp" })],
    ["the audience with more behind it", "is for `", await signed({ aud: `${resource}/../admin` })],
    ["another audience before the right one", "one occurs twice", await twice(`"aud":"https://other.example/mcp"`)],
    ["the right audience twice", "one occurs twice", await twice(`"aud":"${resource}"`)],
    ["scopes twice, in another spelling", "one occurs twice", await twice(`"sc\\u006fpe":"skills:admin"`)],
    ["a claim of a claim twice", "one occurs twice", await twice(`"act":{"sub":"alice","sub":"mallory"}`)],
    ["the origin only", "is for `", await signed({ aud: new URL(resource).origin })],
    ["no audience", "is for nobody", await without("aud")],
    ["an empty list of audiences", "is for nobody", await signed({ aud: [] })],
    ["an audience that is an object", "the claim aud of the token is not", await signed({ aud: { [resource]: true } })],
    ["expired", "expired 31 s ago", await signed({ exp: now - 31 }), "expired 3"],
    ["without an end", "does not say when it expires", await without("exp")],
    ["an end that is a text", "the claim exp of the token is not a number", await signed({ exp: "9999999999" })],
    ["an end before time", "the claim exp of the token is not a number", await signed({ exp: -1 })],
    ["not valid yet", "is valid in", await signed({ nbf: now + 120 })],
    ["issued in the future", "in the future (iat)", await signed({ iat: now + 120 })],
    ["bound to a key (DPoP)", "is bound to a key", await signed({ cnf: { jkt: "x" } })],
    ["bound to a certificate", "is bound to a key", await signed({ cnf: { "x5t#S256": "x" } })],
    ["of nobody", "neither a subject", await signed({ sub: undefined, client_id: undefined })],
    ["a subject with a line break", "the claim sub of the token", await signed({ sub: "a\n[INFO] b" })],
    ["a subject of 1,000 letters", "the claim sub of the token", await signed({ sub: "x".repeat(1000) })],
    ["a subject that is a number", "the claim sub of the token", await signed({ sub: 0 })],
    ["scopes that are a number", "the claim scope of the token", await signed({ scope: 1 })],
    ["claims that are a list", "are no JSON object", `${head}.${encode([])}.${signature}`],
    ["claims that are no JSON", "are no JSON object", `${head}.${encode("{")}.${signature}`],
    ["claims deeper than anything", "are no JSON object", `${head}.${encode("[".repeat(4000))}.${signature}`],
    ["encrypted", "is no signed JWT", encrypted],
    ["opaque", "is no signed JWT", "b3BhcXVl"],
    ["dots", "is no signed JWT", "..."],
    ["a header that is no JSON", "is no signed JWT", `${encode("{")}.${body}.${signature}`],
    ["padding", "the signature of the token is wrong", `${good}=`],
    ["longer than any token", "longer than 8192 bytes", await signed({ padding: "x".repeat(9000) })],
    ["an attack on the header of the answer", "is for `x'?Set-Cookie: a=b", await signed({ aud: 'x"\nSet-Cookie: a=b' })],
  ];
  return list.map(([name, says, token, alsoSays]) => ({ name, says: alsoSays ?? says, token }));
}
