"""Our own files: their address changes with their contents, so they are kept long."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

from app.config import HTMX_URL, Settings

#: Of htmx 4.0.1; the hash in that package's README is that of 4.0.0.
HTMX_INTEGRITY = (
    "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
)
KEPT = "public, max-age=31536000, immutable"


def init_app(app: Flask, settings: Settings) -> None:
    """Let templates name our files and htmx."""
    versions = _versions(Path(app.static_folder or ""))
    is_ours = settings.htmx_src == HTMX_URL

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=versions[name])

    @app.after_request
    def keep_long(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            name = (request.view_args or {}).get("filename", "")
            if request.args.get("v") == versions.get(name):
                response.headers["Cache-Control"] = KEPT
        return response

    app.jinja_env.globals.update(
        asset=asset,
        htmx_src=settings.htmx_src,
        # Another address may serve another version: its owner answers for it.
        htmx_integrity=HTMX_INTEGRITY if is_ours else "",
    )


def _versions(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()[:12]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
