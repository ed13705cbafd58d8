// The official TypeScript SDK over HTTP with one skill in a constant, as its documentation sets up a server without sessions:
// node serve.mjs DOCUMENT

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';

const URI = 'skill://sample-0000/SKILL.md';
const text = readFileSync(process.argv[2], 'utf8');

function server() {
  const server = new McpServer({ name: 'plain', version: '0.0.0' });
  server.registerResource('sample-0000', URI, { mimeType: 'text/markdown' }, uri => ({
    contents: [{ uri: uri.href, mimeType: 'text/markdown', text }],
  }));
  return server;
}

const handle = toNodeHandler(createMcpHandler(server));
const [host, origin] = [localhostHostValidation(), localhostOriginValidation()];
const listener = createServer((request, response) => {
  if (host(request, response) && origin(request, response)) {
    handle(request, response);
  }
});
listener.listen(0, '127.0.0.1', () => console.error(`Serving at http://127.0.0.1:${listener.address().port}/mcp`));
