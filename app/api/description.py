"""The OpenAPI 3.1 document, drawn from the views themselves."""

import http
from typing import Any

from flask import Flask
from flask_smorest import Api

from app.api.fields import ProblemSchema
from app.api.problems import CONTENT_TYPE
from app.config import Settings

API_VERSION = "1"
SCHEME = "oauth2"


class OpenApi(Api):
    """flask-smorest's API with problem documents as its errors."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        settings: Settings = app.extensions["gatepass_settings"]
        super().__init__(
            app,
            spec_kwargs={
                "title": f"{settings.app_name} API",
                "version": API_VERSION,
                "openapi_version": "3.1.0",
                "servers": [{"url": settings.issuer}],
                "info": {"description": _DESCRIPTION},
            },
        )
        self.spec.components.security_scheme(SCHEME, _security(settings.issuer))

    def _register_error_handlers(self) -> None:
        """Our blueprints answer their errors themselves; other pages are not ours."""

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            self.spec.components.response(
                status.name,
                {
                    "description": status.phrase,
                    "content": {CONTENT_TYPE: {"schema": self.ERROR_SCHEMA}},
                },
                lazy=True,
            )


_DESCRIPTION = (
    "Send an access token in the Authorization header of every request. What it may do "
    "is decided when the request arrives: the token's scope within what the app, or "
    "the user it acts for, holds at that moment. Errors are problem documents "
    "(RFC 9457)."
)


def _security(issuer: str) -> dict[str, Any]:
    token_url = f"{issuer}/oauth/token"
    return {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {"tokenUrl": token_url, "scopes": {}},
            "authorizationCode": {
                "authorizationUrl": f"{issuer}/oauth/authorize",
                "tokenUrl": token_url,
                "refreshUrl": token_url,
                "scopes": {},
            },
        },
    }
