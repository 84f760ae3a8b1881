"""Client authentication (RFC 6749 §2.3): one identity, one method, one message."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from app import digests
from app.clients.last_use import touch
from app.clients.models import BASIC, NONE, POST, Client, ClientSecret
from app.clients.recognising import unknown_client, wrong_secret
from app.clients.statements import ClientRecord, load_client
from app.clock import utcnow
from app.extensions import db
from app.kept_connections import kept_connection
from app.oauth.noting import because, for_reason
from app.oauth.parameters import Parameters
from app.traffic.reasons import Refusal, RefusalReason, refused

REALM = "Gatepass clients"
#: Compared with where there is no secret, so that an unknown client takes as long.
_NO_DIGEST = digests.digest("")


class ClientRefusedError(InvalidClientError):
    """`invalid_client` with 401 and the challenge that RFC 6749 §5.2 asks for."""

    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        """Return the headers; RFC 7617 §2: a Basic challenge names a realm."""
        return [
            ("Content-Type", "application/json"),
            ("WWW-Authenticate", f'Basic realm="{REALM}", charset="UTF-8"'),
        ]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request says of its client."""

    client_id: str
    client_secret: str | None
    method: str


def read_credentials(authorization: str | None, form: Parameters) -> Credentials:
    """Return the one identity and method that a request uses.

    Raises InvalidRequestError where it uses two (RFC 6749 §2.3), and
    InvalidClientError where it names no client at all.
    """
    client_id, client_secret = form.get("client_id"), form.get("client_secret")
    if authorization is None:
        if client_id is None:
            raise because(
                refuse_client("The request names no client."),
                RefusalReason.CLIENT_MISSING,
            )
        method = NONE if client_secret is None else POST
        return Credentials(client_id, client_secret, method)
    if client_secret is not None:
        raise because(
            InvalidRequestError("Authenticate the client by one method, not by two."),
            RefusalReason.CREDENTIALS_TWICE,
        )
    name, secret = _read_basic(authorization)
    if client_id is not None and client_id != name:
        raise because(
            InvalidRequestError("The request names two different clients."),
            RefusalReason.CREDENTIALS_TWICE,
        )
    return Credentials(name, secret, BASIC)


def _read_basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise refuse_client("Use HTTP Basic in the Authorization header.")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise refuse_client("The Authorization header cannot be read.") from None
    name, colon, secret = decoded.partition(":")
    if not colon or "\0" in decoded:
        raise refuse_client("The Authorization header cannot be read.")
    # RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    return unquote_plus(name, errors="replace"), unquote_plus(secret, errors="replace")


def claimed_client_id(authorization: str | None) -> str | None:
    """Return the client that a Basic header names, proved or not; null if none."""
    try:
        return _read_basic(authorization or "")[0]
    except InvalidClientError:
        return None


def authenticate(credentials: Credentials) -> ClientRecord:
    """Return the client that the credentials prove, by one SELECT.

    Raises InvalidClientError with the same words whether the client is unknown,
    disabled or deleted, or its secret wrong, expired, missing or sent in another way
    than the one that was chosen for it.
    """
    connection = kept_connection(db.engine)
    now = utcnow()
    client = load_client(connection, client_id=credentials.client_id, now=now)
    secret = credentials.client_secret
    if client is None:
        digests.verify(secret or "", _NO_DIGEST)
        raise for_reason(refuse_client(), unknown_client(credentials.client_id))
    if not client.is_confidential:
        if secret is not None:
            raise because(
                refuse_client(), RefusalReason.SECRET_UNEXPECTED, client_id=client.id
            )
        touch(connection, Client, client.id, client.last_used_at, now)
        return client
    found = client.find_secret(secret or "")
    # Judged after the secret, so that time does not tell which way was chosen.
    if found is None or not may_authenticate_by(client, credentials.method):
        is_known = found is not None
        raise for_reason(refuse_client(), _unproven(client, credentials, is_known))
    touch(connection, Client, client.id, client.last_used_at, now)
    touch(connection, ClientSecret, found.id, found.last_used_at, now)
    return client


def _unproven(
    client: ClientRecord, credentials: Credentials, is_known: bool
) -> Refusal:
    """Return why a confidential client did not prove who it is."""
    if credentials.client_secret is None:
        return refused(RefusalReason.SECRET_MISSING, client_id=client.id)
    if not is_known:
        return wrong_secret(client.id, credentials.client_secret)
    return refused(
        RefusalReason.METHOD_WRONG,
        client_id=client.id,
        came=credentials.method,
        expected=client.token_endpoint_auth_method,
    )


def may_authenticate_by(client: ClientRecord, method: str) -> bool:
    """Tell whether a client may use this method (RFC 7591 §2)."""
    if not client.is_confidential:
        return method == NONE
    return method in {BASIC, POST} and client.token_endpoint_auth_method in {
        None,
        method,
    }


def refuse_client(
    description: str = "Client authentication failed.",
) -> ClientRefusedError:
    """Return the refusal of a client that did not prove who it is."""
    return ClientRefusedError(description)
