"""A page that stays open: it reads its stream, and goes on after the last event it saw whenever the stream is cut."""

from __future__ import annotations

import threading
import time

import httpx

from tests.connectors.widget.served import Json, Visit, read_events


class Reader:
    """Reads answers of `visit` into `answers`, each as often as it came, until `stop`."""

    def __init__(self, visit: Visit) -> None:
        self.answers: list[Json] = []
        self._visit, self._stopped = visit, threading.Event()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """To be called before the application ends; that ends the stream."""
        self._stopped.set()

    def join(self) -> None:
        self._thread.join(30)

    def _run(self) -> None:
        seen = 0
        with httpx.Client(timeout=20, trust_env=False) as client:
            while not self._stopped.is_set():
                try:
                    headers = self._visit.headers(seen)
                    with client.stream("GET", f"{self._visit.url}/widget/events", headers=headers) as response:
                        for event in read_events(response):
                            if event["event"] == "answer":
                                self.answers.append(event)
                                seen = event["seen"]
                except httpx.HTTPError:
                    pass  # the application was killed; it comes back
                time.sleep(0.05)
