"""The OpenAPI 3.1 document, drawn from the views themselves."""

import http
from typing import Any

from flask import Flask
from flask_smorest import Api

from app.api.fields import ProblemSchema
from app.api.problems import CONTENT_TYPE
from app.builtin import MANAGE_SYSTEM, MANAGE_USERS, VIEW_USERS
from app.config import Settings

API_VERSION = "1"
SCHEME = "oauth2"
#: What the operations ask for, in the words of the built-in permissions.
SCOPES = {
    VIEW_USERS: "View users.",
    MANAGE_USERS: "Create, change, and deactivate users.",
    MANAGE_SYSTEM: "Manage apps, roles, and everything else.",
}
#: Of these, what apps may ask users for as long as nobody changes it.
DELEGABLE = (VIEW_USERS,)

IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag of the version that this starts from. If it has changed "
    "since, the response is 412 and nothing is done.",
    "schema": {"type": "string"},
}
ETAG = {"description": "The version.", "schema": {"type": "string"}}

_DESCRIPTION = (
    "Send an access token in the Authorization header of every request. What it may do "
    "is decided when the request arrives: the token's scope, limited to what the app "
    "or user it acts for holds at that moment. Errors are problem documents "
    "(RFC 9457). A change that the current state does not allow gets a 409 response."
)


class OpenApi(Api):
    """flask-smorest's API with problem documents as its errors."""

    ERROR_SCHEMA = ProblemSchema
    #: Each operation names its errors; there is no answer besides.
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
        self.spec.components.security_scheme(SCHEME, _flows(settings.issuer))

    def document(self) -> dict[str, Any]:
        """Return the document as it stands."""
        document: dict[str, Any] = self.spec.to_dict()
        return document

    def _register_error_handlers(self) -> None:
        """Our blueprints answer their errors themselves; other pages are not ours."""

    def _register_etag_headers(self) -> None:
        """Our operations name their own."""

    def _register_pagination_header(self) -> None:
        """Our pages say in the body where they stand."""

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


def errors_of(method: str, rule: str, *, is_versioned: bool) -> dict[str, str]:
    """Return the errors that an operation may answer, by the names of its responses."""
    statuses = {400, 401, 403, 503}
    if is_versioned:
        statuses.add(412)
    if "<" in rule:
        statuses.add(404)
    if method != "GET":
        statuses.add(409)
    if method in {"POST", "PATCH", "PUT"}:
        statuses |= {413, 415}
    return {str(status): http.HTTPStatus(status).name for status in sorted(statuses)}


def _flows(issuer: str) -> dict[str, Any]:
    """Return the two grants, with what each can bring (OpenAPI 3.1 §4.8.29)."""
    token_url = f"{issuer}/oauth/token"
    lent = {name: SCOPES[name] for name in DELEGABLE}
    return {
        "type": "oauth2",
        "description": "An access token of this server (RFC 6750, RFC 9068).",
        "flows": {
            "clientCredentials": {"tokenUrl": token_url, "scopes": SCOPES},
            "authorizationCode": {
                "authorizationUrl": f"{issuer}/oauth/authorize",
                "tokenUrl": token_url,
                "refreshUrl": token_url,
                "scopes": lent,
            },
        },
    }
