"""Requests to this very server, made inside the process that asks.

They go through the whole application as those of an app would, but over no network: a
closed one has no way back to its own address, and a server with one worker would wait
for itself. Whoever asks has no transaction open, or SQLite would wait for it in vain.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.extensions import settings


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server answered."""

    status: str
    headers: Mapping[str, str]
    body: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether the request succeeded."""
        return self.status.startswith("2")


#: Sends a request: method, path, headers, and a form if there is one.
Send = Callable[[str, str, Mapping[str, str], Mapping[str, str] | None], Answer]


def send(
    method: str, path: str, headers: Mapping[str, str], form: Mapping[str, str] | None
) -> Answer:
    """Send a request to our own public address, from where this request came."""
    environ = EnvironBuilder(
        path,
        base_url=settings.issuer,
        method=method,
        headers=Headers(list(headers.items())),
        data=dict(form) if form is not None else None,
        environ_base={"REMOTE_ADDR": request.remote_addr or ""},
    ).get_environ()
    # A request reuses the context of its application if there is one, and with it `g`,
    # the database session and who is signed in: this one gets its own.
    with current_app.app_context():
        chunks, status, answered = run_wsgi_app(
            current_app.wsgi_app, environ, buffered=True
        )
    body = b"".join(chunks).decode("utf-8", "replace")
    return Answer(
        status=status, headers=dict(answered), body=body, values=_values(body)
    )


def _values(body: str) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
