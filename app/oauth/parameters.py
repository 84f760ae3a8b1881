"""The door of every protocol endpoint: what is read of a request, and what is refused.

The order is that of the functions below: size, character set, spelling, repetition.
Only `resource` may be repeated; its values are then read as one, with blanks between.
A parameter without a value counts as absent (RFC 6749 §3.1, §3.2).
"""

from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749.errors import InvalidRequestError

MAXIMUM_LENGTH = 32_768
MAXIMUM_FIELDS = 64
#: The one parameter that may be sent several times (RFC 8707 §2).
RESOURCE = "resource"
FORM = "application/x-www-form-urlencoded"

Parameters = dict[str, str]


def read_query(query: bytes) -> Parameters:
    """Return the parameters of a query string.

    Raises InvalidRequestError for anything that two readers could understand in two
    ways: a repeated name, bytes that are not UTF-8, a NUL.
    """
    return _read(query)


def read_form(
    body: bytes, *, content_type: str, query: bytes, charset: str = "utf-8"
) -> Parameters:
    """Return the parameters of a form body; the query must hold none.

    RFC 6749 §3.2 and appendix B: the token endpoint takes its parameters from a
    form-encoded body in UTF-8 and nowhere else.
    """
    if content_type != FORM:
        raise InvalidRequestError(f"Send the parameters as {FORM}.")
    if charset.lower().replace("_", "-") not in {"utf-8", "utf8", "us-ascii"}:
        raise InvalidRequestError("Send the parameters in UTF-8.")
    if query:
        raise InvalidRequestError("Send parameters in the body, none in the address.")
    return _read(body)


def _read(encoded: bytes) -> Parameters:
    if len(encoded) > MAXIMUM_LENGTH:
        raise InvalidRequestError("The request is too long.")
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAXIMUM_FIELDS,
        )
    except UnicodeDecodeError:
        raise InvalidRequestError(
            "Percent-encode the parameters; they must be UTF-8."
        ) from None
    except ValueError:
        raise InvalidRequestError("The request has too many parameters.") from None
    found: Parameters = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise InvalidRequestError("The request contains a NUL character.")
        if name == RESOURCE:
            found[name] = _joined(found.get(name), value)
            continue
        if name in found:
            raise InvalidRequestError("A parameter is repeated; send each one once.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def _joined(resources: str | None, another: str) -> str:
    """Return resources with a blank between them; one with a blank in it stays one."""
    return f"{resources or ''} {another.replace(' ', '%20')}".strip()
