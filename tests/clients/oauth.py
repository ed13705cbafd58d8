"""Goes the whole way from the first 401 to a skill with the Python SDK: python3 oauth.py SERVER URI

Everything about OAuth is the SDK's: it finds the authorization server, registers, and gets a token; this is only the browser
of a user who has nothing to click.
"""

import asyncio
import sys
import urllib.parse

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata

CALLBACK = "http://127.0.0.1:33418/callback"


class Storage:
    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Browser:
    async def open(self, url):
        async with httpx2.AsyncClient(follow_redirects=False) as client:
            while not url.startswith(CALLBACK):
                response = await client.get(url)
                assert response.has_redirect_location, (url, response.status_code, response.text)
                url = urllib.parse.urljoin(url, response.headers["location"])
        self.called = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))

    async def result(self):
        return AuthorizationCodeResult(**self.called)


async def main(server, uri):
    storage, browser = Storage(), Browser()
    metadata = OAuthClientMetadata(
        client_name="suite",
        redirect_uris=[CALLBACK],
        grant_types=["authorization_code"],
        token_endpoint_auth_method="none",
    )
    auth = OAuthClientProvider(server, metadata, storage, browser.open, browser.result)
    async with httpx2.AsyncClient(auth=auth) as http:
        async with Client(streamable_http_client(server, http_client=http)) as client:
            [contents] = (await client.read_resource(uri)).contents
            assert contents.text.startswith("---\n"), contents
    print(storage.tokens.access_token)


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), timeout=60))
