"""Sync: only what changed, the old version until the new one stands, and nothing silently fresh or silently gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from knowledge import finding, forgetting, syncing
from knowledge.access import PUBLIC, operator
from knowledge.fetching.download import Downloader
from knowledge.finding import Facets
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from knowledge.syncing import Result, SyncReport
from tests.fetching import Files, broken_after, quick, serving, status
from tests.homes import opened
from tests.knowledge.test_forgetting import MARKS, SECRET, bytes_left, iati

WELLS = {"id": "XX-1-1", "title": "Wells"}
MEALS = {"id": "XX-1-2", "title": "Meals"}
SEEDS = {"id": "XX-1-3", "title": "Seeds"}


@pytest.fixture
def server() -> Iterator[Files]:
    with serving() as files:
        yield files


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        yield home


def manifest(folder: Path, *entries: dict[str, str]) -> Path:
    lines = ["sources:"]
    for entry in entries:
        lines += [f"{'- ' if n == 0 else '  '}{key}: {value}" for n, (key, value) in enumerate(entry.items())]
    path = folder / "sources.yml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sync(home: Home, *manifests: Path, downloader: Downloader | None = None, **more: Any) -> SyncReport:
    return syncing.sync(home, manifests, downloader=downloader or quick(), **more)


def results(report: SyncReport) -> list[str]:
    return [source.result.value for source in report.sources]


def ids(home: Home) -> list[str]:
    with home.database.read() as session:
        return [hit.id for hit in finding.find(session, Facets(), operator())]


def retired(home: Home) -> list[str]:
    with home.database.read() as session:
        return sorted(session.scalars(select(m.RecordRow.id).where(m.RecordRow.retired_at.is_not(None))))


def copies(home: Home) -> list[str]:
    return sorted(path.name for path in home.settings.sources_path.rglob("*") if path.is_file())


def an_age_passes(home: Home) -> None:
    """As if all that was done had been done two days earlier."""
    with home.database.write() as session:
        for row in session.scalars(select(m.FetchRow)):
            for name in ("last_try", "last_success", "next_try"):
                if (value := getattr(row, name)) is not None:
                    setattr(row, name, value - timedelta(days=2))


def test_fetched_read_and_then_left_alone_until_it_is_due(tmp_path: Path, server: Files, home: Home) -> None:
    url = server.put("/a.xml", iati(WELLS, MEALS))
    file = manifest(tmp_path, {"url": url, "title": "Wells and meals", "audience": "public", "refresh": "12h"})
    first = sync(home, file)
    assert results(first) == ["fetched"]
    assert (first.sources[0].added, first.trouble) == (2, False)
    assert first.sources[0].next_try is not None
    assert timedelta(hours=11) < first.sources[0].next_try - utc_now() <= timedelta(hours=12)
    with home.database.read() as session:
        row = session.scalars(select(m.SourceRow)).one()
        assert (row.key, row.title, row.level, row.format) == (url, "Wells and meals", "public", "iati-activity")
        assert len(finding.find(session, Facets(), PUBLIC)) == 2
    assert results(sync(home, file)) == ["not due"]
    assert len(server.asked) == 1
    assert results(sync(home, file, force=True)) == ["not modified"]
    an_age_passes(home)
    assert results(sync(home, file)) == ["not modified"]
    assert len(server.asked) == 3
    assert len(copies(home)) == 1


def test_a_new_version_takes_the_place_of_the_old(tmp_path: Path, server: Files, home: Home) -> None:
    url = server.put("/a.xml", iati(WELLS, MEALS))
    file = manifest(tmp_path, {"url": url})
    sync(home, file)
    (old,) = copies(home)
    server.put("/a.xml", iati(WELLS | {"title": "Deep wells"}, SEEDS))
    report = sync(home, file, force=True)
    (source,) = report.sources
    assert (source.result, source.added, source.changed, source.retired) == (Result.FETCHED, 1, 1, 1)
    assert (ids(home), retired(home)) == (["XX-1-1", "XX-1-3"], ["XX-1-2"])
    assert copies(home) != [old]
    assert len(copies(home)) == 1


def test_a_refused_version_leaves_the_old_one_answering(tmp_path: Path, server: Files, home: Home) -> None:
    good = iati(WELLS, MEALS)
    url = server.put("/a.xml", good)
    file = manifest(tmp_path, {"url": url})
    sync(home, file)
    kept = copies(home)
    server.put("/a.xml", good[: len(good) // 2])
    report = sync(home, file, force=True)
    assert results(report) == ["refused"]
    assert "broken XML" in report.sources[0].why
    assert "the version read on" in report.sources[0].why
    assert report.trouble
    assert (ids(home), copies(home)) == (["XX-1-1", "XX-1-2"], kept)
    # Not asked again at once, and as soon as it is mended all is well.
    assert results(sync(home, file)) == ["not due"]
    server.put("/a.xml", good)
    mended = sync(home, file, force=True)
    assert (results(mended), mended.trouble) == (["not modified"], False)


def test_a_failure_leaves_the_old_one_answering_and_waits_longer_each_time(
    tmp_path: Path, server: Files, home: Home
) -> None:
    url = server.put("/a.xml", iati(WELLS))
    file = manifest(tmp_path, {"url": url, "refresh": "1d"})
    sync(home, file)
    server.always = status(500)
    waits = []
    for _ in range(3):
        (source,) = sync(home, file, force=True).sources
        assert (source.result, source.why) == (Result.FAILED, "answers 500")
        assert source.next_try is not None
        waits.append((source.next_try - utc_now()).total_seconds())
    assert 230 < waits[0] < waits[1] < waits[2] < 1500
    assert ids(home) == ["XX-1-1"]
    server.always = status(503, Retry_After="7200")
    (source,) = sync(home, file, force=True).sources
    assert source.next_try is not None
    assert (source.next_try - utc_now()).total_seconds() > 7000


def test_a_broken_transfer_goes_on_in_the_next_run(tmp_path: Path, server: Files, home: Home) -> None:
    content = iati(WELLS, MEALS).encode()
    url = server.put("/a.xml", content)
    server.instead = [broken_after(content, 200)]
    file = manifest(tmp_path, {"url": url})
    assert results(sync(home, file, downloader=quick(attempts=1))) == ["failed"]
    assert ids(home) == []
    assert results(sync(home, file, force=True)) == ["fetched"]
    assert server.asked[-1]["range"] == "bytes=200-"
    assert ids(home) == ["XX-1-1", "XX-1-2"]


@pytest.mark.parametrize("code", [404, 410])
def test_an_address_that_is_gone_is_said_and_retired_on_confirmation(
    code: int, tmp_path: Path, server: Files, home: Home
) -> None:
    url = server.put("/a.xml", iati(WELLS))
    file = manifest(tmp_path, {"url": url})
    sync(home, file)
    server.always = status(code)
    report = sync(home, file, force=True)
    (source,) = report.sources
    assert (source.result, report.trouble) == (Result.GONE, True)
    since = source.gone_since
    assert since is not None
    assert syncing.gone(home) == {url: since}
    assert ids(home) == ["XX-1-1"]
    # It stays gone since then, whether or not it is looked for.
    for force in (False, True):
        (source,) = sync(home, file, force=force).sources
        assert (source.result, source.gone_since) == (Result.GONE, since)
    confirmed = sync(home, file, retire_gone=True)
    assert (results(confirmed), confirmed.sources[0].retired, confirmed.trouble) == (["retired"], 1, False)
    assert (ids(home), retired(home)) == ([], ["XX-1-1"])
    assert results(sync(home, file, force=True)) == ["retired"]
    server.always = None
    assert results(sync(home, file, force=True)) == ["not modified"]
    assert (ids(home), syncing.gone(home)) == (["XX-1-1"], {})


def test_files_and_folders_are_read_where_they_changed(tmp_path: Path, home: Home) -> None:
    (tmp_path / "files").mkdir()
    one, two = tmp_path / "one.xml", tmp_path / "files" / "two.xml"
    one.write_text(iati(WELLS), encoding="utf-8")
    two.write_text(iati(MEALS), encoding="utf-8")
    file = manifest(tmp_path, {"path": "one.xml"}, {"path": "files", "audience": "public"})
    assert results(sync(home, file)) == ["read", "read"]
    assert results(sync(home, file)) == ["unchanged", "unchanged"]
    two.write_text(iati(MEALS | {"title": "Warm meals"}), encoding="utf-8")
    report = sync(home, file)
    assert {source.name: (source.result, source.changed) for source in report.sources} == {
        "one.xml": (Result.UNCHANGED, 0),
        "two.xml": (Result.READ, 1),
    }
    with home.database.read() as session:
        assert [hit.id for hit in finding.find(session, Facets(), PUBLIC)] == ["XX-1-2"]


def test_a_file_that_is_gone_is_said_and_retired_on_confirmation(tmp_path: Path, home: Home) -> None:
    (tmp_path / "files").mkdir()
    one, two = tmp_path / "one.xml", tmp_path / "files" / "two.xml"
    one.write_text(iati(WELLS), encoding="utf-8")
    two.write_text(iati(MEALS), encoding="utf-8")
    file = manifest(tmp_path, {"path": "one.xml"}, {"path": "files"}, {"path": "never.xml"})
    first = sync(home, file)
    assert [problem.reason for problem in first.problems] == ["never.xml is no file in this folder"]
    one.unlink()
    two.unlink()
    report = sync(home, file)
    assert sorted(results(report)) == ["gone", "gone"]
    assert len(report.problems) == 1
    since = {source.key: source.gone_since for source in report.sources}
    assert since == syncing.gone(home)
    assert ids(home) == ["XX-1-1", "XX-1-2"]
    assert {source.key: source.gone_since for source in sync(home, file).sources} == since
    two.write_text(iati(MEALS), encoding="utf-8")
    report = sync(home, file, retire_gone=True)
    assert {source.name: source.result for source in report.sources} == {
        "two.xml": Result.UNCHANGED,
        "one.xml": Result.RETIRED,
    }
    assert (ids(home), retired(home)) == (["XX-1-2"], ["XX-1-1"])
    assert set(syncing.gone(home)) == {str(one)}
    one.write_text(iati(WELLS), encoding="utf-8")
    assert sum(source.added for source in sync(home, file).sources) == 1
    assert (ids(home), syncing.gone(home)) == (["XX-1-1", "XX-1-2"], {})


def test_what_another_manifest_declares_is_not_gone(tmp_path: Path, home: Home) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "files").mkdir(parents=True)
        given = {"id": f"XX-1-{name}", "title": "Wells"}
        (tmp_path / name / "files" / "x.xml").write_text(iati(given), encoding="utf-8")
        manifest(tmp_path / name, {"path": "files"})
    assert results(sync(home, tmp_path / "a", tmp_path / "b")) == ["read", "read"]
    (tmp_path / "b" / "files" / "x.xml").unlink()
    assert results(sync(home, tmp_path / "a" / "sources.yml")) == ["unchanged"]
    assert sorted(results(sync(home, tmp_path / "a", tmp_path / "b"))) == ["gone", "unchanged"]


def test_what_is_declared_anew_counts_without_fetching(tmp_path: Path, server: Files, home: Home) -> None:
    url = server.put("/a.xml", iati(WELLS))
    sync(home, manifest(tmp_path, {"url": url, "audience": "own"}))
    with home.database.read() as session:
        assert finding.count(session, Facets(), PUBLIC) == 0
    report = sync(home, manifest(tmp_path, {"url": url, "audience": "public", "refresh": "manual"}))
    assert (results(report), report.sources[0].next_try) == (["not due"], None)
    assert len(server.asked) == 1
    with home.database.read() as session:
        assert finding.count(session, Facets(), PUBLIC) == 1
    # A wrong audience never publishes: the entry is left out, and what was read stays as it was.
    broken = sync(home, manifest(tmp_path, {"url": url, "audience": "Own"}))
    assert (broken.sources, [problem.fatal for problem in broken.problems]) == ([], [True])


def test_a_manual_source_is_fetched_once_and_then_by_hand(tmp_path: Path, server: Files, home: Home) -> None:
    file = manifest(tmp_path, {"url": server.put("/a.xml", iati(WELLS)), "refresh": "manual"})
    assert results(sync(home, file)) == ["fetched"]
    an_age_passes(home)
    assert results(sync(home, file)) == ["not due"]
    assert results(sync(home, file, force=True)) == ["not modified"]


def test_private_addresses_are_closed_unless_a_setting_opens_them(tmp_path: Path, server: Files) -> None:
    file = manifest(tmp_path, {"url": server.put("/a.xml", iati(WELLS))})
    for allowed, expected in (("", "failed"), (" localhost , 127.0.0.1 ", "fetched")):
        with opened(tmp_path / f"home-{expected}") as home:
            home.settings = home.settings.model_copy(update={"fetch_allow_private": allowed})
            report = syncing.sync(home, [file])
            assert results(report) == [expected]
            assert ("not one of the open internet" in report.sources[0].why) == (expected == "failed")


def test_one_sync_at_a_time(tmp_path: Path, home: Home) -> None:
    import threading

    file = manifest(tmp_path)
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with home.fetching:
            taken.set()
            done.wait()

    thread = threading.Thread(target=hold, name="other-sync")
    thread.start()
    taken.wait()
    try:
        with pytest.raises(syncing.Busy):
            sync(home, file)
    finally:
        done.set()
        thread.join()


def test_a_secret_in_an_address_is_in_no_name(tmp_path: Path, server: Files, home: Home) -> None:
    server.put("/a.xml?key=sesame", iati(WELLS))
    report = sync(home, manifest(tmp_path, {"url": server.url + "/a.xml?key=sesame"}))
    assert [source.name for source in report.sources] == [server.url + "/a.xml"]
    with home.database.read() as session:
        assert session.scalars(select(m.SourceRow.name)).one() == server.url + "/a.xml"


# --- with forgetting ------------------------------------------------------------------------------------------------


def test_a_forgotten_record_leaves_no_copy_behind_and_does_not_come_back(
    tmp_path: Path, server: Files, home: Home
) -> None:
    url = server.put("/a.xml", iati(WELLS | {"title": SECRET}, MEALS))
    file = manifest(tmp_path, {"url": url})
    sync(home, file)
    assert bytes_left(home.settings.home, *MARKS)
    report = forgetting.forget(home, Wanted(records=("XX-1-1",)))
    assert len(report.files) == 1
    assert copies(home) == []
    assert bytes_left(home.settings.home, *MARKS) == {}
    for _ in range(2):
        again = sync(home, file, force=True)
        assert results(again) == ["fetched"]
        assert [problem.reason[:30] for problem in again.sources[0].problems] == ["left out: this record was forg"]
        assert ids(home) == ["XX-1-2"]
        assert bytes_left(home.settings.home, *MARKS) == {}
    server.put("/a.xml", iati(MEALS))
    assert results(sync(home, file, force=True)) == ["fetched"]
    assert len(copies(home)) == 1


def test_a_forgotten_source_is_not_even_asked_for(tmp_path: Path, server: Files, home: Home) -> None:
    url = server.put("/a.xml", iati(WELLS | {"title": SECRET}))
    file = manifest(tmp_path, {"url": url})
    sync(home, file)
    forgetting.forget(home, Wanted(source=url))
    assert bytes_left(home.settings.home, *MARKS, server.url) == {}
    report = sync(home, file, force=True)
    assert (results(report), report.trouble, len(server.asked)) == (["forgotten"], False, 1)
    assert forgetting.allow_again(home, Wanted(source=url)) == 3
    assert results(sync(home, file)) == ["fetched"]
    assert ids(home) == ["XX-1-1"]


def test_a_run_that_was_cut_off_before_it_settled_is_done_again(
    tmp_path: Path, server: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.put("/a.xml", iati(WELLS))
    file = manifest(tmp_path, {"url": url})
    with opened(tmp_path / "home") as home:
        sync(home, file)
        server.put("/a.xml", iati(WELLS, MEALS))

        def cut(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(syncing, "_settle", cut)
            with pytest.raises(KeyboardInterrupt):
                sync(home, file, force=True)
        assert len(copies(home)) == 2
    with opened(tmp_path / "home") as home:
        assert ids(home) == ["XX-1-1", "XX-1-2"]
        (source,) = sync(home, file, force=True).sources
        assert (source.result, source.added, source.changed, source.retired) == (Result.FETCHED, 0, 0, 0)
        assert len(copies(home)) == 1


def test_the_first_version_is_read_even_after_the_table_of_fetches_is_lost(
    tmp_path: Path, server: Files, home: Home
) -> None:
    file = manifest(tmp_path, {"url": server.put("/a.xml", iati(WELLS))})
    sync(home, file)
    with home.database.write() as session:
        session.execute(update(m.FetchRow).values(file="nowhere/else.xml"))
    assert results(sync(home, file, force=True)) == ["fetched"]
    assert len(copies(home)) == 1
