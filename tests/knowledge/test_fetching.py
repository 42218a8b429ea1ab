"""Fetching: what is never reached, what is never taken, and that no byte is lost or mixed on the way."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import httpcore
import httpx
import pytest

from knowledge.fetching.addresses import CheckedNetwork, Forbidden, is_public, shown_url, url_problem
from knowledge.fetching.download import PART, Downloader, Outcome, file_name, retry_after
from tests.fetching import broken_after, packed, quick, redirect, serving, status

DATA = b"<iati-activities>" + bytes(range(32, 127)) * 4000 + b"</iati-activities>"


# --- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
        "100.100.100.200", "169.254.169.254", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.5",
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "4000::1", "", "localhost",
        "127.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2600:1f18::1", "2a00:1450:4001::8a"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


class Recorded(httpcore.NetworkBackend):
    """Connects to nothing and remembers to what it should have."""

    def __init__(self) -> None:
        self.connected: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        raise httpcore.ConnectError("nobody there")


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that is public when it is checked and private when it is connected to is never connected to by name."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    network = Recorded()
    checked = CheckedNetwork((), lambda host, port: answers.pop(0), network)
    with pytest.raises(httpcore.ConnectError):
        checked.connect_tcp("rebinding.example", 443)
    assert network.connected == [("93.184.216.34", 443)]
    with pytest.raises(Forbidden, match=r"rebinding.example has the address 127\.0\.0\.1"):
        checked.connect_tcp("rebinding.example", 443)
    assert len(network.connected) == 1


def test_one_private_address_among_public_ones_closes_a_name() -> None:
    network = Recorded()
    checked = CheckedNetwork((), lambda host, port: ["93.184.216.34", "10.0.0.1"], network)
    with pytest.raises(Forbidden):
        checked.connect_tcp("mixed.example", 80)
    assert network.connected == []


def test_only_named_hosts_are_opened() -> None:
    network = Recorded()
    checked = CheckedNetwork(("intra.example", "Other.example:8080"), lambda host, port: ["10.0.0.1"], network)
    for host, port, opened in (
        ("intra.example", 80, True),
        ("INTRA.example", 443, True),
        ("other.example", 8080, True),
        ("other.example", 80, False),
        ("sub.intra.example", 80, False),
    ):
        with pytest.raises(httpcore.ConnectError if opened else Forbidden):
            checked.connect_tcp(host, port)
    assert [port for _, port in network.connected] == [80, 443, 8080]
    with pytest.raises(Forbidden):
        checked.connect_unix_socket("/run/docker.sock")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://127.1:{port}/",
        "http://0x7f000001:{port}/", "http://2130706433:{port}/", "http://0:{port}/", "http://[::]:{port}/",
    ],
)  # fmt: skip
def test_loopback_is_closed_however_it_is_written(url: str, tmp_path: Path) -> None:
    with serving() as server, Downloader(sleep=lambda seconds: None) as downloader:
        fetched = downloader.fetch(url.format(port=server.url.rpartition(":")[2]), tmp_path)
        assert fetched.outcome is Outcome.FAILED
        assert server.asked == []


@pytest.mark.parametrize(
    "target",
    ["http://localhost:{port}/x", "http://169.254.169.254/latest/meta-data/", "http://[::1]:{port}/x", "//10.0.0.1/x"],
)
def test_a_redirect_is_checked_like_an_address(target: str, tmp_path: Path) -> None:
    with serving() as server:
        port = server.url.rpartition(":")[2]
        url = server.put("/a.xml", DATA)
        server.instead = [redirect(target.format(port=port))]
        with Downloader((f"127.0.0.1:{port}",), sleep=lambda seconds: None) as downloader:
            fetched = downloader.fetch(url, tmp_path)
        assert (fetched.outcome, len(server.asked)) == (Outcome.FAILED, 1)
        assert "not one of the open internet" in fetched.why


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.org/a.xml", "http://"),
        ("file:///etc/passwd", "http://"),
        ("gopher://example.org", "http://"),
        ("//example.org/a", "http://"),
        ("https:///a", "http://"),
        ("https://user:secret@example.org/a", "user name"),
        ("https://user@example.org/a", "user name"),
        ("http://[::1", "no address"),
        ("http://exa mple.org/", "no address"),
        ("http://example.org:99999/", "no address"),
        ("http://example.org:0/", "no address"),
        ("", "http://"),
    ],
)
def test_addresses_that_cannot_be_declared(url: str, words: str) -> None:
    assert url_problem(url)
    assert words in url_problem(url)


def test_what_may_be_secret_in_an_address_is_not_shown() -> None:
    assert shown_url("https://example.org/a.csv?key=secret#part") == "https://example.org/a.csv"


def test_an_address_with_letters_of_any_script_can_be_fetched(tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        server.put("/donn%C3%A9es/%C3%A9t%C3%A9.xml", DATA)
        fetched = downloader.fetch(server.url + "/données/été.xml", tmp_path)
        assert fetched.outcome is Outcome.FETCHED


def test_a_proxy_is_used_only_where_a_setting_names_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server, serving() as proxy:
        url = server.put("/a.xml", DATA)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY")
        with quick() as downloader:
            assert downloader.fetch(url, tmp_path).outcome is Outcome.FETCHED
        assert proxy.asked == []
        proxy.put("http://data.example/a.xml", DATA)
        with Downloader(proxy=proxy.url, sleep=lambda seconds: None) as downloader:
            assert downloader.fetch("http://data.example/a.xml", tmp_path).outcome is Outcome.FETCHED
            for closed in ("http://127.0.0.1/a", "http://localhost/a", "http://[::1]/a", "http://2130706433/"):
                assert "not an address of the open internet" in downloader.fetch(closed, tmp_path).why
        assert len(proxy.asked) == 1


def test_a_certificate_must_be_valid(tmp_path: Path) -> None:
    """A server that shows a certificate of its own making is refused at once, and the name is what is asked for."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("openssl, which makes the certificate, is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake_hands() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

        thread = threading.Thread(target=shake_hands, name="hands")
        thread.start()
        with quick() as downloader:
            fetched = downloader.fetch(f"https://localhost:{listening.getsockname()[1]}/a.xml", tmp_path / "to")
        thread.join()
    assert (fetched.outcome, names) == (Outcome.FAILED, ["localhost"])
    assert "certificate is not valid" in fetched.why


