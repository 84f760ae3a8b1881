"""Code that already runs: an app's real values in curl, Python, PHP and JavaScript.

A secret never stands in it: it is read from the environment.
"""

import json
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import render_template

from app.access.scopes import OPENID_SCOPES
from app.clients.models import AUTHORIZATION_CODE, CLIENT_CREDENTIALS, POST, Client
from app.extensions import settings

#: Beyond that nobody wants to read them in a snippet; unnamed, all are asked for.
LONGEST_SCOPE = 200


def quote_for_php(text: str) -> str:
    """Return `text` as a literal in which PHP replaces nothing."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def quote_for_scripts(text: str) -> str:
    """Return `text` as a literal that Python and JavaScript read alike."""
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language of snippets: how it writes text down, and the template's name."""

    key: str
    label: str
    ending: str
    quote: Callable[[str], str]

    @property
    def template(self) -> str:
        """The template of both grants' snippets."""
        return f"developer/snippets/{self.key}.{self.ending}.jinja"


LANGUAGES = (
    Language(key="curl", label="curl", ending="sh", quote=shlex.quote),
    Language(key="python", label="Python", ending="py", quote=quote_for_scripts),
    Language(key="php", label="PHP", ending="php", quote=quote_for_php),
    Language(
        key="javascript", label="JavaScript", ending="mjs", quote=quote_for_scripts
    ),
)
_FILES = {CLIENT_CREDENTIALS: "as-itself", AUTHORIZATION_CODE: "for-people"}


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """Code of one grant in one language, and the file that it goes into."""

    grant_type: str
    language: Language
    file: str
    code: str


def snippets_for(
    client: Client, grant_type: str, *, may_ask_for: Collection[str]
) -> Sequence[Snippet]:
    """Return what `client` runs to get tokens by `grant_type`, in each language.

    `may_ask_for` are the permissions that it may ask people for now.
    """
    scope = _scope_to_name(client, may_ask_for)
    return [_snippet(client, grant_type, language, scope) for language in LANGUAGES]


def _snippet(
    client: Client, grant_type: str, language: Language, scope: str
) -> Snippet:
    file = f"{_FILES[grant_type]}.{language.ending}"
    redirect_uri = next(iter(client.redirect_uris), "")
    code = render_template(
        language.template,
        quote=language.quote,
        file=file,
        issuer=settings.issuer,
        client_id=str(client.id),
        for_people=grant_type == AUTHORIZATION_CODE,
        is_public=not client.is_confidential,
        sends_form=client.token_endpoint_auth_method == POST,
        redirect_uri=redirect_uri,
        scope=scope,
        query=_fixed_query(client, redirect_uri, scope),
    )
    return Snippet(grant_type=grant_type, language=language, file=file, code=code)


def _scope_to_name(client: Client, may_ask_for: Collection[str]) -> str:
    if client.scopes is None:
        return ""
    known = OPENID_SCOPES.union(may_ask_for)
    scope = " ".join(name for name in client.scopes if name in known)
    return scope if len(scope) <= LONGEST_SCOPE else ""


def _fixed_query(client: Client, redirect_uri: str, scope: str) -> str:
    """Return what is the same in each authorization request, ready for an address."""
    query = {
        "response_type": "code",
        "client_id": str(client.id),
        "redirect_uri": redirect_uri,
        "code_challenge_method": "S256",
    }
    return urlencode(query | ({"scope": scope} if scope else {}))
