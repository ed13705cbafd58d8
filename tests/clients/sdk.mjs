// Drives the server with the first TypeScript SDK, which most hosts are built on: node sdk.mjs SERVER
//
// SERVER is an executable, or the URL of a server that runs.

import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [server] = process.argv.slice(2);
const transport = server.startsWith("http")
  ? new StreamableHTTPClientTransport(new URL(server))
  : new StdioClientTransport({ command: server });
const client = new Client({ name: "suite", version: "1" });
await client.connect(transport);
assert.equal(client.getServerVersion().name, "skills-server");

const { resources } = await client.listResources();
for (const { uri, size } of resources) {
  const { contents } = await client.readResource({ uri });
  const { text, blob } = contents[0];
  const bytes = text === undefined ? Buffer.from(blob, "base64") : Buffer.from(text);
  assert.equal(bytes.length, size, uri);
}
await assert.rejects(client.readResource({ uri: "skill://no-such-skill/SKILL.md" }), { code: -32002 });

const { tools } = await client.listTools();
assert.equal(tools.length, 3);
const listed = await client.callTool({ name: "list_skills", arguments: {} });
for (const [, path] of listed.content[0].text.matchAll(/^- `(.+?)`/gm)) {
  const read = await client.callTool({ name: "read_skill", arguments: { skill: path } });
  assert.ok(read.content[0].text.startsWith(`Follow this skill, \`${path}\``));
}

const { prompts } = await client.listPrompts();
for (const { name } of prompts) {
  const { messages } = await client.getPrompt({ name, arguments: { task: "Do it." } });
  assert.ok(messages[0].content.text.endsWith("The task: Do it."));
}
await client.close();
console.log(resources.length);
