"""Where the authorization endpoint sends browsers, and where it does not."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.support.browsing import Browser
from tests.support.parties import CALLBACK, Parties
from tests.support.relying_party import RelyingParty

ISSUER = "http://127.0.0.1:8000"


def _is_a_page(response: TestResponse) -> bool:
    return response.status_code == 400 and "Location" not in response.headers


@pytest.mark.rfc("RFC 8252 §7.1", "private-use schemes are taken as redirect URIs")
@pytest.mark.rfc("RFC 6749 §3.1.2", "the redirect URI's own query is retained")
@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example/cb?x=it's",
        "https://a.example/cb?a=%20b&c",
        "https://a.example/cb?a=%7E;d&&e=%c3%a9&f=%ff",
        "https://a.example?list[]=$1",
        "https://A.example:443/cb;v=1",
        "com.example.app:///cb",
        "com.example.app:/cb?x",
        f"com.example.app://{'h' * 100}:99999/cb",
    ],
)
def test_a_redirect_uri_goes_out_letter_by_letter(parties: Parties, uri: str) -> None:
    is_public = uri.startswith("com.")
    make = parties.public if is_public else parties.confidential
    party = make(redirect_uris=[uri])
    separator = "&" if "?" in uri else "?"
    page = party.ask(scope="no_such_scope", state="s")
    assert page.headers["Location"].startswith(f"{uri}{separator}error=invalid_scope&")
    party.ask()
    page = party.browser.submit(
        {"decision": "allow"}, action="/oauth/consent", follow=False
    )
    assert page.status_code == 303
    assert page.headers["Location"].startswith(f"{uri}{separator}code=gpc_")


def test_a_trailing_question_mark_is_kept_once(parties: Parties) -> None:
    party = parties.confidential(redirect_uris=["https://a.example/cb?"])
    location = party.ask(scope="nope").headers["Location"]
    assert location.startswith("https://a.example/cb?error=")


@pytest.mark.rfc("RFC 9700 §4.11.2", "a request that is not trusted is not redirected")
@pytest.mark.rfc("RFC 6749 §4.1.2.1", "an unknown client is told on a page, not led on")
@pytest.mark.parametrize(
    "client_id",
    [None, "", "x", "00000000-0000-7000-8000-000000000000", "'", "é", "x" * 20_000],
)
def test_an_unknown_client_is_not_redirected(
    party: RelyingParty, client_id: str | None
) -> None:
    page = party.ask(client_id=client_id)
    assert _is_a_page(page)
    assert "is not registered or has been disabled" in page.text


def test_other_spellings_of_a_client_id_are_unknown(party: RelyingParty) -> None:
    plain = party.client_id
    for spelled in (
        plain.upper(), plain.replace("-", ""), f"{{{plain}}}", f"urn:uuid:{plain}",
        f" {plain}", f"{plain} ",
    ):  # fmt: skip
        assert _is_a_page(party.ask(client_id=spelled)), spelled


@pytest.mark.rfc("RFC 6749 §3.1.2.4", "an unregistered redirect URI is not followed")
@pytest.mark.rfc("RFC 9700 §2.1", "redirect URIs are compared exactly")
def test_no_look_alike_is_followed(party: RelyingParty) -> None:
    for uri in (
        "https://evil.example/", CALLBACK + "/", CALLBACK + "?", CALLBACK + "?x=1",
        CALLBACK + "#x", CALLBACK + "/../callback", CALLBACK.upper(),
        "http://app.example.com/callback", "https://app.example.com:443/callback",
        "https://app.example.com.evil.example/callback",
        "https://app.example.com@evil.example/callback",
        "https://evil.example\\@app.example.com/callback",
        "https://app.example.com/callback%2F..", "https://app.example.com//callback",
        "https://app.example.com/%63allback", "https://app.example.com/%2563allback",
        "https://app.example.com/callback%252F..", "https://*.example.com/callback",
        "http://localhost:80@evil.example/callback", "//app.example.com/callback",
        "javascript:alert(1)", "data:text/html,x", "", "x" * 20_000, "é", "'", "\\",
        "https://аpp.example.com/callback", f" {CALLBACK}", f"{CALLBACK}\n",
    ):  # fmt: skip
        page = party.ask(redirect_uri=uri)
        if not uri:
            # An empty parameter counts as absent, and the client has only one.
            assert page.status_code == 200
            continue
        assert _is_a_page(page), uri
        assert "an address it has not registered" in page.text, uri


@pytest.mark.rfc(
    "RFC 6749 §10.15", "nobody is led to an address that is not registered"
)
def test_errors_before_the_redirect_uri_is_known_never_redirect(
    party: RelyingParty,
) -> None:
    evil = "https://evil.example/"
    for changes in (
        {"scope": "nope"}, {"response_type": "token"}, {"code_challenge": None},
        {"response_type": None}, {"state": "x" * 5000},
    ):  # fmt: skip
        assert _is_a_page(party.ask(redirect_uri=evil, **changes))


@pytest.mark.rfc("RFC 6749 §3.1.2.3", "with several redirect URIs one must be named")
def test_several_redirect_uris_have_no_default(parties: Parties) -> None:
    party = parties.confidential(redirect_uris=[CALLBACK, CALLBACK + "2"])
    assert _is_a_page(party.ask(redirect_uri=None))
    assert party.ask(redirect_uri=CALLBACK + "2").status_code == 200


@pytest.mark.rfc("RFC 9700 §2.1", "only the port of a loopback address may differ")
@pytest.mark.rfc(
    "RFC 6749 §3.1.2.2", "a public client registers where it is sent back to"
)
@pytest.mark.rfc("RFC 8252 §7.3", "the port of a loopback address is free")
def test_loopback_ports_are_free_and_nothing_else(parties: Parties) -> None:
    party = parties.public(redirect_uris=["http://127.0.0.1/cb", "http://[::1]:9/cb"])
    for uri in (
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]/cb",
    ):
        assert party.ask(redirect_uri=uri).status_code == 200, uri
    for uri in (
        "http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1:1/cb2",
        "http://localhost:1/cb", "https://127.0.0.1:1/cb", "http://127.0.0.2:1/cb",
        "http://127.0.0.1:65536/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:x/cb",
        "http://[::1]:1/cb#", "http://127.0.0.1.evil.example/cb",
    ):  # fmt: skip
        assert _is_a_page(party.ask(redirect_uri=uri)), uri


@pytest.mark.parametrize("page", ["localhost:9", "localhost"])
def test_the_port_of_localhost_is_not_free(parties: Parties, page: str) -> None:
    party = parties.public(redirect_uris=["http://localhost:8/cb"])
    assert _is_a_page(party.ask(redirect_uri=f"http://{page}/cb"))


@pytest.mark.rfc("OpenID Connect Core §3.1.2.2", "every parameter is validated")
@pytest.mark.rfc("RFC 6749 §3.1.1", "a missing or unknown response type is an error")
@pytest.mark.rfc("RFC 9207 §2", "an error answer names the issuer too")
@pytest.mark.rfc("RFC 6749 §4.1.2.1", "an error is told at the redirect URI with state")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "'\\é\""}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "no_such_scope"}, "invalid_scope"),
        ({"scope": "manage_system"}, "invalid_scope"),
        ({"scope": "view_users  openid"}, "invalid_scope"),
        ({"scope": 'é"\\'}, "invalid_scope"),
        ({"state": "s" * 4097}, "invalid_request"),
    ],
)
def test_errors_go_back_with_issuer_and_state(
    party: RelyingParty, changes: dict[str, str | None], error: str
) -> None:
    page = party.ask(**changes)
    assert page.status_code == 303
    answer = party.answer(page)
    assert answer["error"] == error
    assert answer["iss"] == ISSUER
    assert answer["state"] == changes.get("state", party.state)
    assert "code" not in answer
    # RFC 6749 §4.1.2.1: %x20-21 / %x23-5B / %x5D-7E.
    assert answer["error_description"].isascii()
    assert not set(answer["error_description"]) & set('"\\')


@pytest.mark.rfc("RFC 9207 §2", "an error answer names the issuer too")
@pytest.mark.rfc("RFC 6749 §4.1.2.1", "a denial is told with the state")
def test_denial_names_the_issuer(party: RelyingParty) -> None:
    answer = party.decide("deny")
    assert (answer["error"], answer["iss"]) == ("access_denied", ISSUER)
    assert answer["state"] == party.state


@pytest.mark.rfc("RFC 6749 §4.1.2.1", "a client without the grant is told so")
def test_a_client_without_the_code_grant_is_told(parties: Parties) -> None:
    party = parties.confidential(
        grant_types=["client_credentials"], redirect_uris=[CALLBACK]
    )
    assert party.answer(party.ask())["error"] == "unauthorized_client"


@pytest.mark.rfc("RFC 9700 §4.12", "no redirect repeats a POST", level="MUST")
def test_every_redirect_is_a_303(party: RelyingParty, parties: Parties) -> None:
    assert Browser(parties.app).client.get("/oauth/authorize").status_code == 400
    asked = f"/oauth/authorize?client_id={party.client_id}&response_type=code"
    client = party.browser.client
    assert client.get(asked).status_code == 303
    party.ask()
    page = party.browser.submit({"decision": "allow"}, action="/consent", follow=False)
    assert page.status_code == 303


def test_who_is_not_signed_in_signs_in_first_and_comes_back(
    party: RelyingParty, parties: Parties
) -> None:
    user = parties.person("view_users")
    party.browser = Browser(parties.app)
    page = party.ask(state="a+b&c=é")
    assert page.request.path == "/login"
    page = party.browser.submit({"email": user.email, "password": user.password})
    assert page.request.path == "/oauth/consent"
    page = party.browser.submit({"decision": "allow"}, action="/consent", follow=False)
    assert party.answer(page)["state"] == "a+b&c=é"


@pytest.mark.parametrize(
    "query",
    [
        "state=a&state=b", "client_id=x&client_id=x", "a=%00", "%00=a", "state=%ff",
        "state=\xff", "&".join(f"p{n}=1" for n in range(100)), "state=" + "x" * 40_000,
    ],
    ids=range(8),
)  # fmt: skip
@pytest.mark.rfc("RFC 6749 §3.1", "parameters are not sent more than once")
def test_what_cannot_be_read_is_a_page(party: RelyingParty, query: str) -> None:
    parameters = "&".join(
        f"{name}={value}" for name, value in party.authorization_parameters().items()
    )
    for asked in (query, f"{parameters}&{query}"):
        response = party.browser.client.get("/oauth/authorize", query_string=asked)
        assert _is_a_page(response)
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.rfc("RFC 6749 §3.1", "unrecognized parameters are ignored")
def test_unknown_parameters_are_ignored(party: RelyingParty) -> None:
    # Neither is fetched nor obeyed: there is no request_uri here.
    extra = {
        "request_uri": "http://127.0.0.1:1/", "request": "eyJ.eyJ.x", "nonce": "n",
        "scopes": "x", "iss": "https://evil.example", "__proto__": "x",
    }  # fmt: skip
    assert party.allow(**extra)["iss"] == ISSUER


def test_other_methods_are_refused(party: RelyingParty) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        response = party.browser.client.open("/oauth/authorize", method=method)
        assert response.status_code == 405


@pytest.mark.rfc("RFC 6749 §10.14", "state and redirect URI are never taken for markup")
def test_administrators_see_what_differs_and_others_do_not(parties: Parties) -> None:
    administrator = parties.make.user(administrator=True)
    party = parties.confidential(user=administrator)
    evil = "https://evil.example/<script>alert(1)</script>"
    page = party.ask(redirect_uri=evil)
    assert "For administrators" in page.text
    assert CALLBACK in page.text
    assert "https://evil.example/&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "For administrators" not in party.ask(client_id="x").text
    party.browser = parties.browser_of(parties.person("view_users"))
    page = party.ask(redirect_uri=evil)
    assert "evil.example" not in page.text
    assert CALLBACK not in page.text


def test_the_login_address_keeps_the_whole_request(parties: Parties) -> None:
    party = parties.confidential()
    party.browser = Browser(parties.app)
    parameters = party.authorization_parameters(state="a b&c")
    response = party.browser.client.get("/oauth/authorize", query_string=parameters)
    query = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    kept = dict(parse_qsl(urlsplit(query["next"]).query))
    assert kept == parameters
