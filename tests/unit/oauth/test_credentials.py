"""Reading a client's credentials: one identity, one method."""

import base64
from urllib.parse import quote_plus

import pytest
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from hypothesis import given, settings
from hypothesis import strategies as some

from app.oauth.client_authentication import read_credentials

#: Whatever UTF-8 can spell.
TEXT = some.text(some.characters(codec="utf-8"), max_size=30)


def _basic(decoded: bytes) -> str:
    return "Basic " + base64.b64encode(decoded).decode()


def test_the_three_methods() -> None:
    basic = read_credentials(_basic(b"a:b"), {})
    assert (basic.client_id, basic.client_secret) == ("a", "b")
    assert basic.method == "client_secret_basic"
    post = read_credentials(None, {"client_id": "a", "client_secret": "b"})
    assert post.method == "client_secret_post"
    none = read_credentials(None, {"client_id": "a"})
    assert (none.method, none.client_secret) == ("none", None)


@pytest.mark.rfc("RFC 6749 §2.3.1", "both parts of Basic are form-encoded")
def test_both_parts_are_form_encoded() -> None:
    read = read_credentials(_basic(b"a%3Ab+c:d%C3%A9%25:e"), {})
    assert (read.client_id, read.client_secret) == ("a:b c", "dé%:e")


@pytest.mark.rfc("RFC 6749 §2.3", "at most one method of authentication is used")
def test_two_methods_or_identities() -> None:
    for form in ({"client_secret": "b"}, {"client_id": "x"}):
        with pytest.raises(InvalidRequestError):
            read_credentials(_basic(b"a:b"), form)
    assert read_credentials(_basic(b"a:b"), {"client_id": "a"}).client_id == "a"


def test_a_secret_without_a_client_is_nobody() -> None:
    with pytest.raises(InvalidClientError):
        read_credentials(None, {"client_secret": "b"})


@given(some.text(max_size=100) | some.binary(max_size=60).map(_basic))
def test_no_header_makes_it_fail(header: str) -> None:
    try:
        read = read_credentials(header, {})
    except InvalidClientError:
        return
    assert "\0" not in read.client_id
    assert read.method == "client_secret_basic"


@settings(max_examples=100)
@given(TEXT, TEXT)
def test_whatever_was_encoded_is_what_is_read(name: str, secret: str) -> None:
    pair = f"{quote_plus(name)}:{quote_plus(secret)}".encode()
    read = read_credentials(_basic(pair), {})
    assert (read.client_id, read.client_secret) == (name, secret)
