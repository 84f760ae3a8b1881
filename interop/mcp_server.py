"""An MCP server of somebody else, made with the SDK, that trusts the product."""

import os

import jwt
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from starlette.applications import Starlette


class Verifier(TokenVerifier):
    """Verifies access tokens as RFC 9068 §4 tells a resource server."""

    def __init__(self, issuer: str, resource: str) -> None:
        self.issuer = issuer
        self.resource = resource
        self.keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            claims = jwt.decode(
                token,
                self.keys.get_signing_key_from_jwt(token),
                algorithms=["RS256"],
                issuer=self.issuer,
                audience=self.resource,
            )
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims["scope"].split(),
            expires_at=claims["exp"],
            resource=claims["aud"],
            subject=claims["sub"],
        )


def make_app() -> Starlette:
    """Make the server that `ISSUER` and `RESOURCE` describe."""
    issuer, resource = os.environ["ISSUER"], os.environ["RESOURCE"]
    server = MCPServer(
        "desk",
        token_verifier=Verifier(issuer, resource),
        auth=AuthSettings(
            issuer_url=issuer,
            resource_server_url=resource,
            required_scopes=["view_users"],
            validate_token_resource=True,
        ),
    )

    @server.tool()
    def whom() -> str:
        """Tell for whom the caller acts."""
        token = get_access_token()
        return token.subject if token and token.subject else "nobody"

    return server.streamable_http_app()
