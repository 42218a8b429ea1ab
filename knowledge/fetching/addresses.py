"""Which network addresses a source may be fetched from: public ones, and hosts that a setting opens by name.

The check stands where the connection is made: the name is resolved once, every address it has must be public, and the
connection goes to the very address that was checked. A name that answers otherwise the next time changes nothing.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

Resolve = Callable[[str, int], list[str]]

_NEVER_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            # A public address at which a cloud serves the metadata of its machines.
            "168.63.129.16/32",
        ),
    )
)  # fmt: skip
# Of IPv6 only global unicast (2000::/3) is public; within it, documentation and what carries an IPv4 address are not.
_PUBLIC_V6 = IPv6Network("2000::/3")
_NEVER_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class Forbidden(Exception):
    """An address that may not be reached. The message says why, in one line for people."""


def is_public(address: str) -> bool:
    """Whether `address` is one of the open internet; False too for what is no address at all."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _NEVER_V4)
    return parsed in _PUBLIC_V6 and not any(parsed in network for network in _NEVER_V6)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, each once, in the system's order; one that is an address is its own. Raises OSError
    where it has none."""
    with contextlib.suppress(ValueError):
        return [str(ip_address(host.strip("[]")))]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects to public addresses only. `allowed` names hosts ("host" or "host:port") that may be anywhere."""

    def __init__(
        self,
        allowed: Iterable[str] = (),
        resolve: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._allowed = frozenset(name.strip().casefold() for name in allowed)
        self._resolve = resolve
        self._network = network or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises Forbidden, or what httpcore raises where nothing answers."""
        try:
            addresses = self.checked(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not known ({error.strerror or error})") from error
        failed: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses:
            try:
                return self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def checked(self, host: str, port: int) -> Sequence[str]:
        """The addresses of `host`; raises Forbidden where one of them is not public, unless the host is allowed."""
        addresses = self._resolve(host, port)
        if not self._is_allowed(host, port):
            for address in addresses:
                if not is_public(address):
                    raise Forbidden(f"{host} has the address {address}, which is not one of the open internet")
        return addresses

    def check_written(self, host: str, port: int) -> None:
        """What can be told of a host without asking for its addresses, for use where a proxy asks for them."""
        last = host.rstrip(".").rpartition(".")[2].casefold()
        # A last label that begins with a digit is one of the ways to write a number for an address.
        written = ":" in host or last[:1].isdigit() or last in ("localhost", "local", "internal")
        if written and not is_public(host.strip("[]")) and not self._is_allowed(host, port):
            raise Forbidden(f"{host} is not an address of the open internet")

    def _is_allowed(self, host: str, port: int) -> bool:
        name = host.casefold()
        return name in self._allowed or f"{name}:{port}" in self._allowed

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise Forbidden("a socket of this machine is no source")


def checked_url(url: str) -> httpx.URL:
    """Raises ValueError, whose message says what is wrong with the address."""
    try:
        parsed = httpx.URL(url)
        port = urlsplit(url).port
    except (httpx.InvalidURL, ValueError):
        raise ValueError("is no address") from None
    if port == 0 or any(character.isspace() for character in f"{url.strip()}x"):
        raise ValueError("is no address")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("does not begin with http:// or https://")
    if parsed.userinfo:
        raise ValueError("holds a user name or password")
    return parsed.copy_with(fragment=None)


def url_problem(url: str) -> str:
    """What is wrong with an address, or nothing."""
    try:
        checked_url(url)
    except ValueError as error:
        return str(error)
    return ""


def shown_url(url: str) -> str:
    """An address for people and logs: without its query, which may hold a key."""
    return url.partition("?")[0].partition("#")[0]
