// Drives the server with the official TypeScript client and its SkillsClient: node client.mjs SERVER MODE
//
// SERVER is an executable, or the URL of a server that runs.
//
// The SDK checks every result against the schema of the protocol version, and the data of tools against their
// outputSchema; SkillsClient verifies size, digest and frontmatter of what it reads.

import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { SkillsClient, SkillVerificationError } from "@modelcontextprotocol/client/ext/skills";

const PNG = [0x89, 0x50, 0x4e, 0x47];
const [server, mode] = process.argv.slice(2);

async function checkSkills(client) {
  const skills = new SkillsClient(client);
  assert.equal(skills.supported, true);
  assert.equal(skills.directoryRead, true);
  const { skills: entries, invalid } = await skills.list();
  assert.equal(invalid.length, 0);
  let files = 0;
  let pictures = 0;
  for (const entry of entries) {
    assert.deepEqual((await skills.get(entry.uri)).skill, entry);
    const document = await skills.read(entry);
    assert.equal(document.verified, true);
    assert.deepEqual(document.frontmatter, entry.frontmatter);
    assert.match(document.body, /^# /m);
    for (const { uri } of entry.resources) {
      const file = await skills.read(entry, uri);
      assert.equal(file.verified, true);
      files += 1;
      if (file.text === undefined) {
        assert.deepEqual([...file.bytes.subarray(0, 4)], PNG);
        pictures += 1;
      }
    }
    await checkDirectory(skills, entry);
  }
  assert.ok(pictures > 0, "there is a file that is not text");
  await checkForgery(skills, entries[0]);
  await assert.rejects(skills.get("skill://no-such-skill/SKILL.md"), { code: -32602 });
  return [entries.length, files];
}

/** The files below a skill are those of its entry. */
async function checkDirectory(skills, entry) {
  const open = [entry.uri.replace(/\/SKILL\.md$/, "")];
  const found = [];
  while (open.length > 0) {
    const { resources } = await skills.readDirectory(open.pop());
    for (const { uri, mimeType } of resources) {
      (mimeType === "inode/directory" ? open : found).push(uri);
    }
  }
  assert.deepEqual(found.sort(), entry.resources.map(({ uri }) => uri).sort());
}

/** The verification above can fail. */
async function checkForgery(skills, entry) {
  const forged = structuredClone(entry);
  forged.resources[0].digest = `sha256:${"0".repeat(64)}`;
  await assert.rejects(skills.read(forged, forged.resources[0].uri), SkillVerificationError);
}

async function checkTheRest(client) {
  const { resources } = await client.listResources();
  const { contents } = await client.readResource({ uri: resources[0].uri });
  assert.equal(contents[0].uri, resources[0].uri);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["list_skills", "read_skill", "read_skill_file"],
  );
  const listed = await client.callTool({ name: "list_skills", arguments: {} });
  const [, path] = listed.content[0].text.match(/^- `(.+?)`/m);
  const read = await client.callTool({ name: "read_skill", arguments: { skill: path } });
  assert.ok(read.content[0].text.startsWith(`Follow this skill, \`${path}\``));
  const refused = await client.callTool({ name: "read_skill", arguments: {} });
  assert.equal(refused.isError, true);
  const { prompts } = await client.listPrompts();
  const { messages } = await client.getPrompt({ name: prompts[0].name });
  assert.equal(messages[0].role, "user");
  const { resourceTemplates } = await client.listResourceTemplates();
  const { completion } = await client.complete({
    ref: { type: "ref/resource", uri: resourceTemplates[0].uriTemplate },
    argument: { name: "skill", value: "conv" },
  });
  assert.deepEqual(completion.values, ["conventional-commits"]);
}

const transport = server.startsWith("http")
  ? new StreamableHTTPClientTransport(new URL(server))
  : new StdioClientTransport({ command: server });
const versionNegotiation = { mode: mode === "2026-07-28" ? { pin: mode } : mode };
const client = new Client({ name: "suite", version: "1" }, { versionNegotiation });
await client.connect(transport);
assert.equal(client.getServerVersion().name, "skills-server");
const version = client.getNegotiatedProtocolVersion();
const counts = await checkSkills(client);
await checkTheRest(client);
await client.close();
console.log(version, ...counts);
