"""Apps and people, ready to go through the protocol."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from app.accounts.models import User
from app.accounts.sessions import start_session
from app.extensions import db
from tests.factories import Factory, MadeUser
from tests.support.browsing import Browser
from tests.support.relying_party import RelyingParty

BOTH_GRANTS = ("authorization_code", "client_credentials")
CALLBACK = "https://app.example.com/callback"


@dataclass(frozen=True)
class Parties:
    """Makes relying parties whose browser belongs to somebody who is signed in."""

    app: Flask
    make: Factory

    def person(self, *permissions: str) -> MadeUser:
        """Make a person who holds `permissions`."""
        return self.make.user(permissions=permissions)

    def browser_of(self, user: MadeUser) -> Browser:
        """Return a browser at which `user` is signed in.

        The form itself is tested elsewhere; going by it here would cost a slow hash.
        """
        browser = Browser(self.app)
        with self.app.app_context():
            row = db.session.get_one(User, user.id)
            _, secret = start_session(user=row, ip_address=None, user_agent="tests")
            db.session.commit()
        with browser.client.session_transaction() as session:
            session["_user_id"] = secret
        return browser

    def confidential(
        self,
        *,
        user: MadeUser | None = None,
        grant_types: Iterable[str] = BOTH_GRANTS,
        permissions: Iterable[str] = ("view_users",),
        redirect_uris: Iterable[str] = (CALLBACK,),
        **details: Any,
    ) -> RelyingParty:
        """Register an app that keeps a secret; without `user` somebody is made."""
        uris = list(redirect_uris)
        made = self.make.client(
            grant_types=grant_types,
            permissions=permissions,
            redirect_uris=uris,
            **details,
        )
        browser = self.browser_of(user or self.person("view_users"))
        return RelyingParty(browser, made.id, made.secret or None, uris[0])

    def public(
        self,
        *,
        user: MadeUser | None = None,
        redirect_uris: Iterable[str] = (CALLBACK,),
        **details: Any,
    ) -> RelyingParty:
        """Register an app that runs where everybody can read it."""
        return self.confidential(
            user=user,
            grant_types=("authorization_code",),
            permissions=(),
            redirect_uris=redirect_uris,
            is_confidential=False,
            **details,
        )

    def service(self, *permissions: str, **details: Any) -> RelyingParty:
        """Register an app that only acts as itself; nobody sits before it."""
        made = self.make.client(permissions=permissions, **details)
        return RelyingParty(Browser(self.app), made.id, made.secret)
