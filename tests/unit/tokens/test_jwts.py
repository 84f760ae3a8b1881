"""Reading access tokens: what is ours is read, whatever else is refused."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as some
from joserfc import jwe, jws, jwt
from joserfc.jwk import OctKey, RSAKey

from app.keys.ring import KeyRing, KeySources, ring_of
from app.tokens.errors import InvalidTokenError
from app.tokens.jwts import MAXIMUM_LENGTH, read_access_token, sign_access_token
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY, make_key_pair

ISSUER = "https://auth.example.com"
_ALPHABET = "AaZz09-_.=+/ "
JTI = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    return ring_of(KeySources(private=TEST_PRIVATE_KEY, public=TEST_PUBLIC_KEY))


def _ours(ring: KeyRing) -> str:
    now = datetime.now(UTC)
    return sign_access_token(
        ring,
        token_id=JTI,
        issuer=ISSUER,
        subject=uuid.uuid4(),
        client_id=uuid.uuid4(),
        audience=[ISSUER],
        scope="view_users",
        issued_at=now,
        expires_at=now + timedelta(hours=1),
    )


def _segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signed(
    ring: KeyRing, header: dict[str, Any], claims: object = None, *, by: Any = None
) -> str:
    """Sign anything with a key, ours if none is named, as a hole elsewhere might."""
    claims = {"iss": ISSUER, "jti": str(JTI)} if claims is None else claims
    whole = {"alg": "RS256", "kid": ring.kid, "typ": "at+jwt"} | header
    whole = {name: value for name, value in whole.items() if value is not None}
    signed = f"{_segment(whole)}.{_segment(claims)}"
    key = by or next(iter(ring.private.keys))
    algorithm = jws.JWSRegistry.algorithms[str(whole["alg"])]
    return f"{signed}.{_segment(algorithm.sign(signed.encode(), key))}"


def _is_refused(ring: KeyRing, token: str) -> bool:
    try:
        read_access_token(ring, token, issuer=ISSUER)
    except InvalidTokenError as error:
        # The reason holds nothing of the token.
        return token[:20] not in error.message or len(token) < 20
    return False


def test_our_own_token_is_read(ring: KeyRing) -> None:
    assert read_access_token(ring, _ours(ring), issuer=ISSUER)[:2] == (JTI, ring.kid)


@pytest.mark.rfc("RFC 9068 §2.1", "a token names its type, its algorithm and its key")
def test_the_header(ring: KeyRing) -> None:
    header = json.loads(base64.urlsafe_b64decode(_ours(ring).split(".")[0] + "=="))
    assert header == {"typ": "at+jwt", "alg": "RS256", "kid": ring.kid}


def test_several_audiences_are_a_list(ring: KeyRing) -> None:
    now = datetime.now(UTC)
    token = sign_access_token(
        ring,
        token_id=JTI,
        issuer=ISSUER,
        subject=JTI,
        client_id=JTI,
        audience=["a", "b"],
        scope="",
        issued_at=now,
        expires_at=now,
    )
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["aud"] == ["a", "b"]


@pytest.mark.rfc("RFC 9068 §4", "a token without a signature is refused")
@pytest.mark.rfc("RFC 8725 §3.1", "the algorithm is chosen by the verifier")
@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", "RS1", "ES256"])
def test_unsigned_tokens_are_refused(ring: KeyRing, name: str) -> None:
    _, payload, signature = _ours(ring).split(".")
    header = _segment({"alg": name, "typ": "at+jwt", "kid": ring.kid})
    for end in ("", signature):
        assert _is_refused(ring, f"{header}.{payload}.{end}")


@pytest.mark.rfc("RFC 8725 §2.1", "a public key is never taken for an HMAC secret")
def test_hmac_with_the_public_key_is_refused(ring: KeyRing) -> None:
    payload = _ours(ring).split(".")[1]
    key = next(iter(ring.public.keys))
    assert isinstance(key, RSAKey)
    pem = key.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for secret in (pem, pem.strip(), base64.b64decode(TEST_PUBLIC_KEY)):
        for name in ("HS256", "hs256"):
            header = _segment({"alg": name, "typ": "at+jwt", "kid": ring.kid})
            signed = f"{header}.{payload}".encode()
            digest = hmac.new(secret, signed, hashlib.sha256).digest()
            assert _is_refused(ring, f"{header}.{payload}.{_segment(digest)}")


def test_other_algorithms_of_our_own_key_are_refused(ring: KeyRing) -> None:
    for name in ("PS256", "RS512"):
        assert _is_refused(ring, _signed(ring, {"alg": name}))


@pytest.mark.rfc("RFC 8725 §3.10", "keys in a token's own header are not trusted")
def test_keys_that_a_token_brings_along_are_not_used(ring: KeyRing) -> None:
    private, public = make_key_pair(2056)
    theirs = ring_of(KeySources(private=private, public=public))
    key = next(iter(theirs.private.keys))
    for header in (
        {"jwk": theirs.jwks["keys"][0]}, {"jku": "http://127.0.0.1:1/jwks"},
        {"x5u": "http://127.0.0.1:1/"}, {"x5c": ["AAAA"]}, {"kid": theirs.kid},
        {"kid": None}, {"kid": "../../dev/null"}, {"kid": "' OR 1=1"}, {"kid": 7},
        {"kid": ["x"]}, {},
    ):  # fmt: skip
        assert _is_refused(ring, _signed(ring, header, by=key)), header


def test_our_own_key_under_no_or_another_name_is_refused(ring: KeyRing) -> None:
    assert _is_refused(ring, _signed(ring, {"kid": None}))


@pytest.mark.rfc("RFC 7515 §4.1.11", "an unknown critical header is refused")
def test_unknown_critical_headers_are_refused(ring: KeyRing) -> None:
    for header in ({"crit": ["x"], "x": 1}, {"crit": ["b64"], "b64": False}):
        assert _is_refused(ring, _signed(ring, header)), header


@pytest.mark.rfc("RFC 9068 §4", "only the type of access tokens is taken")
@pytest.mark.parametrize("name", [None, "", "JWT", "jwt", "logout+jwt", "at+jwt ", 7])
def test_other_types_are_refused(ring: KeyRing, name: object) -> None:
    assert _is_refused(ring, _signed(ring, {"typ": name}))


@pytest.mark.parametrize("name", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_spellings_of_the_type(ring: KeyRing, name: str) -> None:
    token = _signed(ring, {"typ": name})
    assert read_access_token(ring, token, issuer=ISSUER)[:2] == (JTI, ring.kid)


@pytest.mark.rfc("RFC 9068 §4", "the issuer is the expected one, exactly")
@pytest.mark.parametrize(
    "claims",
    [
        {"jti": str(JTI)},
        {"iss": ISSUER + "/", "jti": str(JTI)},
        {"iss": [ISSUER], "jti": str(JTI)},
        {"iss": ISSUER},
        {"iss": ISSUER, "jti": "x"},
        {"iss": ISSUER, "jti": None},
        {"iss": ISSUER, "jti": ["x"]},
        {"iss": ISSUER, "jti": "é'\"\0"},
        [],
        "x",
        None,
        b"",
        b"{",
        b"\xff",
    ],
)
def test_claims_that_are_not_ours(ring: KeyRing, claims: object) -> None:
    raw = b"null" if claims is None else claims
    assert _is_refused(ring, _signed(ring, {}, raw))


@pytest.mark.rfc("RFC 9068 §4", "an encryption that was not agreed is refused")
def test_an_encrypted_token_is_refused(ring: KeyRing) -> None:
    key = OctKey.generate_key(256)
    token = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM", "typ": "at+jwt"}, b"{}", key
    )
    assert _is_refused(ring, token)
    plain = jwt.encode(
        {"alg": "HS256"}, {"iss": ISSUER, "jti": str(JTI)}, OctKey.generate_key(256)
    )
    assert _is_refused(ring, plain)


@pytest.mark.rfc("RFC 9068 §4", "the signature is verified")
def test_a_changed_token_is_refused(ring: KeyRing) -> None:
    header, payload, signature = _ours(ring).split(".")
    changed = _segment({"iss": ISSUER, "jti": str(uuid.uuid4())})
    for token in (
        f"{header}.{changed}.{signature}", f"{header}.{payload}.",
        f"{header}.{payload}", f"{header}.{payload}.{signature}.",
        f".{payload}.{signature}", "", ".", "..",
        f"{header}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{header}.{payload}.{signature}x.y",
    ):  # fmt: skip
        assert _is_refused(ring, token), token


def test_long_and_deep_tokens_are_refused_unread(ring: KeyRing) -> None:
    deep = _segment(b"[" * 5000)
    for token in ("x" * (MAXIMUM_LENGTH + 1), f"{deep}.{deep[:100]}.x", "é.é.é"):
        assert _is_refused(ring, token)


@given(some.text(max_size=200) | some.from_regex(r"[\w.\-]{0,60}\.[\w\-]*\.[\w\-]*"))
def test_no_text_makes_reading_fail(token: str) -> None:
    ring = ring_of(KeySources(private=TEST_PRIVATE_KEY, public=TEST_PUBLIC_KEY))
    assert _is_refused(ring, token)


@given(some.binary(max_size=60), some.binary(max_size=60))
def test_no_bytes_in_segments_make_reading_fail(header: bytes, payload: bytes) -> None:
    ring = ring_of(KeySources(private=TEST_PRIVATE_KEY, public=TEST_PUBLIC_KEY))
    assert _is_refused(ring, f"{_segment(header)}.{_segment(payload)}.AAAA")


@settings(max_examples=100)
@given(some.data())
def test_no_change_to_a_token_of_ours_is_accepted(data: some.DataObject) -> None:
    ring = ring_of(KeySources(private=TEST_PRIVATE_KEY, public=TEST_PUBLIC_KEY))
    token = _ours(ring)
    # The last character of a signature has bits that stand for nothing.
    places = some.integers(0, len(token) - 2)
    start, end = sorted((data.draw(places), data.draw(places)))
    put = data.draw(some.text(some.sampled_from(_ALPHABET), max_size=3))
    changed = data.draw(
        some.sampled_from(
            [
                token[:start] + put + token[start + 1 :],
                token[:start] + put + token[end:],
                token[:start] + put + token[start:],
                token[:end],
            ]
        )
    )
    assert changed == token or _is_refused(ring, changed)


_VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
_HEADERS = some.dictionaries(
    some.sampled_from(["alg", "kid", "typ", "crit", "jwk", "jku", "x5u", "x5c", "b64"])
    | some.text(max_size=5),
    _VALUES | some.sampled_from(["none", "RS256", "HS256", "at+jwt", ["b64"]]),
    max_size=5,
)


@settings(max_examples=100)
@given(_HEADERS, _VALUES, some.binary(max_size=8))
def test_no_header_and_no_claims_make_reading_fail(
    header: dict[str, object], claims: object, signature: bytes
) -> None:
    ring = ring_of(KeySources(private=TEST_PRIVATE_KEY, public=TEST_PUBLIC_KEY))
    named = {"alg": "RS256", "kid": ring.kid, "typ": "at+jwt"} | header
    for whole in (header, named):
        token = f"{_segment(whole)}.{_segment(claims)}.{_segment(signature)}"
        assert _is_refused(ring, token)
