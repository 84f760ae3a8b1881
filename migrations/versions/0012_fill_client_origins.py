"""Fill in the origins of public clients that are registered already."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_clients = sa.table(
    "clients",
    sa.column("id", sa.Uuid()),
    sa.column("redirect_uris", sa.JSON()),
    sa.column("is_confidential", sa.Boolean()),
)
_origins = sa.table(
    "client_origins",
    sa.column("client_id", sa.Uuid()),
    sa.column("origin", sa.String(length=255)),
)
_WEB_ADDRESS = re.compile(
    r"(https?)://([^/?#:\[]+|\[[^\]]*\])(?::([0-9]+))?", re.IGNORECASE
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def upgrade() -> None:
    """Derive them from the redirect URIs; they are few compared with tokens."""
    connection = op.get_bind()
    public = sa.select(_clients.c.id, _clients.c.redirect_uris).where(
        _clients.c.is_confidential.is_(False)
    )
    rows = [
        {"client_id": client_id, "origin": origin}
        for client_id, redirect_uris in connection.execute(public).all()
        for origin in sorted({_origin_of(uri) for uri in redirect_uris} - {""})
    ]
    connection.execute(sa.delete(_origins))
    if rows:
        connection.execute(sa.insert(_origins), rows)


def downgrade() -> None:
    """Leave none; the table stays."""
    op.get_bind().execute(sa.delete(_origins))


def _origin_of(uri: str) -> str:
    """Return the origin as it was spelled when this was written, or nothing."""
    spelled = _WEB_ADDRESS.match(uri)
    if spelled is None:
        return ""
    scheme, host = spelled[1].lower(), spelled[2].lower()
    port = "" if spelled[3] in {None, _DEFAULT_PORTS[scheme]} else f":{spelled[3]}"
    origin = f"{scheme}://{host}{port}"
    return origin if len(origin) <= 255 else ""
