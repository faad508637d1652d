"""Somebody's own web server on loopback: what a seller fetches from, and calls back to."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class Site:
    """Somebody's own web server: serves files, takes callbacks and answers them with ``statuses``, the last one for ever."""

    def __init__(self) -> None:
        self.served: dict[str, bytes] = {}
        self.taken: list[bytes] = []
        self.statuses = [204]
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = site.served.get(self.path)
                self.send_response(200 if data is not None else 404)
                self.send_header("content-length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            def do_POST(self) -> None:
                site.taken.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(site.statuses.pop(0) if len(site.statuses) > 1 else site.statuses[0])
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                del args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
