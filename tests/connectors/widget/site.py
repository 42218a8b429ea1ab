"""Somebody else's site: one page that embeds the chat, under as strict a policy as there is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAG = "<common-ground></common-ground>"


class Site:
    """`widget` is the address of the installation whose chat it embeds; `tag` and `language` are those of its page."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        # Another host than the installation's, so that nothing passes for the same site.
        self.url = f"http://localhost:{server.server_address[1]}"
        self.widget = ""
        self.tag, self.language = TAG, "en"

    @property
    def policy(self) -> str:
        return (
            f"default-src 'none'; script-src {self.widget}; connect-src {self.widget}; img-src {self.widget}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )

    @property
    def page(self) -> str:
        direction = "rtl" if self.language == "ar" else "ltr"
        return (
            f'<!doctype html><html lang="{self.language}" dir="{direction}"><title>A site</title>'
            f'<script type="module" src="{self.widget}/widget.js"></script>'
            f"<main><h1>A site of others</h1><p>Some text.</p></main>{self.tag}</html>"
        )


@contextmanager
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = made.page.encode()
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.send_header("content-security-policy", made.policy)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Site(server)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join(10)
