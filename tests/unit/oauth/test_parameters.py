"""The door: what is read of a request, and what is refused."""

from urllib.parse import urlencode

import pytest
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from hypothesis import given
from hypothesis import strategies as some

from app.oauth.parameters import FORM, MAXIMUM_LENGTH, read_form, read_query

texts = some.text(
    some.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
)


def _read(body: bytes, **changes: object) -> dict[str, str]:
    values = {"content_type": FORM, "query": b""} | changes
    return read_form(body, **values)  # type: ignore[arg-type]


@given(some.dictionaries(texts, texts, max_size=8))
def test_what_was_written_is_read(pairs: dict[str, str]) -> None:
    encoded = urlencode(pairs).encode()
    assert read_query(encoded) == pairs
    assert _read(encoded) == pairs


@given(some.binary(max_size=300))
def test_no_bytes_make_it_fail(body: bytes) -> None:
    try:
        found = read_query(body)
    except InvalidRequestError:
        return
    assert all(found.values())
    assert not any("\0" in name + value for name, value in found.items())


@pytest.mark.rfc("RFC 6749 §3.1", "parameters are not sent more than once")
@pytest.mark.parametrize("body", [b"a=1&a=1", b"a=&a=1", b"a&a", b"%61=1&a=2"])
def test_repetition_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError, match="repeated"):
        read_query(body)


@pytest.mark.rfc("RFC 6749 §3.1", "a parameter without a value counts as absent")
def test_blank_values_are_absent() -> None:
    assert read_query(b"a=&b&c=1") == {"c": "1"}


@pytest.mark.parametrize(
    "body", [b"a=%00", b"%00", b"a=%C3", b"a=\xff", b"a=%ED%A0%80"]
)
def test_nul_and_broken_utf_8_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        read_query(body)


def test_too_long_and_too_many() -> None:
    assert read_query(b"a=" + b"x" * (MAXIMUM_LENGTH - 2))
    with pytest.raises(InvalidRequestError, match="too long"):
        read_query(b"a=" + b"x" * MAXIMUM_LENGTH)
    assert len(read_query(b"&".join(b"p%d=1" % n for n in range(64)))) == 64
    with pytest.raises(InvalidRequestError, match="too many"):
        read_query(b"&".join(b"p%d=1" % n for n in range(65)))


@pytest.mark.parametrize(
    "changes",
    [
        {"content_type": "application/json"},
        {"content_type": ""},
        {"charset": "utf-16"},
        {"charset": "latin-1"},
        {"query": b"a=1"},
    ],
)
def test_a_form_is_a_form_in_utf_8_and_nothing_besides(
    changes: dict[str, object],
) -> None:
    with pytest.raises(InvalidRequestError):
        _read(b"a=1", **changes)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "UTF_8", "us-ascii"])
def test_names_of_utf_8(charset: str) -> None:
    assert _read(b"a=1", charset=charset) == {"a": "1"}


@pytest.mark.rfc("RFC 8707 §2", "a resource may be named several times")
def test_resources_are_read_as_one() -> None:
    assert read_query(b"resource=a&resource=b") == {"resource": "a b"}
    assert read_query(b"resource=&resource=b&resource=") == {"resource": "b"}
    assert read_query(b"resource=a%20b") == {"resource": "a%20b"}
    assert read_query(b"resource=&resource") == {}