# --- what arrives ---------------------------------------------------------------------------------------------------


def test_a_file_arrives_whole_and_is_not_taken_twice(tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        url = server.put("/data/activities.xml", DATA)
        first = downloader.fetch(url, tmp_path)
        assert first.outcome is Outcome.FETCHED
        assert first.path is not None
        assert first.path.read_bytes() == DATA
        assert first.path.name.endswith("-activities.xml")
        assert [path.name for path in tmp_path.iterdir()] == [first.path.name]
        again = downloader.fetch(url, tmp_path, etag=first.etag)
        assert (again.outcome, again.path) == (Outcome.NOT_MODIFIED, None)
        server.put("/data/activities.xml", DATA + b"<!-- newer -->")
        newer = downloader.fetch(url, tmp_path, etag=first.etag)
        assert newer.outcome is Outcome.FETCHED
        assert newer.path != first.path
        assert first.path.read_bytes() == DATA


def test_last_modified_counts_where_there_is_no_etag(tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        day = "Wed, 21 Oct 2026 07:28:00 GMT"
        server.instead = [lambda handler: handler.answer(200, {"Last-Modified": day}, DATA), status(304)]
        first = downloader.fetch(server.url + "/a.xml", tmp_path)
        assert (first.etag, first.modified) == ("", day)
        assert downloader.fetch(server.url + "/a.xml", tmp_path, modified=day).outcome is Outcome.NOT_MODIFIED
        assert server.asked[1]["if-modified-since"] == day


@pytest.mark.parametrize("cuts", [[1], [1000, 50_000], [0, 0, 200_000]])
def test_a_broken_transfer_is_taken_up_where_it_broke(cuts: list[int], tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [broken_after(DATA, cut) for cut in cuts]
        fetched = downloader.fetch(url, tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == DATA
        if any(cuts):
            assert server.asked[-1]["range"] == f"bytes={sum(cuts)}-"


def test_a_transfer_is_taken_up_by_a_later_run(tmp_path: Path) -> None:
    with serving() as server:
        url = server.put("/a.xml", DATA)
        server.instead = [broken_after(DATA, 5000)]
        with quick(attempts=1) as downloader:
            assert downloader.fetch(url, tmp_path).outcome is Outcome.FAILED
        with quick() as downloader:
            fetched = downloader.fetch(url, tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == DATA
        assert server.asked[-1]["range"] == "bytes=5000-"


def test_two_versions_are_never_mixed(tmp_path: Path) -> None:
    newer = DATA.replace(b"A", b"B")
    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", newer)
        # The file changes between the break and the second attempt.
        server.instead = [broken_after(DATA, 70_000)]
        fetched = downloader.fetch(url, tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == newer


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_strong_validator_it_begins_anew(etag: str, tmp_path: Path) -> None:
    def cut(handler: object) -> None:
        handler.answer(200, {"ETag": etag} if etag else {}, DATA, cut=100)  # type: ignore[attr-defined]

    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [cut]
        fetched = downloader.fetch(url, tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == DATA
        assert "range" not in server.asked[-1]


def test_a_server_that_continues_elsewhere_is_asked_again(tmp_path: Path) -> None:
    def elsewhere(handler: object) -> None:
        handler.answer(206, {"Content-Range": "bytes 9-99/100"}, DATA[9:100])  # type: ignore[attr-defined]

    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [broken_after(DATA, 1000), elsewhere]
        fetched = downloader.fetch(url, tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == DATA


def test_a_part_that_was_whole_already_begins_anew(tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [broken_after(DATA, 10)]
        with quick(attempts=1) as once:
            once.fetch(url, tmp_path)
        (tmp_path / PART).write_bytes(DATA)
        fetched = downloader.fetch(url, tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == DATA


def test_packed_bodies_are_unpacked_within_the_limit(tmp_path: Path) -> None:
    with serving() as server, quick(size=3_000_000) as downloader:
        server.instead = [packed(DATA), packed(b"0" * 4_000_000), packed(DATA, "br"), packed(DATA, "deflate")]
        fetched = downloader.fetch(server.url + "/export?format=csv", tmp_path)
        assert fetched.path is not None
        assert fetched.path.read_bytes() == DATA
        assert fetched.path.suffix == ".csv"
        assert "larger than the limit" in downloader.fetch(server.url + "/b", tmp_path).why
        for _ in range(2):
            assert "is packed as" in downloader.fetch(server.url + "/c", tmp_path).why
        server.instead = [
            lambda handler: handler.answer(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08 broken"),
            lambda handler: handler.answer(200, {"Content-Encoding": "gzip"}, b""),
        ]
        for _ in range(2):
            assert "is packed wrongly" in downloader.fetch(server.url + "/d", tmp_path).why
        assert not (tmp_path / PART).exists()


@pytest.mark.parametrize("told", [True, False])
def test_too_large_a_file_is_refused_told_or_not(told: bool, tmp_path: Path) -> None:
    def endless(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Transfer-Encoding", "chunked")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        for _ in range(200):
            handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")  # type: ignore[attr-defined]
        handler.close_connection = True  # type: ignore[attr-defined]

    def told_so(handler: object) -> None:
        handler.answer(200, {}, b"x" * 3_000_000)  # type: ignore[attr-defined]

    with serving() as server, quick(size=2_000_000) as downloader:
        server.always = told_so if told else (lambda handler: _quietly(endless, handler))
        fetched = downloader.fetch(server.url + "/a.xml", tmp_path)
        assert fetched.outcome is Outcome.FAILED
        assert "larger than the limit of 1 MB" in fetched.why
        assert list(tmp_path.iterdir()) == []


def _quietly(answer: object, handler: object) -> None:
    try:
        answer(handler)  # type: ignore[operator]
    except OSError:
        handler.close_connection = True  # type: ignore[attr-defined]


def test_a_server_that_drips_is_left_in_time(tmp_path: Path) -> None:
    stop = threading.Event()

    def drip(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "1000000")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        while not stop.wait(0.02):
            handler.wfile.write(b"x")  # type: ignore[attr-defined]
            handler.wfile.flush()  # type: ignore[attr-defined]

    with serving() as server, quick(seconds=0.3) as downloader:
        server.always = lambda handler: _quietly(drip, handler)
        fetched = downloader.fetch(server.url + "/a.xml", tmp_path)
        stop.set()
        assert fetched.outcome is Outcome.FAILED
        assert "was not done within 0 s" in fetched.why


def test_a_silent_server_is_left_in_time(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, quick(silence=0.1, attempts=2) as downloader:
        fetched = downloader.fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/", tmp_path)
        assert (fetched.outcome, fetched.why) == (Outcome.FAILED, "did not answer in time")


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("text/html; charset=utf-8", True), ("application/xhtml+xml", True), ("image/png", True), ("video/mp4", True),
        ("application/octet-stream", False), ("text/plain", False), ("", False), ("nonsense", False),
    ],
)  # fmt: skip
def test_the_type_is_checked_loosely(kind: str, refused: bool, tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", DATA, kind)
        assert (downloader.fetch(url, tmp_path).outcome is Outcome.FAILED) is refused
        page = server.put("/page", "<p>Words</p>", "text/html")
        fetched = downloader.fetch(page, tmp_path, web_page=True)
        assert fetched.path is not None
        assert fetched.path.suffix == ".html"


# --- patience -------------------------------------------------------------------------------------------------------


def test_what_fails_is_tried_again_after_longer_and_longer_pauses(tmp_path: Path) -> None:
    paused: list[float] = []
    with serving() as server, quick(paused) as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [status(503), status(500), status(429)]
        assert downloader.fetch(url, tmp_path).outcome is Outcome.FETCHED
        assert len(server.asked) == 4
    assert all(low <= pause <= 2 * low for low, pause in zip((1, 2, 4), paused, strict=True))


def test_a_server_that_says_when_is_obeyed_within_reason(tmp_path: Path) -> None:
    paused: list[float] = []
    with serving() as server, quick(paused) as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [status(429, Retry_After="20")]
        assert downloader.fetch(url, tmp_path).outcome is Outcome.FETCHED
        assert 20 <= paused[0] <= 26
        server.instead = [status(503, Retry_After="7200")]
        later = downloader.fetch(url, tmp_path)
        assert (later.outcome, later.again_after, len(paused)) == (Outcome.FAILED, 7200.0, 1)


def test_it_gives_up(tmp_path: Path) -> None:
    paused: list[float] = []
    with serving() as server, quick(paused) as downloader:
        server.always = status(502)
        fetched = downloader.fetch(server.url + "/a.xml", tmp_path)
        assert (fetched.outcome, fetched.why, len(server.asked), len(paused)) == (Outcome.FAILED, "answers 502", 4, 3)


@pytest.mark.parametrize("code", [400, 401, 403, 405, 451])
def test_what_will_not_change_is_not_tried_again(code: int, tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        server.always = status(code)
        fetched = downloader.fetch(server.url + "/a.xml", tmp_path)
        assert (fetched.outcome, fetched.why, len(server.asked)) == (Outcome.FAILED, f"answers {code}", 1)


@pytest.mark.parametrize("code", [404, 410])
def test_gone_is_said_to_be_gone(code: int, tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        server.always = status(code)
        assert downloader.fetch(server.url + "/a.xml", tmp_path).outcome is Outcome.GONE


def test_redirects_are_followed_but_not_for_ever(tmp_path: Path) -> None:
    with serving() as server, quick() as downloader:
        url = server.put("/a.xml", DATA)
        server.instead = [redirect("/b", 301), redirect("b/../a.xml", 308)]
        assert downloader.fetch(server.url + "/start", tmp_path).outcome is Outcome.FETCHED
        server.always = redirect(url)
        assert "redirected more than 5 times" in downloader.fetch(url, tmp_path).why
        for where in ("ftp://example.org/a", "http://u:p@127.0.0.1/", "", "http://["):
            server.always = redirect(where)
            assert downloader.fetch(url, tmp_path).outcome is Outcome.FAILED


def test_nobody_listening_is_a_failure_with_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with quick(attempts=1) as downloader:
        fetched = downloader.fetch(f"http://127.0.0.1:{port}/a.xml", tmp_path)
        assert fetched.outcome is Outcome.FAILED
        assert fetched.why
        unknown = CheckedNetwork((), _no_name)
        with pytest.raises(httpcore.ConnectError, match="nowhere"):
            unknown.connect_tcp("nowhere.example", 80)


def _no_name(host: str, port: int) -> list[str]:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("-5", 0.0), ("soon", 0.0), ("", 0.0), ("Mon, 23 Nov 2026 06:02:00 GMT", 120.0),
     ("Mon, 23 Nov 2026 05:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float) -> None:
    assert retry_after(value, datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("url", "kind", "name"),
    [
        ("https://example.org/a/b.xml?x=1", "text/plain", "b.xml"),
        ("https://example.org/export?format=csv", "text/csv", "export.csv"),
        ("https://example.org/", "application/json", "file.json"),
        ("https://example.org/..%2f..%2fetc%2fpasswd", "", "passwd"),
        ("https://example.org/%2e%2e", "", "file"),
        ("https://example.org/.hidden", "text/plain", "hidden.txt"),
        ("https://example.org/été%00 2026.csv", "", "t_2026.csv"),
    ],
)
def test_names_of_copies_hold_nothing_strange(url: str, kind: str, name: str) -> None:
    assert file_name(httpx.URL(url.replace("\x00", "")), kind) == name
