"""Drives the server with the official Python SDK: python3 client.py SERVER MODE FOLDER

SERVER is an executable, or the URL of a server that runs.

The SDK checks every result against the schema of the protocol version, and the data of tools against their outputSchema.
"""

import asyncio
import base64
import pathlib
import re
import sys
import urllib.parse

import jsonschema
from mcp import Client, MCPError, StdioServerParameters
from mcp_types import PromptReference, ResourceTemplateReference

TOOLS = ["list_skills", "read_skill", "read_skill_file"]


async def check(client, mode, folder):
    is_stateless = client.protocol_version == "2026-07-28"
    assert is_stateless == (mode != "legacy"), client.protocol_version
    if mode != "2026-07-28":  # A version that is pinned is not discovered, so nothing is known of the server.
        assert client.server_info.name == "skills-server"
        assert client.server_capabilities.extensions == {"io.modelcontextprotocol/skills": {"directoryRead": True}}
    await check_resources(client, folder)
    await check_tools(client)
    await check_prompts(client)


async def check_resources(client, folder):
    resources = (await client.list_resources()).resources
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(resources) == len(files), [resource.uri for resource in resources]
    for resource in resources:
        [contents] = (await client.read_resource(resource.uri)).contents
        text = getattr(contents, "text", None)
        actual = base64.b64decode(contents.blob) if text is None else text.encode()
        path = str(resource.uri).removeprefix("skill://")
        assert actual == (folder / path).read_bytes(), path
        assert contents.mime_type == resource.mime_type
        assert len(actual) == resource.size
    templates = (await client.list_resource_templates()).resource_templates
    for template in templates:
        reference = ResourceTemplateReference(type="ref/resource", uri=template.uri_template)
        result = await client.complete(reference, {"name": "skill", "value": "conv"})
        assert result.completion.values == ["conventional-commits"]
    try:
        await client.read_resource("skill://no-such-skill/SKILL.md")
    except MCPError as error:
        expected = -32602 if client.protocol_version == "2026-07-28" else -32002
        assert error.error.code == expected, error
    else:
        raise AssertionError("a resource that is not there was read")


async def check_tools(client):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(tools) == TOOLS
    for tool in tools.values():
        assert tool.annotations.read_only_hint and tool.annotations.idempotent_hint
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.output_schema is None

    async def call(name, **arguments):
        jsonschema.validate(arguments, tools[name].input_schema)
        result = await client.call_tool(name, arguments)
        assert not result.is_error and result.structured_content is None, result
        return result.content

    def paths(content):
        return re.findall(r"^- `(.+?)`", content[0].text, re.MULTILINE)

    skills = paths(await call("list_skills"))
    assert skills
    for skill in skills:
        _, _, files = (await call("read_skill", skill=skill))[0].text.rpartition("\n---\n")
        for path in re.findall(r"^- `(.+?)` \(", files, re.MULTILINE):
            uri = f"skill://{skill}/{urllib.parse.quote(path)}"
            by_path = await call("read_skill_file", skill=skill, path=path)
            assert by_path == await call("read_skill_file", skill=skill, path=uri)
    refused = await client.call_tool("read_skill", {"skill": "no-such-skill"})
    assert refused.is_error and "list_skills" in refused.content[0].text


async def check_prompts(client):
    prompts = (await client.list_prompts()).prompts
    assert prompts
    for prompt in prompts:
        result = await client.get_prompt(prompt.name, {"task": "Do it."})
        assert result.messages[0].content.text.endswith("The task: Do it.")
    reference = PromptReference(type="ref/prompt", name=prompts[0].name)
    completion = await client.complete(reference, {"name": "task", "value": "x"})
    assert completion.completion.values == []


async def main(server, mode, folder):
    target = server if server.startswith("http") else StdioServerParameters(command=server)
    async with Client(target, mode=mode) as client:
        await check(client, mode, pathlib.Path(folder))
        print(client.protocol_version)


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), timeout=60))
