"""Rotation where no lock holds: the line stays a line all the same."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.clients.statements import load_client
from app.clock import utcnow
from app.extensions import db
from app.kept_connections import kept_connection
from app.tokens import refreshing
from app.tokens.errors import InvalidGrantError
from app.tokens.models import RefreshToken
from tests.factories import Factory
from tests.support.parties import Parties


def test_a_token_that_was_rotated_since_it_was_read_is_not_rotated_again(
    app: Flask, make: Factory
) -> None:
    party = Parties(app, make).confidential()
    token = party.tokens()["refresh_token"]
    with app.app_context():
        client = load_client(
            kept_connection(db.engine), client_id=party.client_id, now=utcnow()
        )
        assert client is not None
        read = refreshing._find(token)
        assert read is not None
        now = utcnow()
        refreshing._rotate(read, successor="gpr_one", client=client, now=now)
        db.session.commit()
        with pytest.raises(InvalidGrantError):
            refreshing._rotate(read, successor="gpr_two", client=client, now=now)
        count = db.session.scalar(select(func.count()).select_from(RefreshToken))
        assert count == 2
