"""Where an app on another origin waits for people to come back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PAGE = b"<!doctype html><title>Welcome back</title><h1>Welcome back</h1>"


@dataclass
class Callback:
    """The app's own little server: its address, and with what people came back."""

    origin: str
    answers: list[dict[str, str]] = field(default_factory=list)

    @property
    def redirect_uri(self) -> str:
        """The redirect URI to register."""
        return f"{self.origin}/callback"


@contextmanager
def listening() -> Iterator[Callback]:
    """Listen on a free port of the loopback."""
    callback = Callback("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            is_callback = parts.path == "/callback"
            if is_callback:
                callback.answers.append(dict(parse_qsl(parts.query)))
            self.send_response(200 if is_callback else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if is_callback:
                self.wfile.write(PAGE)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        callback.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield callback
        server.shutdown()
