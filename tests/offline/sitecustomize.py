"""Refuses connections to any other host, in every Python process of a test run.

Python imports a module of this name at start, so a process that inherits PYTHONPATH is guarded too: the application,
and Rasa in its own Python 3.10. `refused` is the rule; `install` puts it in force.
"""

import ipaddress
import socket
from typing import Any

LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", "testserver"}


def refused(address: Any) -> bool:
    """True when `address` (as given to connect: (host, port, ...), or a path of a unix socket) is another host."""
    if not isinstance(address, tuple):
        return False
    return _is_remote(address[0])


def _is_remote(host: Any) -> bool:
    if host is None:
        return False
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name.lower() in LOCAL_NAMES:
        return False
    try:
        parsed = ipaddress.ip_address(name.split("%", 1)[0])
    except ValueError:
        return True
    return not (parsed.is_loopback or parsed.is_unspecified)


def _refuse(address: Any) -> None:
    raise ConnectionRefusedError(f"tests may not reach other hosts: {address!r}. Use a stand-in on 127.0.0.1")


def install() -> None:
    """Guards this process. Installing twice changes nothing."""
    if getattr(socket, "_tests_stay_local", False):
        return
    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    getaddrinfo = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if refused(address):
            _refuse(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if refused(address):
            _refuse(address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        if refused(rest[-1]):
            _refuse(rest[-1])
        return sendto(self, data, *rest)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_remote(host):
            _refuse(host)
        return getaddrinfo(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.socket.sendto = guarded_sendto  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = guarded_getaddrinfo
    socket._tests_stay_local = True  # type: ignore[attr-defined]


install()
