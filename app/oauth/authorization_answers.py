"""Answering an authorization request once it is decided."""

from flask import Response

from app.extensions import db
from app.oauth.answers import to_client
from app.oauth.authorization_rules import response_mode_of
from app.oauth.grants import AuthorizationCodeGrant
from app.oauth.server import server
from app.tokens.codes import CodeRequest


def answer_client(
    grant: AuthorizationCodeGrant, code_request: CodeRequest | None
) -> Response:
    """Issue the code, or deny without a `code_request`; commit, and tell the client."""
    answer = server.create_authorization_response(
        grant.request, grant_user=code_request, grant=grant
    )
    db.session.commit()
    return to_client(
        answer.location,
        answer.body,
        response_mode=response_mode_of(grant.request.payload.data),
    )
