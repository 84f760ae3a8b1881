"""Takes pictures of the main pages for the documentation: `make screenshots`.

The product is served over a database of its own with people, apps and a day of traffic,
none of them real. Pages are opened in Chromium, as in the browser tests.
"""

# ruff: noqa: INP001 - a script beside the shell scripts, no package

import argparse
import math
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Page, ViewportSize, expect

from app.clients.models import Client
from app.clock import utcnow
from app.extensions import db
from app.tokens.pkce import challenge_for
from app.traffic.models import HourlyCount, begin_of_hour
from tests.factories import Factory, MadeClient, MadeUser
from tests.support.chromium import Window, launched
from tests.support.databases import make_database
from tests.support.outside import OutsideApp, Person
from tests.support.serving import Served, serve

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PHONE, CARD = 375, 720
MOST_BYTES = 150 * 1024
BOTH = ("authorization_code", "client_credentials")
CALLBACK = "https://sync.example.com/callback"
#: Names, descriptions, and what each asks for in an hour at noon.
APPS = (
    ("Invoice Sync", "Keeps invoices in step with the ledger.", BOTH, 420),
    ("Customer Portal", "Where customers see their orders.", BOTH[:1], 260),
    ("Payroll Bridge", "Hands hours over to payroll at night.", BOTH[1:], 90),
    ("Warehouse Feed", "Tells the warehouse what was sold.", BOTH[1:], 180),
    ("Support Desk", "Shows agents who is calling.", BOTH, 60),
    ("Nightly Export", "Copies reports to the archive.", BOTH[1:], 12),
    ("Partner Catalogue", "A partner's shop.", BOTH[:1], 35),
)
PERMISSIONS = (
    ("view_invoices", "See invoices", "Invoices", True),
    ("manage_invoices", "Create and change invoices", "Invoices", True),
    ("delete_invoices", "Delete invoices", "Invoices", True),
    ("view_orders", "See orders", "Orders", True),
    ("manage_orders", "Place and change orders", "Orders", True),
    ("view_stock", "See what is in stock", "Warehouse", False),
    ("manage_payroll", "Hand hours over to payroll", "People", False),
)
ROLES = (
    ("Accounting", ("view_invoices", "manage_invoices", "delete_invoices")),
    ("Fulfilment", ("view_orders", "manage_orders", "view_stock")),
    ("Support", ("view_orders", "view_invoices", "view_users")),
)


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the page, and how it is looked at."""

    name: str
    path: str
    is_dark: bool = False
    width: int = 1280

    @property
    def viewport(self) -> ViewportSize:
        """How large the window is."""
        return {"width": self.width, "height": 760 if self.width == PHONE else 860}


SHOTS = (
    Shot("start", "/developer"),
    Shot("start-dark", "/developer", is_dark=True),
    Shot("apps", "/developer/apps"),
    Shot("apps-dark", "/developer/apps", is_dark=True),
    Shot("apps-phone", "/developer/apps", width=PHONE),
    Shot("new-app", "/developer/apps/new"),
    Shot("overview", "/developer/apps/{client}"),
    Shot("overview-phone", "/developer/apps/{client}", width=PHONE),
    Shot("permissions", "/developer/apps/{client}/permissions"),
    Shot("danger-zone", "/developer/apps/{client}/danger"),
    Shot("refused-requests", "/developer/refused"),
    Shot("audit", "/audit"),
    Shot("connected-apps", "/account/apps"),
    Shot("consent", "/oauth/authorize?{question}", width=CARD),
    Shot("consent-dark", "/oauth/authorize?{question}", width=CARD, is_dark=True),
    Shot("consent-phone", "/oauth/authorize?{question}", width=PHONE),
)


@dataclass(frozen=True)
class Company:
    """Who is there, and the app that the pictures are about."""

    administrator: MadeUser
    invoice_sync: MadeClient
    portal: MadeClient

    @property
    def values(self) -> dict[str, str]:
        """What stands in the addresses of shots."""
        question = {
            "response_type": "code",
            "client_id": self.portal.id,
            "redirect_uri": CALLBACK,
            "scope": "view_orders manage_orders view_invoices",
            "code_challenge": challenge_for("v" * 43),
            "code_challenge_method": "S256",
        }
        return {"client": self.invoice_sync.id, "question": urlencode(question)}


def found_company(make: Factory) -> Company:
    """Make people, roles and apps."""
    for name, sentence, group, is_delegable in PERMISSIONS:
        make.permission(
            name, description=sentence, group=group, is_delegable=is_delegable
        )
    for name, held in ROLES:
        make.role(name, held)
    ada = make.user(
        "ada@acme.example",
        name="Ada Lovelace",
        administrator=True,
        permissions=[name for name, *_ in PERMISSIONS],
    )
    people = [
        make.user("grace@acme.example", name="Grace Hopper", roles=["Accounting"]),
        make.user("alan@acme.example", name="Alan Turing", roles=["Support"]),
    ]
    apps = {
        name: make.client(
            name,
            description=words,
            grant_types=grants,
            redirect_uris=[CALLBACK] if BOTH[0] in grants else [],
            roles=["Accounting"] if name == "Invoice Sync" else ["Fulfilment"],
            permissions=["view_users"],
            owner=[ada, *people][number % 3],
        )
        for number, (name, words, grants, _) in enumerate(APPS)
    }
    return Company(ada, apps["Invoice Sync"], apps["Customer Portal"])


def count_a_day(make: Factory) -> None:
    """Write down what was asked for in each hour of a day, most of it at noon."""
    now = begin_of_hour(utcnow())
    with make.app.app_context():
        ids = dict(db.session.execute(db.select(Client.name, Client.id)).all())
        for name, _, _, most in APPS:
            for hour in range(1, 25):
                at = now - timedelta(hours=hour)
                share = 0.15 + 0.85 * math.sin(math.pi * at.hour / 24) ** 4
                db.session.add(_counted(ids[name], at, round(most * share)))
        db.session.execute(
            db.update(Client)
            .where(Client.name == "Partner Catalogue")
            .values(disabled_at=now)
        )
        db.session.commit()


def _counted(client_id: uuid.UUID, at: Any, calls: int) -> HourlyCount:
    refusals = calls // 40 if at.hour in {9, 10, 15} else calls // 200
    return HourlyCount(
        client_id=client_id, hour=at, tokens=calls // 8, calls=calls, refusals=refusals
    )


def work(served: Served, company: Company) -> None:
    """Use the apps for real: tokens, calls, and requests that are refused."""
    person = Person(served)
    person.sign_in(company.administrator.email, company.administrator.password)
    for made in (company.invoice_sync, company.portal):
        app = OutsideApp(served, made.id, made.secret, CALLBACK, person)
        scope = {"scope": "view_invoices"} if made is company.portal else {}
        token = app.redeem(*app.authorization_code(**scope)).json()["access_token"]
        app.call(token)
    app = OutsideApp(
        served, company.invoice_sync.id, company.invoice_sync.secret, CALLBACK, person
    )
    own = [app.act_as_itself().json()["access_token"] for _ in range(4)]
    for token in own:
        app.call(token, "/api/v1/users")
    _be_refused(app, own[0])


def _be_refused(app: OutsideApp, token: str) -> None:
    app.call(token, "/api/v1/clients")
    app.act_as_itself(scope="manage_payroll")
    mistaken = urlencode(
        {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": f"{CALLBACK}/",
        }
    )
    for _ in range(3):
        app.person.open(f"/oauth/authorize?{mistaken}")
    app.client_secret = f"{app.client_secret[:-1]}x"
    app.act_as_itself()


@contextmanager
def photographer(served: Served, company: Company) -> Iterator[Page]:
    """Open a browser at which the administrator is signed in."""
    with launched() as chromium:
        context = chromium.new_context(locale="en", reduced_motion="reduce")
        window = Window(context, context.new_page(), served.address, frozenset())
        window.watch()
        window.open("/login")
        window.sign_in(company.administrator.email, company.administrator.password)
        expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        yield window.page
        window.check()


def take(page: Page, shot: Shot, address: str) -> None:
    """Open the page and write its picture."""
    page.set_viewport_size(shot.viewport)
    page.emulate_media(color_scheme="dark" if shot.is_dark else "light")
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{shot.path} shows nothing: {answer and answer.status}")
    # Hovering and focus are no part of the picture.
    page.mouse.move(0, 0)
    file = FOLDER / f"{shot.name}.png"
    page.screenshot(path=file, animations="disabled")
    size = file.stat().st_size
    sys.stdout.write(f"{file.name}: {size // 1024} KB\n")
    if size > MOST_BYTES:
        raise SystemExit(f"{file.name} is too large for a repository.")


def main() -> None:
    """Serve the example and take every picture, or those that are named."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.screenshots", description=__doc__
    )
    parser.add_argument("names", nargs="*", help="only these")
    names = parser.parse_args().names
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        make_database("sqlite", Path(folder)) as database,
        serve(database, APP_NAME="Acme") as served,
    ):
        make = Factory(database.make_app())
        company = found_company(make)
        count_a_day(make)
        work(served, company)
        with photographer(served, company) as page:
            for shot in SHOTS:
                if not names or shot.name in names:
                    path = shot.path.format_map(company.values)
                    take(page, shot, f"{served.address}{path}")


if __name__ == "__main__":
    main()
