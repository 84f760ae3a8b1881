"""Spellings of one address share a key; what is no address is refused."""

import pytest

from app.accounts.emails import checked_email, email_key
from app.errors import DomainError
from app.text import is_storable


@pytest.mark.parametrize(
    "spelling",
    [
        "ada@example.com",
        "  Ada@Example.COM\t",
        "ＡＤＡ@example.com",
        "ada＠example.com",
        "ada@example.com\u00a0",
        "ada@example。com".replace("。", "．"),
    ],
)
def test_spellings_share_a_key(spelling: str) -> None:
    assert email_key(spelling) == "ada@example.com"


def test_casefolding_goes_beyond_lower_case() -> None:
    assert email_key("STRASSE@example.com") == email_key("straße@example.com")
    assert email_key("e\u0301@example.com") == email_key("\u00c9@example.com")


@pytest.mark.parametrize("text", ["a", "ﬀ", "Å@x", "\u00a8", "İ"])
def test_a_key_is_its_own_key(text: str) -> None:
    assert email_key(email_key(text)) == email_key(text)


def test_a_checked_address_keeps_its_spelling() -> None:
    assert checked_email(" Ada@Example.com ") == "Ada@Example.com"


@pytest.mark.parametrize(
    "email", ["root@server.local", "ada@example.test", "ada@localhost", "ü@bücher.de"]
)
def test_names_of_closed_networks_are_fine(email: str) -> None:
    assert checked_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "a da@example.com",
        "ada@example.com\x00",
        "ada\ud800@example.com",
        "Ada <ada@example.com>",
        "ada@example.com.",
        "ada@-example.com",
        "a" * 250 + "@example.com",
        "ﷺ" * 20 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(DomainError) as refusal:
        checked_email(email)
    assert refusal.value.field == "email"


def test_databases_take_neither_nul_nor_half_pairs() -> None:
    assert is_storable("é😀")
    assert not is_storable("a\x00")
    assert not is_storable("\udfff")
