"""FastMCP over HTTP with one skill in a constant, without sessions, answering in JSON: python3 serve.py DOCUMENT"""

import pathlib
import socket
import sys

from fastmcp import FastMCP

TEXT = pathlib.Path(sys.argv[1]).read_text()

server = FastMCP("plain")


@server.resource("skill://sample-0000/SKILL.md", mime_type="text/markdown")
def document() -> str:
    return TEXT


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
print(f"Serving at http://127.0.0.1:{listener.getsockname()[1]}/mcp", file=sys.stderr, flush=True)
server.run(
    transport="http", stateless_http=True, json_response=True, show_banner=False, sockets=[listener],
    uvicorn_config={"log_level": "error", "access_log": False},
)
