"""The list of an app's tokens as its address describes it."""

import uuid
from dataclasses import dataclass

from sqlalchemy import false
from werkzeug.datastructures import MultiDict

from app.accounts.models import User
from app.accounts.services import find_user_by_email
from app.database import AnySelect
from app.text import is_storable
from app.tokens.listing import ACTS_FOR, list_tokens
from app.web.parsing import one_of, uuid_in
from app.web.searching import searched

SOONEST_FIRST, LAST_FIRST = "expires_at", "-expires_at"


@dataclass(frozen=True, kw_only=True)
class TokenFilters:
    """What the list is narrowed to; anything else in the address is ignored."""

    acts: str = ""
    person: str = ""
    scope: str = ""
    token: str = ""
    sort: str = LAST_FIRST

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> "TokenFilters":
        """Read the query of an address."""
        return cls(
            acts=one_of(arguments.get("acts"), ACTS_FOR),
            person=searched(arguments, "person"),
            scope=searched(arguments, "scope"),
            token=searched(arguments, "token"),
            sort=one_of(arguments.get("sort"), {SOONEST_FIRST}, LAST_FIRST),
        )

    @property
    def are_any(self) -> bool:
        """Whether anything is left out that the bare list shows."""
        return bool(self.acts or self.person or self.scope or self.token)

    @property
    def looks_through_some(self) -> bool:
        """Whether no index finds what is asked for, so that not all are looked at."""
        return bool(self.acts or self.scope) and not (self.person or self.token)

    def find_user(self) -> User | None:
        """Return the person with the address that was typed, if anybody has it."""
        return find_user_by_email(self.person) if self.person else None

    def select(self, client_id: uuid.UUID, *, user: User | None) -> AnySelect:
        """Return the select of the live tokens that the filters let through."""
        token_id = uuid_in(self.token)
        is_nobody = self.person and user is None
        is_no_token = self.token and token_id is None
        if is_nobody or is_no_token or not is_storable(self.scope):
            return list_tokens(client_id).where(false())
        return list_tokens(
            client_id,
            acts_for=self.acts,
            user_id=user.id if user else None,
            scope=self.scope,
            token_id=token_id,
            is_soonest_first=self.sort == SOONEST_FIRST,
        )
