"""Every main page: axe-core finds nothing, and no phone scrolls sideways."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import StorageState, expect

from app.audit.actor import SERVER
from app.clients.lifecycle import delete_client
from app.clients.queries import find_client
from app.extensions import db
from app.tokens.pkce import challenge_for
from tests.factories import Factory, MadeClient
from tests.support.chromium import OpenWindow, Window, is_fit_for_people
from tests.support.outside import OutsideApp, Person
from tests.support.serving import Served

BOTH = ("authorization_code", "client_credentials")
#: Long and without a blank, as what comes from outside may be.
LONG = "Rechnungsabgleich" * 4
URI = "https://integrations.invoice-sync.example.com/customers/acme/oauth2/callback"
SCOPES = ("view_users", "manage_invoices", "delete_invoices", LONG[:60].lower())
OPEN_TO_ALL = [
    "/login",
    "/oauth/authorize?client_id=unknown",
    "/api/docs",
    "/there-is-nothing-here",
]
SIGNED_IN = [
    "/logout",
    "/account/apps",
    "/account/apps/remove-all",
    "/account/security",
    "/account/security/sign-out-everywhere",
    "/developer",
    "/developer/refused",
    "/developer/apps",
    "/developer/apps?q=nothing-is-called-so",
    "/developer/apps?status=deleted",
    "/developer/apps/new",
    "/developer/apps/{client}",
    "/developer/apps/{client}/settings",
    "/developer/apps/{client}/permissions",
    "/developer/apps/{client}/tokens",
    "/developer/apps/{client}/tokens/revoke-all",
    "/developer/apps/{client}/activity",
    "/developer/apps/{client}/try",
    "/developer/apps/{client}/danger",
    "/developer/apps/{trashed}/danger",
    "/oauth/authorize?{question}",
]


@pytest.fixture(scope="module")
def places(product: tuple[Served, Factory]) -> dict[str, str]:
    """Apps with everything that a page can show, and what stands for them in paths."""
    served, make = product
    user = make.user(
        f"ada.{LONG[:40]}@example.com".lower(), name=LONG, administrator=True
    )
    for scope in SCOPES[1:]:
        make.permission(scope, description=LONG, group="Invoices", is_delegable=True)
    made = new_client(make, LONG, owner=user, permissions=SCOPES)
    trashed = new_client(make, f"Old {LONG}")
    with make.app.app_context():
        row = find_client(trashed.id)
        assert row is not None
        delete_client(actor=SERVER, client=row)
        db.session.commit()
    person = Person(served)
    person.sign_in(user.email, user.password)
    app = OutsideApp(served, made.id, made.secret, URI, person)
    assert app.redeem(*app.authorization_code()).status_code == 200
    assert app.act_as_itself().status_code == 200
    stranger = new_client(make, f"New {LONG}", owner=user)
    return {
        "client": made.id,
        "trashed": trashed.id,
        "question": question_of(stranger),
        "email": user.email,
        "password": user.password,
    }


def new_client(make: Factory, name: str, **details: object) -> MadeClient:
    return make.client(
        name,
        description=LONG * 2,
        grant_types=BOTH,
        redirect_uris=[URI, f"{URI}/2"],
        **details,
    )


def question_of(client: MadeClient) -> str:
    """Return an authorization request that the consent screen answers."""
    parameters = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": URI,
        "scope": " ".join(SCOPES),
        "code_challenge": challenge_for("v" * 43),
        "code_challenge_method": "S256",
    }
    return urlencode(parameters)


@pytest.fixture(scope="module")
def signed_in(
    chromium: Chromium, product: tuple[Served, Factory], places: dict[str, str]
) -> StorageState:
    """The cookies of an administrator."""
    context = chromium.new_context()
    page = context.new_page()
    window = Window(context, page, product[0].address, frozenset())
    window.open("/login")
    window.sign_in(places["email"], places["password"])
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def window(open_window: OpenWindow, signed_in: StorageState) -> Window:
    """The administrator's browser."""
    return open_window(storage_state=signed_in, reduced_motion="reduce")


@pytest.mark.parametrize("path", OPEN_TO_ALL)
def test_pages_that_are_open_to_all(open_window: OpenWindow, path: str) -> None:
    window = open_window(reduced_motion="reduce")
    window.expect(400, 404)
    window.open(path)
    is_fit_for_people(window)


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_for_people_who_are_signed_in(
    window: Window, places: dict[str, str], path: str
) -> None:
    window.open(path.format_map(places))
    assert "/login" not in window.page.url
    is_fit_for_people(window)


def test_the_page_that_shows_a_secret(window: Window) -> None:
    page = window.page
    window.open("/developer/apps/new")
    page.get_by_label("Both").check()
    page.get_by_label("Name", exact=True).fill(LONG)
    page.get_by_label("Redirect URIs").fill(URI)
    page.get_by_role("button", name="Register the app").click()
    expect(page.locator("#client-secret")).to_be_visible()
    is_fit_for_people(window)


def test_a_form_that_comes_back_with_errors(window: Window) -> None:
    window.expect(422)
    page = window.page
    window.open("/developer/apps/new")
    page.get_by_label("Both").check()
    page.get_by_label("Redirect URIs").fill(f"javascript:{LONG}\n{URI}#x")
    page.get_by_role("button", name="Register the app").click()
    expect(page.get_by_role("alert")).to_be_visible()
    is_fit_for_people(window)
