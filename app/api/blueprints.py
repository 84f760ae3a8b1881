"""flask-smorest's blueprint with types, our headers, our problems and a strict door."""

import json
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar, cast

import flask
from flask_smorest.blueprint import Blueprint
from marshmallow import Schema, missing
from webargs.flaskparser import FlaskParser, is_json_request

from app.api.description import ETAG, IF_MATCH, SCHEME, errors_of
from app.api.problems import ProblemError, answer_with_problems
from app.extensions import csrf

View = TypeVar("View", bound=Callable[..., Any])
#: Where flask-smorest's decorators keep what they say of a view.
_DESCRIPTION = "_apidoc"


class StrictParser(FlaskParser):
    """Reads JSON bodies; whatever is not a JSON body is refused before its fields."""

    def _raw_load_json(self, req: flask.Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not is_json_request(req):
            raise ProblemError(415, "Send the body as application/json.")
        try:
            value = json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            # Also numbers of thousands of digits, and lists in lists without end.
            raise ProblemError(400, "The body is not valid JSON in UTF-8.") from None
        if not isinstance(value, dict):
            raise ProblemError(400, "Send a JSON object as the body.")
        return value


def _refuse_constant(name: str) -> NoReturn:
    """RFC 8259 §6: NaN and Infinity are no JSON, although Python reads them."""
    raise ValueError(name)


class ApiBlueprint(Blueprint):
    """A group of operations below `/api/v1`."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, *, description: str) -> None:
        super().__init__(name, __name__, url_prefix="/api/v1", description=description)
        # RFC 6750: nothing here goes by a cookie, so there is nothing to forge.
        csrf.exempt(self)
        answer_with_problems(self)
        self.after_request(_private)

    def operation(
        self, method: str, rule: str, *, is_versioned: bool = False
    ) -> Callable[[View], View]:
        """Serve `rule`, and describe it in the OpenAPI document.

        A versioned one changes only the version that If-Match names.
        The guard comes below this decorator and above all others, so that nothing of
        a request is read before it is known who sends it.
        """

        def decorate(view: View) -> View:
            described = self.doc(
                operationId=view.__name__,
                security=[{SCHEME: list(view.guard)}],  # type: ignore[attr-defined]
                responses=errors_of(method, rule, is_versioned=is_versioned),
                **({"parameters": [IF_MATCH]} if is_versioned else {}),
            )
            return cast(
                "View", self.route(rule, methods=[method])(_described(described, view))
            )

        return decorate

    def takes(
        self, schema: type[Schema], *, location: str = "json"
    ) -> Callable[[View], View]:
        """Give the view what the request carries at `location`, judged by `schema`."""
        return cast("Callable[[View], View]", self.arguments(schema, location=location))

    def gives(
        self,
        status: int,
        schema: type[Schema] | None = None,
        *,
        description: str,
        has_etag: bool = False,
    ) -> Callable[[View], View]:
        """Answer with `status`, and what the view returns as `schema` shows it."""
        headers = {"ETag": ETAG} if has_etag else None
        return cast(
            "Callable[[View], View]",
            self.response(status, schema, description=description, headers=headers),
        )

    def describes(
        self, status: int, schema: type[Schema], *, description: str
    ) -> Callable[[View], View]:
        """Describe the answer of a view that makes it itself, without a detour."""
        response = self.response(status, schema, description=description)
        return lambda view: _described(response, view)


def _described(decorator: Callable[[View], View], view: View) -> View:
    """Give `view` what `decorator` says of it, but not its wrapper, which costs."""
    described = decorator(view)
    setattr(view, _DESCRIPTION, getattr(described, _DESCRIPTION))
    return view


def _private(response: flask.Response) -> flask.Response:
    """RFC 9111 §5.2.2.5: an answer is for this caller, now."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization"
    return response
