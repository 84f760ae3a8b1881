"""Every spelling in which platforms and people put keys into variables."""

import base64
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.keys.reading import UnreadableKeyError, read_private_key, read_public_keys
from tests.support.keys import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY, make_key_pair

PRIVATE_PEM = base64.b64decode(TEST_PRIVATE_KEY).decode()
PUBLIC_PEM = base64.b64decode(TEST_PUBLIC_KEY).decode()
KEY = read_private_key(TEST_PRIVATE_KEY)

SPELLINGS = {
    "as it is": lambda pem: pem,
    "without the last line end": lambda pem: pem.strip(),
    "CRLF": lambda pem: pem.replace("\n", "\r\n"),
    "CR": lambda pem: pem.replace("\n", "\r"),
    "escaped line ends": lambda pem: pem.replace("\n", "\\n"),
    "escaped CRLF": lambda pem: pem.replace("\n", "\\r\\n"),
    "double quotes": lambda pem: f'"{pem}"',
    "single quotes and escapes": lambda pem: "'" + pem.replace("\n", "\\n") + "'",
    "blanks for line ends": lambda pem: pem.replace("\n", " "),
    "indented": lambda pem: pem.replace("\n", "\n    "),
    "a byte order mark": lambda pem: "\ufeff" + pem,
    "base64": lambda pem: base64.b64encode(pem.encode()).decode(),
    "base64 with a line end": lambda pem: (
        base64.b64encode(pem.encode()).decode() + "\n"
    ),
    "base64 in quotes": lambda pem: f'"{base64.b64encode(pem.encode()).decode()}"',
    "base64 of CRLF": lambda pem: base64.b64encode(
        pem.replace("\n", "\r\n").encode()
    ).decode(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_reads_as_the_same_key(spell) -> None:
    private = read_private_key(spell(PRIVATE_PEM))
    assert private.private_numbers() == KEY.private_numbers()
    assert read_public_keys(spell(PUBLIC_PEM)) == [KEY.public_key()]


def test_the_older_pem_forms_read_too() -> None:
    private = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
    )
    assert private.startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert read_private_key(private).private_numbers() == KEY.private_numbers()
    assert read_public_keys(public.decode()) == [KEY.public_key()]


@pytest.mark.parametrize("separator", [",", " ", "\n", ", ", ";", "\r\n"])
def test_several_public_keys_read_in_their_order(separator: str) -> None:
    _, other = make_key_pair(2056)
    keys = read_public_keys(separator.join([other, TEST_PUBLIC_KEY]))
    assert [key.key_size for key in keys] == [2056, 2048]


def test_public_keys_read_from_joined_pems() -> None:
    other = base64.b64decode(make_key_pair(2056)[1]).decode()
    keys = read_public_keys(PUBLIC_PEM + other)
    assert [key.key_size for key in keys] == [2048, 2056]


@pytest.mark.parametrize("text", ["", "  ", '""', "\n"])
def test_nothing_is_no_public_key_and_no_private_one(text: str) -> None:
    assert read_public_keys(text) == []
    with pytest.raises(UnreadableKeyError, match="empty"):
        read_private_key(text)


def _private_pem(key, password: bytes | None = None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ).decode()


def test_keys_that_cannot_sign_are_told_apart() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    short = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    curve_public = curve.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for text, reason in {
        _private_pem(curve): "not an RSA key",
        _private_pem(short): "1024 bits",
        _private_pem(KEY, b"password"): "password",
        PUBLIC_PEM: "not a private key",
        PRIVATE_PEM + PRIVATE_PEM: "more than one",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----": "not a private",
    }.items():
        with pytest.raises(UnreadableKeyError, match=reason):
            read_private_key(text)
    for text, reason in {
        curve_public.decode(): "not an RSA key",
        PRIVATE_PEM: "private key; it must not stand here",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----": "not a public",
    }.items():
        with pytest.raises(UnreadableKeyError, match=reason):
            read_public_keys(text)


@pytest.mark.parametrize("cut", [1, 27, 28, 100, 800, -1])
def test_a_cut_key_is_refused_and_never_repeated(cut: int) -> None:
    with pytest.raises(UnreadableKeyError) as refusal:
        read_private_key(TEST_PRIVATE_KEY[:cut])
    assert TEST_PRIVATE_KEY[:20] not in str(refusal.value)
    assert refusal.value.__cause__ is None


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_private_key, read_public_keys):
        with suppress(UnreadableKeyError):
            read(text)


@given(st.binary(min_size=1))
def test_base64_of_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableKeyError):
        read_private_key(base64.b64encode(content).decode())


@settings(max_examples=60)
@given(st.data())
def test_a_changed_key_is_refused_or_another_and_never_repeated(
    data: st.DataObject,
) -> None:
    place = data.draw(st.integers(0, len(PRIVATE_PEM) - 1))
    put = data.draw(st.text(max_size=3))
    text = PRIVATE_PEM[:place] + put + PRIVATE_PEM[place + 1 :]
    with suppress(UnreadableKeyError):
        # Blanks and line ends mean nothing; whatever else is read still fits together.
        assert read_private_key(text).key_size >= 2048
        return
    # What is told names no part of the key.
    with pytest.raises(UnreadableKeyError) as refusal:
        read_private_key(text)
    assert PRIVATE_PEM[40:60] not in str(refusal.value)
    assert refusal.value.__cause__ is None
