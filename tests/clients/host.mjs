// Does what SEP-2640 asks of hosts, with js-yaml: node host.mjs SERVER
//
// Fetches every file that is listed, verifies its size and digest, and compares the frontmatter with the entry. Speaks
// JSON-RPC itself, so that no SDK can forgive anything. Prints how many skills and files there were.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { load } from "js-yaml";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

const server = spawn(process.argv[2], { stdio: ["pipe", "pipe", "inherit"] });
const answers = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
let id = 0;

async function ask(method, params) {
  id += 1;
  const request = { jsonrpc: "2.0", id, method, params: { ...params, _meta: META } };
  server.stdin.write(`${JSON.stringify(request)}\n`);
  const answer = JSON.parse((await answers.next()).value);
  assert.equal(answer.id, id);
  assert.ok(answer.result, JSON.stringify(answer));
  return answer.result;
}

function bytes({ text, blob }) {
  return text === undefined ? Buffer.from(blob, "base64") : Buffer.from(text);
}

async function verify({ uri, size, digest }) {
  const { contents } = await ask("resources/read", { uri });
  const data = bytes(contents[0]);
  assert.equal(data.length, size, uri);
  assert.equal(`sha256:${createHash("sha256").update(data).digest("hex")}`, digest, uri);
  const tool = await ask("tools/call", { name: "read_skill_file", arguments: { skill: "", path: uri, lines: 1e9 } });
  const content = tool.content.at(-1); // A line stands before what is no text.
  const same = { text: () => bytes(content), image: () => Buffer.from(content.data, "base64"), resource: () => bytes(content.resource) };
  assert.ok(data.equals(same[content.type]()), uri);
  return data.toString();
}

const { skills } = await ask("skills/list", {});
const files = new Set();
for (const skill of skills) {
  for (const file of skill.resources) {
    const text = await verify(file);
    files.add(file.uri);
    if (file.uri === skill.uri) {
      const [, frontmatter] = text.split(/^---\n/m);
      assert.deepEqual(skill.frontmatter, load(frontmatter), skill.uri);
    }
  }
  assert.ok(files.has(skill.uri), skill.uri);
}
server.stdin.end();
console.log(skills.length, files.size);
