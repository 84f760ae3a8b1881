"""What may be kept of a request, whatever stands in it."""

import secrets

import pytest

from app import digests
from app.tokens.pkce import challenge_for
from app.traffic.redaction import (
    LEFT_OUT,
    MAXIMUM_URI,
    kept_client_id,
    kept_name,
    kept_names,
    kept_uri,
    printable,
    without_secrets,
)

CALLBACK = "https://app.example.com/callback"
ID = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        (CALLBACK, CALLBACK),
        (f"{CALLBACK}/", f"{CALLBACK}/"),
        (f"{CALLBACK}?tenant=acme&page=2", f"{CALLBACK}?tenant=…&page=…"),
        (f"{CALLBACK}?hunter2pw&empty=", f"{CALLBACK}?…&empty="),
        (f"{CALLBACK}&code=483920&state=x", f"{CALLBACK}&code=…&state=…"),
        (f"{CALLBACK};token=4/0Af&a", f"{CALLBACK};token=…&a"),
        ("https://app.example.com/code=1/x?b=2", "https://app.example.com/code=…?b=…"),
        (f"{CALLBACK}#access_token=abc", f"{CALLBACK}#…"),
        (f"{CALLBACK}#", f"{CALLBACK}#"),
        ("https://ada:hunter2@app.example.com/x", "https://…@app.example.com/x"),
        ("https://a@b@evil.example/", "https://…@evil.example/"),
        ("https:/ada:hunter2@app.example.com/x", "…@app.example.com/x"),
        ("https:///ada:hunter2@app.example.com/x", "…@app.example.com/x"),
        ("ada:hunter2@app.example.com/x?a=1", "…@app.example.com/x?a=…"),
        ("https://app.example.com/@ada/x", None),
        ("com.example.app:/signed-in?code=1", "com.example.app:/signed-in?code=…"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        (f"https://app.example.com/{ID}/cb", f"https://app.example.com/{ID}/cb"),
        ("https://a.example/oauth2-callback-for-invoices", None),
        ("https://a.example/\x00\u202e", "https://a.example/��"),
        ("javascript:alert(1)", None),
        ("", ""),
    ],
)
def test_an_address_keeps_its_host_its_path_and_names(
    came: str, kept: str | None
) -> None:
    assert kept_uri(came) == (came if kept is None else kept)


def test_values_that_are_registered_may_stay() -> None:
    known = [f"{CALLBACK}?provider=gatepass"]
    assert kept_uri(known[0], known=known) == known[0]
    came = f"{CALLBACK}/?provider=gatepass&ticket=9"
    assert kept_uri(came, known=known) == f"{CALLBACK}/?provider=gatepass&ticket=…"
    known = [f"{CALLBACK};v=1?flag"]
    came = f"{CALLBACK};v=1;w=2?flag&483920"
    assert kept_uri(came, known=known) == f"{CALLBACK};v=1;w=…?flag&…"


def test_an_address_is_cut() -> None:
    long = "https://app.example.com/" + "ab/" * 3000
    assert len(kept_uri(long)) == MAXIMUM_URI


@pytest.mark.parametrize("missing", range(40))
def test_no_beginning_of_a_secret_is_left_where_an_address_is_cut(missing: int) -> None:
    secret = digests.generate(digests.CLIENT_SECRET)
    start = "https://app.example.com/"
    padding = "a/" * ((MAXIMUM_URI - len(start) - missing) // 2)
    kept = kept_uri(start + padding + secret)
    assert secret[:4] not in kept
    assert len(kept) <= MAXIMUM_URI
    assert secret[:4] not in kept_name("a/" * ((64 - missing) // 2) + secret)


def test_names_that_no_scope_has_are_left_out() -> None:
    assert kept_names({"483920", "Ab3x.9kQz.pL0m.Vt7y.Wq2e"}) == [LEFT_OUT]
    names = ["Directory.AccessAsUser.All", "invoices.read.v2", "orders:write"]
    assert kept_names(names) == names


def secrets_of_all_kinds() -> list[str]:
    return [
        *(digests.generate(f"gp{letter}") for letter in "scrub"),
        secrets.token_urlsafe(48),
        secrets.token_urlsafe(32),
        secrets.token_hex(16),
        secrets.token_hex(32),
        challenge_for(secrets.token_urlsafe(48)),
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EifQ.c2lnbmF0dXJl",
    ]


@pytest.mark.parametrize("_round", range(40))
def test_nothing_that_is_drawn_at_random_stays(_round: int) -> None:
    for secret in secrets_of_all_kinds():
        spelled = (
            secret,
            f"https://{secret}.example.com/",
            f"https://a.example/{secret}",
            f"https://a.example/x?{secret}",
            f"https://a.example/x?code={secret}",
            f"https://{secret}@a.example/",
            f"{secret}://x",
            "https://a.example/%" + "%".join(f"{ord(c):02x}" for c in secret),
        )
        for came in spelled:
            kept = kept_uri(came) + kept_name(came) + without_secrets(came)
            for start in range(0, len(secret) - 12, 3):
                assert secret[start : start + 12] not in kept, (came, kept)
        assert kept_client_id(secret) is None


def test_a_secret_without_digits_goes_and_words_in_capitals_stay() -> None:
    secret = "KuOboaIJGARRTwXHjdnbTpw_VCIjGZOkAV_LkhEfGxI"
    assert kept_uri(f"https://a.example/{secret}") == f"https://a.example/{LEFT_OUT}"
    words = "https://a.example/signInWithOurServer/CallbackOfInvoiceSync"
    assert kept_uri(words) == words


def test_only_what_looks_like_a_client_id_is_kept() -> None:
    assert kept_client_id(ID) == ID
    assert kept_client_id(ID.upper()) == ID.upper()
    assert kept_client_id(f"{{{ID}}}") == f"{{{ID}}}"
    for other in ("", "Invoice Sync", "hunter2", ID.replace("-", ""), f"{ID}x"):
        assert kept_client_id(other) is None


def test_names_are_few_short_and_in_order() -> None:
    assert kept_names({"view_users", "edit"}) == ["edit", "view_users"]
    many = kept_names({f"name{number}" for number in range(100)})
    assert len(many) == 8
    assert len(kept_name("a b " * 100)) == 64
    assert printable("a\nb\u200bc", 10) == "a�b�c"
    assert printable("abc", 2) == f"a{LEFT_OUT}"
