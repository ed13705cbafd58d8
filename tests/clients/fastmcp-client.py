"""Drives the server with FastMCP's client: python3 fastmcp-client.py SERVER MODE FOLDER

SERVER is an executable, or the URL of a server that runs. FastMCP reads the skills extension with models of its own.
"""

import asyncio
import base64
import hashlib
import pathlib
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from fastmcp.skills import SkillsClientExtension


async def read(client, uri):
    [contents] = await client.read_resource(uri)
    text = getattr(contents, "text", None)
    return base64.b64decode(contents.blob) if text is None else text.encode()


async def check_skills(client, folder):
    files = set()  # One that lies in another skill belongs to both.
    for skill in await client.list_skills():
        assert await client.get_skill(skill.uri) == skill
        for file in skill.resources:
            data = await read(client, str(file.uri))
            assert len(data) == file.size, file
            assert "sha256:" + hashlib.sha256(data).hexdigest() == file.digest, file
            assert data == (folder / str(file.uri).removeprefix("skill://")).read_bytes(), file
            files.add(str(file.uri))
    return len(files)


async def check_resources(client, folder):
    resources = await client.list_resources()
    for resource in resources:
        path = str(resource.uri).removeprefix("skill://")
        assert await read(client, str(resource.uri)) == (folder / path).read_bytes(), path
    return len(resources)


async def main(server, mode, folder):
    folder = pathlib.Path(folder)
    target = server if server.startswith("http") else StdioTransport(command=server, args=[])
    async with Client(target, mode=mode, extensions=[SkillsClientExtension()]) as client:
        files = await check_resources(client, folder)
        if mode != "legacy":  # The extension asks for a version in which requests stand alone, and so does FastMCP.
            assert await check_skills(client, folder) == files
        listed = await client.call_tool("list_skills", {})
        assert "skill" in listed.content[0].text.split(":")[0]
        assert not listed.is_error and listed.structured_content is None
        prompts = await client.list_prompts()
        result = await client.get_prompt(prompts[0].name, {"task": "Do it."})
        assert result.messages[0].content.text.endswith("The task: Do it.")
        print(client.protocol_version, files)


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), timeout=60))
