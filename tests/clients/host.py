"""Does what SEP-2640 asks of hosts, with PyYAML: python3 host.py SERVER FOLDER

SERVER is an executable, or the URL of a server that runs.

Fetches every file that is listed, verifies its size and digest, and compares the frontmatter with the entry. Prints how
many skills and files there were.
"""

import asyncio
import base64
import hashlib
import pathlib
import sys
from typing import Any

import yaml
from mcp import Client, StdioServerParameters
from mcp_types import Request
from pydantic import TypeAdapter


def frontmatter(document):
    """What stands between the fences, as PyYAML reads it."""
    _, text, _ = document.split("---\n", 2)
    return yaml.safe_load(text)


def compare(path, listed, parsed):
    """Fails unless both are the same to the type of every value."""
    assert type(listed) is type(parsed), f"{path}: {listed!r} is listed, {parsed!r} was read"
    if isinstance(parsed, dict):
        assert listed.keys() == parsed.keys(), f"{path}: {listed.keys()} are listed, {parsed.keys()} were read"
        for key in parsed:
            compare(f"{path}.{key}", listed[key], parsed[key])
    elif isinstance(parsed, list):
        assert len(listed) == len(parsed), path
        for index, (left, right) in enumerate(zip(listed, parsed)):
            compare(f"{path}[{index}]", left, right)
    else:
        assert listed == parsed, f"{path}: {listed!r} is listed, {parsed!r} was read"


async def read(client, uri):
    [contents] = (await client.read_resource(uri)).contents
    text = getattr(contents, "text", None)
    return base64.b64decode(contents.blob) if text is None else text.encode()


async def read_with_tool(client, uri):
    """The same through the tool, which may give text, a picture or a resource."""
    result = await client.call_tool("read_skill_file", {"skill": "", "path": uri, "lines": 10**9})
    content = result.content[-1]  # A line stands before what is no text.
    match content.type:
        case "text":
            return content.text.encode()
        case "image":
            return base64.b64decode(content.data)
        case "resource":
            return base64.b64decode(content.resource.blob)


async def verify(client, file, folder):
    data = await read(client, file["uri"])
    assert len(data) == file["size"], file
    assert "sha256:" + hashlib.sha256(data).hexdigest() == file["digest"], file
    assert await read_with_tool(client, file["uri"]) == data, file
    path = file["uri"].removeprefix("skill://")
    assert (folder / path).read_bytes() == data, file
    return path, data


async def main(server, folder):
    folder = pathlib.Path(folder)
    target = server if server.startswith("http") else StdioServerParameters(command=server)
    async with Client(target, mode="2026-07-28") as client:
        request = Request[dict[str, Any], str](method="skills/list", params={})
        result = await client.session.send_request(request, TypeAdapter(dict[str, Any]))
        assert "nextCursor" not in result, "one page is enough for these skills"
        files = {}
        for skill in result["skills"]:
            own = dict([await verify(client, file, folder) for file in skill["resources"]])
            document = own[skill["uri"].removeprefix("skill://")]
            compare(skill["uri"], skill["frontmatter"], frontmatter(document.decode()))
            files.update(own)
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files.keys() == on_disk, files.keys() ^ on_disk
    print(len(result["skills"]), len(files))


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), timeout=60))
