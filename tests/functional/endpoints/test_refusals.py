"""Each refused request becomes a row that its reference id finds."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import digests
from app.audit.actor import SERVER
from app.clients.holders import client_holder
from app.clients.models import Client
from app.clients.queries import find_client
from app.clients.secret_lists import live_secrets
from app.clients.secrets import add_secret
from app.developer.reasons.texts import TEXTS
from app.extensions import db
from app.tokens.revocation import revoke_access_token
from app.traffic import folds, unwritten
from app.traffic.models import RefusedRequest
from app.traffic.reasons import RefusalReason
from tests.factories import give
from tests.support.browsing import Browser
from tests.support.clock import MovableClock
from tests.support.markup import parse
from tests.support.parties import Parties
from tests.support.refusing import (
    REFUSED,
    UNKNOWN_ID,
    Scene,
    basic,
    delete,
    disable,
    expire,
    retire,
    told,
)
from tests.support.relying_party import RelyingParty

REFERENCE = re.compile(r"[0-9a-f]{12}-[0-9a-f]{12}")
R = RefusalReason


@pytest.fixture
def scene(parties: Parties, clock: MovableClock) -> Scene:
    return Scene(parties, clock)


@pytest.fixture
def console(parties: Parties) -> Browser:
    """The browser of an administrator."""
    return parties.browser_of(parties.make.user(administrator=True))


def rows(app: Flask) -> list[RefusedRequest]:
    with app.app_context():
        unwritten.flush(db.engine)
        found = db.session.scalars(
            select(RefusedRequest).order_by(RefusedRequest.last_seen_at)
        ).all()
        db.session.expunge_all()
        return list(found)


def test_every_reason_is_tried() -> None:
    assert set(REFUSED) == set(RefusalReason)


@pytest.mark.parametrize("reason", REFUSED)
def test_the_reference_of_the_answer_finds_the_row(
    scene: Scene, console: Browser, reason: RefusalReason
) -> None:
    answer = REFUSED[reason](scene)
    assert answer.status_code in {303, 400, 401, 403}, answer.text
    reference = answer.headers["X-Reference-Id"]
    assert REFERENCE.fullmatch(reference)
    if answer.content_type == "application/problem+json":
        assert answer.get_json()["reference_id"] == reference
    if (answer.content_type or "").startswith("text/html"):
        assert (reference in answer.text) == (answer.status_code == 400)
    if answer.content_type == "application/json" or answer.status_code == 303:
        # Where integrators look: libraries drop headers, and no app sees a redirect's.
        reference = _told_reference(answer)
        assert reference == answer.headers["X-Reference-Id"]
    page = console.get(f"/developer/refused?reference={reference}")
    assert page.text.count('class="card refusal"') == 1
    assert TEXTS[reason].what.replace("'", "&#39;") in page.text
    assert "Once," in page.text
    row = rows(scene.parties.app)[-1]
    assert (row.reason, row.last_reference_id) == (reason, reference)
    assert row.last_ip_address == "127.0.0.1"


def _told_reference(answer: TestResponse) -> str:
    said, reference = told(answer)
    # RFC 6749 §5.2, §4.1.2.1: %x20-21 / %x23-5B / %x5D-7E.
    assert re.fullmatch(r"[ !#-\[\]-~]+", said["error_description"])
    assert reference not in said["error_description"]
    return reference


def test_a_form_that_the_browser_posts_tells_the_reference_too(scene: Scene) -> None:
    answer = scene.party().ask(scope="manage_system", response_mode="form_post")
    field = parse(answer.text).one("input", _name="error_description")
    assert field["value"].endswith(f"Reference: {answer.headers['X-Reference-Id']}")


def test_every_reference_finds_it_for_ever(scene: Scene, console: Browser) -> None:
    party = scene.party()
    references = []
    for _ in range(5):
        answer = party.act_as_itself(scope="manage_users")
        references.append(answer.headers["X-Reference-Id"])
        console.get("/developer/refused")
    assert len(set(references)) == 5
    for reference in (*references, f" {references[0].upper()} "):
        page = console.get(f"/developer/refused?reference={reference}")
        assert "5 times" in page.text


def test_references_do_not_tell_which_refusals_have_one_cause(scene: Scene) -> None:
    # Else a client that nobody has would be told from one whose secret is wrong, and
    # an app would learn whether a person took back their consent or was locked out.
    answers = [scene.token(Authorization=basic(UNKNOWN_ID, "x")) for _ in range(3)]
    references = [answer.headers["X-Reference-Id"] for answer in answers]
    first_parts = {reference.partition("-")[0] for reference in references}
    assert len(first_parts) == 3
    (row,) = rows(scene.parties.app)
    assert row.count == 3
    assert row.fold_key not in first_parts


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (disable, "The app was disabled."),
        (delete, "The app is in the trash."),
        (
            lambda client: [
                revoke_access_token(
                    token_id=token, client_id=client.id, because="administrator"
                )
                for token in _token_ids(client)
            ],
            "It was revoked.",
        ),
    ],
)
def test_what_ended_a_token_is_told_here_only(
    scene: Scene, console: Browser, end: Callable[[Client], object], words: str
) -> None:
    party = scene.party()
    token = party.act_as_itself().get_json()["access_token"]
    scene.change(party, end)
    answer = party.call(token)
    assert answer.get_json()["detail"] == (
        "The access token has expired or was revoked."
    )
    reference = answer.headers["X-Reference-Id"]
    assert words in console.get(f"/developer/refused?reference={reference}").text


def _token_ids(client: Client) -> list[object]:
    from app.tokens.models import AccessToken

    ids = select(AccessToken.id).where(AccessToken.client_id == client.id)
    return list(db.session.scalars(ids))


def test_which_secret_it_was_is_found_out_later(scene: Scene, console: Browser) -> None:
    party = scene.party()
    retire(scene, party)
    hint = (party.client_secret or "")[-4:]
    reference = told(party.act_as_itself())[1]
    page = console.get(f"/developer/refused?reference={reference}")
    assert f"used the secret ending in …{hint}, which was revoked" in page.text
    assert f"Use the secret ending in …{hints(party)[-1]} instead." in page.text
    assert "Manage secrets" in page.text
    other = scene.party()
    scene.change(other, expire)
    reference = told(other.act_as_itself())[1]
    page = console.get(f"/developer/refused?reference={reference}")
    assert "which expired" in page.text
    assert "No secret of this app works now" in page.text
    assert "Create a secret" in page.text
    # The secret of one app at another.
    other.client_id = party.client_id
    other.act_as_itself()
    page = console.get("/developer/refused")
    assert "which belongs to Invoice Sync" in page.text
    assert "Use this app&#39;s own secret. The secret that works ends in" in page.text


def test_a_secret_that_nobody_knows_is_told_from_those_that_work(
    scene: Scene, console: Browser
) -> None:
    party = scene.party()
    scene.change(party, lambda client: add_secret(actor=SERVER, client=client))
    one, other = hints(party)
    party.client_secret = "x"
    reference = told(party.act_as_itself())[1]
    page = console.get(f"/developer/refused?reference={reference}").text
    assert "Not a secret of this server" in page
    assert f"The secrets that work end in …{one}, …{other}." in page


def test_each_secret_that_came_is_told_by_itself(
    scene: Scene, console: Browser
) -> None:
    party, other = scene.party(), scene.party(name="Night Job")
    retire(scene, party)
    revoked = party.client_secret or ""
    came = {
        revoked: f"…{revoked[-4:]}, which was revoked",
        other.client_secret: "which belongs to Night Job",
        "x": "Not a secret of this server",
        digests.generate(digests.CLIENT_SECRET): "not a secret of this app",
    }
    references = {}
    for secret in (*came, *came):
        party.client_secret = secret
        references[secret] = told(party.act_as_itself())[1]
    for secret, words in came.items():
        page = console.get(f"/developer/refused?reference={references[secret]}")
        card = parse(page.text).one("article").text
        assert "2 times" in card
        assert [w for w in came.values() if w in card] == [words], card


def test_few_secrets_of_an_app_are_told_apart(scene: Scene, console: Browser) -> None:
    party = scene.party()
    retire(scene, party)
    retired = party.client_secret
    for _ in range(20):
        party.client_secret = digests.generate(digests.CLIENT_SECRET)
        party.act_as_itself()
    rows(scene.parties.app)
    for secret in ("x", retired):
        party.client_secret = secret
        reference = told(party.act_as_itself())[1]
    found = rows(scene.parties.app)
    assert len(found) == folds.BURST_SECRETS + 2
    assert sum(row.count for row in found) == 22
    page = console.get(f"/developer/refused?reference={reference}").text
    assert "Several different secrets" in page
    assert f"One request used the secret ending in …{(retired or '')[-4:]}" in page


def hints(party: RelyingParty) -> list[str]:
    with party.browser.app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        return [secret.hint for secret in live_secrets(client)]


@pytest.mark.parametrize(
    ("act", "words", "others"),
    [
        (
            lambda scene: scene.party().ask(scope="manage_system"),
            ("Apps may not ask people for <code>manage_system</code>: leave it out",),
            ("granted by", "Open permissions", "Permissions tab"),
        ),
        (
            lambda scene: scene.party(scopes=["openid"]).ask(scope="view_users x"),
            ("apps may ask people for it, but this app may not", "Permissions tab"),
            ("granted by",),
        ),
        (
            lambda scene: scene.party(scopes=["openid"]).ask(scope="unheard_of"),
            ("there is no permission with this name", "send existing names in scope"),
            ("Permissions tab", "Did you mean"),
        ),
        *(
            (
                act,
                ("with this name. Did you mean <code>view_users</code>?",),
                ("Give the app", "Open permissions", "Permissions tab"),
            )
            for act in (
                lambda scene: scene.party().act_as_itself(scope="view_userz"),
                lambda scene: scene.party().ask(scope="view_userz"),
            )
        ),
        *(
            (
                act,
                ("spaces, not commas: <code>view_users openid</code>.",),
                ("Give the app", "Open permissions", "Permissions tab"),
            )
            for act in (
                lambda scene: scene.party().act_as_itself(scope="view_users,openid"),
                lambda scene: scene.party().ask(scope="view_users,openid"),
            )
        ),
        (
            lambda scene: scene.party().act_as_itself(scope="openid"),
            ("Leave out what describes a person",),
            ("Give the app",),
        ),
        (
            lambda scene: _verified(scene, "unheard_of"),
            ("ask for an existing permission, or create this one",),
            ("Give the app",),
        ),
        (
            lambda scene: call(scene, scene.party(), person=False),
            ("The app&#39;s own token", "granted by the", "Give the app"),
            ("person",),
        ),
        (
            lambda scene: call(scene, scene.party(), person=True),
            ("only an app&#39;s own token carries it", "Use an app that has"),
            ("Open permissions",),
        ),
        (
            lambda scene: scene.party().token(grant_type="password"),
            ("Grant", "password", "Invoice Sync"),
            ("Unknown app",),
        ),
        *(
            (act, (words, "Client ID", "Invoice Sync"), ("Unknown app",))
            for act, words in (
                (lambda scene: _by_basic(scene, data={"a": "b"}), "grant_type"),
                (
                    lambda scene: scene.party().post("/oauth/token", a="b"),
                    "grant_type",
                ),
                (
                    lambda scene: _by_basic(scene, json={"grant_type": "x"}),
                    "Send the parameters as",
                ),
                (
                    lambda scene: scene.party().act_as_itself(client_secret="x"),
                    "identifies the app in two ways",
                ),
            )
        ),
    ],
)
def test_advice_is_as_good_as_what_is_known(
    scene: Scene,
    console: Browser,
    act: Callable[[Scene], TestResponse],
    words: tuple[str, ...],
    others: tuple[str, ...],
) -> None:
    reference = act(scene).headers["X-Reference-Id"]
    page = console.get(f"/developer/refused?reference={reference}").text
    card = page[page.index("<article") : page.index("</article>")]
    for sentence in words:
        assert sentence in card
    for sentence in others:
        assert sentence not in card


def call(scene: Scene, party: RelyingParty, *, person: bool) -> TestResponse:
    """Call what needs a permission that no app may ask people for."""
    got = party.tokens() if person else party.act_as_itself().get_json()
    return party.browser.client.get(
        "/oauth/verify?permission=manage_users",
        headers={"Authorization": f"Bearer {got['access_token']}"},
    )


def _by_basic(scene: Scene, **body: Any) -> TestResponse:
    party = scene.party()
    headers = {"Authorization": basic(party.client_id, party.client_secret or "")}
    client = scene.parties.app.test_client()
    return client.post("/oauth/token", headers=headers, **body)


def _verified(scene: Scene, permission: str) -> TestResponse:
    token = scene.party().act_as_itself().get_json()["access_token"]
    return scene.parties.app.test_client().get(
        f"/oauth/verify?permission={permission}",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_what_an_app_holds_by_now_is_not_to_be_given(
    scene: Scene, console: Browser
) -> None:
    party = scene.party()
    reference = call(scene, party, person=False).headers["X-Reference-Id"]
    address = f"/developer/refused?reference={reference}"
    assert "Give the app the permission" in console.get(address).text
    with scene.parties.app.app_context():
        client = find_client(party.client_id)
        assert client is not None
        give(client_holder(client), permissions=["manage_users"])
        db.session.commit()
    page = console.get(address).text
    assert "the app has it now" in page
    assert "Get a new token" in page


def test_which_client_was_meant_is_found_out_later(
    scene: Scene, console: Browser
) -> None:
    party = scene.party(name="Night Job")
    for spelled, words in (
        (party.client_id.upper(), "spelled differently"),
        ("Night Job", "It is the name of this app"),
    ):
        answer = scene.token(Authorization=basic(spelled, "x"))
        reference = answer.headers["X-Reference-Id"]
        assert words in console.get(f"/developer/refused?reference={reference}").text
    scene.change(party, disable)
    assert party.act_as_itself().status_code == 401
    page = console.get("/developer/refused?app=Night")
    assert "The app was disabled." in page.text
    assert "enable it in its Danger zone" in page.text
    assert "spelled differently" in page.text
    assert "5 characters" not in page.text
    answer = scene.token(Authorization=basic("what?", "x"))
    page = console.get("/developer/refused")
    assert "5 characters that are not a client ID" in page.text
    assert "what?" not in page.text


def test_denying_is_no_refusal(scene: Scene) -> None:
    party = scene.party()
    denied = party.decide("deny")
    assert denied["error"] == "access_denied"
    assert "Reference" not in denied["error_description"]
    assert rows(scene.parties.app) == []


def test_refusals_say_where_they_came_in(scene: Scene) -> None:
    party = scene.party()
    token = party.act_as_itself().get_json()["access_token"]
    client = scene.parties.app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/oauth/userinfo", headers=bearer).status_code == 403
    assert client.get("/oauth/userinfo").status_code == 401
    client.get("/oauth/userinfo", headers={"Authorization": "Bearer x"})
    client.get("/oauth/verify")
    client.get("/api/v1/clients", headers=bearer)
    client.get(f"/oauth/authorize?client_id={UNKNOWN_ID}")
    client.post("/oauth/authorize", data={"client_id": "x"})
    party.post("/oauth/introspect", token_type_hint="x")
    found = [(row.endpoint, row.reason) for row in rows(scene.parties.app)]
    assert found == [
        ("userinfo", R.PERMISSION_MISSING),
        ("userinfo", R.TOKEN_MISSING),
        ("userinfo", R.TOKEN_FOREIGN),
        ("gateway", R.TOKEN_MISSING),
        ("api", R.PERMISSION_MISSING),
        ("authorize", R.CLIENT_UNKNOWN),
        ("authorize", R.CLIENT_UNKNOWN),
        ("introspect", R.PARAMETER_MISSING),
    ]


def test_roles_that_would_give_the_permission_are_named(
    scene: Scene, console: Browser
) -> None:
    scene.parties.make.role("Billing <b>", ["refund"])
    scene.party(name="<i>Till").act_as_itself(scope="refund unheard_of")
    page = console.get("/developer/refused").text
    assert "Billing &lt;b&gt;" in page
    assert "there is no permission with this name" in page
    assert "&lt;i&gt;Till" in page
    assert "<b>" not in page


def test_a_consent_that_ran_out_is_told_from_a_token_that_did(
    app: Flask, parties: Parties, clock: MovableClock
) -> None:
    party = parties.confidential(user=parties.person("view_users"))
    party.ask(prompt="consent")
    allowed = party.browser.submit(
        {"decision": "allow", "duration": "once"},
        action="/oauth/consent",
        follow=False,
    )
    got = party.redeem(party.answer(allowed)["code"]).get_json()
    clock.forward(hours=3)
    assert party.refresh(got["refresh_token"]).status_code == 400
    assert rows(app)[-1].facts["ended"] == "consent_expired"
