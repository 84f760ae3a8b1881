"""The person behind a request, as far as pages need to know them."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Who is signed in, and what they may do."""

    id: uuid.UUID
    label: str
    email: str
    permissions: frozenset[str]
