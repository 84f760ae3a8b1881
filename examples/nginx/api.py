"""An API that knows nothing of tokens: nginx lets nobody through who may not come."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Reports(BaseHTTPRequestHandler):
    """Shows whom the request is from; put your own answer here."""

    def do_GET(self) -> None:
        body = json.dumps(
            {
                "sub": self.headers["X-Auth-Subject"],
                "client_id": self.headers["X-Auth-Client-Id"],
            }
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "9000"))
    # Nobody but nginx may reach it: it believes the headers that it gets.
    ThreadingHTTPServer(("127.0.0.1", port), Reports).serve_forever()
