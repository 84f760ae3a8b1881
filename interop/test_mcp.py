"""The MCP SDK's client: it finds the server from the API that refused it."""

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.client.auth.extensions.client_credentials import (
    ClientCredentialsOAuthProvider,
)
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from mcp_types import CallToolResult
from pydantic import AnyUrl

from interop.conftest import REDIRECT_URI
from interop.driving import running
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.databases import make_database
from tests.support.outside import Person
from tests.support.serving import PROJECT, Served, free_port, serve


@dataclass
class Storage(TokenStorage):
    """What the client remembers: who it is registered as, and its tokens."""

    client: OAuthClientInformationFull | None = None
    tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        raise AssertionError(f"{client_info.client_id} was registered already")


@dataclass
class Desk:
    """Where the person sits whom the client asks."""

    person: Person
    asked: list[str] = field(default_factory=list)

    async def open(self, address: str) -> None:
        self.asked.append(address)

    async def come_back(self) -> AuthorizationCodeResult:
        back = httpx2.URL(self.person.answer(self.asked[-1]))
        return AuthorizationCodeResult(
            code=back.params["code"], state=back.params["state"], iss=back.params["iss"]
        )


def interactive(
    address: str, client: MadeClient, person: Person
) -> OAuthClientProvider:
    """Return the SDK's way of sending somebody who uses a tool to the product."""
    desk = Desk(person)
    registered = OAuthClientInformationFull(
        client_id=client.id,
        client_secret=client.secret or None,
        token_endpoint_auth_method="client_secret_basic" if client.secret else "none",
        redirect_uris=[AnyUrl(REDIRECT_URI)],
    )
    return OAuthClientProvider(
        address,
        OAuthClientMetadata(redirect_uris=[AnyUrl(REDIRECT_URI)]),
        Storage(registered),
        redirect_handler=desk.open,
        callback_handler=desk.come_back,
    )


def fetch(address: str, auth: httpx2.Auth) -> httpx2.Response:
    """Call an API once."""

    async def call() -> httpx2.Response:
        async with httpx2.AsyncClient(auth=auth, timeout=30) as wire:
            return await wire.get(address)

    return asyncio.run(call())


@pytest.mark.parametrize("is_confidential", [True, False], ids=["secret", "public"])
def test_a_person_is_led_to_the_server_by_the_api(
    served: Served,
    make: Factory,
    person: Person,
    customer: MadeUser,
    is_confidential: bool,
) -> None:
    client = make.client(
        grant_types=["authorization_code"],
        redirect_uris=[REDIRECT_URI],
        is_confidential=is_confidential,
    )
    address = f"{served.address}/api/v1/me"
    auth = interactive(address, client, person)
    answer = fetch(address, auth)
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["email"] == customer.email
    # An expired token is refreshed without anybody being asked.
    auth.context.token_expiry_time = 1
    first = auth.context.current_tokens
    assert fetch(address, auth).status_code == 200
    assert auth.context.current_tokens.refresh_token != first.refresh_token


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Served, Factory]]:
    """An MCP server of somebody else, and a product that issues tokens for it."""
    folder = tmp_path_factory.mktemp("desk")
    port = free_port()
    address = f"http://127.0.0.1:{port}/mcp"
    audiences = f"https://api.example.com {address}"
    command = ["-m", "uvicorn", "--factory", "interop.mcp_server:make_app"]
    with (
        make_database("sqlite", folder) as database,
        serve(database, API_AUDIENCE=audiences) as served,
        running(
            [sys.executable, *command, "--port", str(port), "--log-level", "warning"],
            answers_at=address,
            cwd=PROJECT,
            env={
                "PATH": os.environ["PATH"],
                "ISSUER": served.address,
                "RESOURCE": address,
            },
        ),
    ):
        yield address, served, Factory(database.make_app())


def whom(address: str, auth: httpx2.Auth) -> str:
    """Use the server's tool as a whole MCP session does."""

    async def use() -> CallToolResult:
        async with (
            httpx2.AsyncClient(auth=auth, timeout=30) as wire,
            Client(streamable_http_client(address, http_client=wire)) as session,
        ):
            return await session.call_tool("whom", {})

    text: str = asyncio.run(use()).content[0].text
    return text


def test_a_person_uses_an_mcp_server(desk: tuple[str, Served, Factory]) -> None:
    address, served, make = desk
    user = make.user(permissions=["view_users"])
    client = make.client(
        grant_types=["authorization_code"],
        redirect_uris=[REDIRECT_URI],
        is_confidential=False,
    )
    person = Person(served)
    person.sign_in(user.email, user.password)
    assert whom(address, interactive(address, client, person)) == str(user.id)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_an_app_uses_an_mcp_server(
    desk: tuple[str, Served, Factory], method: str
) -> None:
    address, served, make = desk
    client = make.client(permissions=["view_users"])
    auth = ClientCredentialsOAuthProvider(
        address, Storage(), client.id, client.secret, method, issuer=served.address
    )
    assert whom(address, auth) == client.id
