"""Documents that would take the machine's memory or time, or that hold nothing to read, are refused by name."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from pathlib import Path
from time import perf_counter

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter

from knowledge import sources
from knowledge.corpus.pdf_writer import Line, pdf
from knowledge.records import Item, Problem
from knowledge.sources import guard

BODY = "The association repairs wells and trains the committees that look after them in every village."
WHOLE = pdf([[Line(BODY, 56, 700)], [Line(BODY, 56, 700)]], title="Charter")


def refusal(path: Path) -> Problem:
    items = list(sources.read(path))
    problem = items[-1]
    assert isinstance(problem, Problem)
    assert problem.fatal
    assert "\n" not in problem.reason + problem.mend
    return problem


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def docx(text: str = BODY) -> bytes:
    document, out = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def repacked(data: bytes, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return out.getvalue()


def test_a_password(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(WHOLE)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    problem = refusal(written(tmp_path, "locked.pdf", out.getvalue()))
    assert "password" in problem.reason
    assert "without a password" in problem.mend


def test_a_document_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(WHOLE)))
    writer.encrypt("", "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    items = list(sources.read(written(tmp_path, "protected.pdf", out.getvalue())))
    assert not any(isinstance(item, Problem) for item in items)


def test_scanned_pages(tmp_path: Path) -> None:
    problem = refusal(written(tmp_path, "scan.pdf", pdf([[], []])))
    assert "pictures" in problem.reason
    assert "OCR" in problem.mend


def test_a_page_that_unpacks_to_too_much_is_named_and_left_out(tmp_path: Path) -> None:
    drawing = b"0 0 m 1 1 l S\n" * (guard.MAX_PAGE_BYTES // 10)
    bomb = zlib.compress(drawing, 9)
    good = pdf([[Line(BODY, 56, 700)], [Line("x", 56, 700)]], compressed=False)
    start = good.rindex(b"<< /Length")
    end = good.index(b"endstream", start)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\n" % (len(bomb), bomb)
    items = list(sources.read(written(tmp_path, "bomb.pdf", good[:start] + stream + good[end:])))
    problems = [item for item in items if isinstance(item, Problem)]
    assert len(items) - len(problems) == 1
    assert [(problem.element, problem.fatal) for problem in problems] == [("page 2", False)]


def test_pages_that_share_one_long_drawing(tmp_path: Path) -> None:
    """A small file of many pages, each of which draws the same four thousand words."""
    pages = 400
    shared = pdf([[Line(BODY, 56, 700)] + [Line("word", 10, 10)] * 4_000], title="Shared")
    many = b" ".join([b"5 0 R"] * pages)
    data = shared.replace(b"/Kids [5 0 R] /Count 1", b"/Kids [" + many + b"] /Count %d" % pages)
    assert data != shared
    started = perf_counter()
    problem = refusal(written(tmp_path, "shared.pdf", data))
    assert "unpack" in problem.reason
    assert perf_counter() - started < 15


@pytest.mark.parametrize(
    "change",
    [
        (b"/Kids [5 0 R 7 0 R]", b"/Kids [2 0 R 2 0 R]"),
        (b"/Type /Catalog /Pages 2 0 R", b"/Type /Catalog /Pages 1 0 R"),
        (b"/Kids [5 0 R 7 0 R]", b"/Kids [9 9 R 8 8 R]"),
        (b"/Count 2", b"/Count -"),
    ],
    ids=["pages in a circle", "catalogue as pages", "pages that are not there", "no count"],
)
def test_broken_page_trees_end_with_a_word(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    assert change[0] in WHOLE
    items = list(sources.read(written(tmp_path, "tree.pdf", WHOLE.replace(*change))))
    assert items


def test_too_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_PAGES", 1)
    assert "2 pages" in refusal(written(tmp_path, "long.pdf", WHOLE)).reason


@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_another_file_under_the_name_of_a_document(tmp_path: Path, name: str) -> None:
    problem = refusal(written(tmp_path, name, b"This is no document at all, but a line of text."))
    assert "not a readable" in problem.reason


def test_an_old_word_file(tmp_path: Path) -> None:
    problem = refusal(written(tmp_path, "old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))
    assert "password" in problem.reason


def test_a_docx_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    data = repacked(docx(), "word/document.xml", b" " * (64 * guard.MB))
    assert len(data) < guard.MB
    assert "times its size" in refusal(written(tmp_path, "bomb.docx", data)).reason


def test_a_docx_that_declares_entities(tmp_path: Path) -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY a SYSTEM "file:///etc/hostname">]><w:document>&a;</w:document>'
    problem = refusal(written(tmp_path, "xxe.docx", repacked(docx(), "word/document.xml", evil)))
    assert "DOCTYPE" in problem.reason


def test_an_empty_docx_and_an_empty_page(tmp_path: Path) -> None:
    assert "no text" in refusal(written(tmp_path, "empty.docx", docx(" "))).reason
    assert "no text" in refusal(written(tmp_path, "empty.html", b"<html><body><nav>Menu</nav></body></html>")).reason


def test_deep_html(tmp_path: Path) -> None:
    data = b"<html><body>" + b"<div>" * 20_000 + b"deep" + b"</div>" * 20_000 + b"</body></html>"
    problem = refusal(written(tmp_path, "deep.html", data))
    assert str(guard.MAX_HTML_DEPTH) in problem.reason


def test_html_entities_are_not_expanded(tmp_path: Path) -> None:
    lols = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    data = f'<!DOCTYPE html [<!ENTITY l0 "lol">{lols}]><html><body><p>{BODY}</p><p>&l8;</p></body></html>'
    started = perf_counter()
    items = list(sources.read(written(tmp_path, "laugh.html", data.encode())))
    assert sum(len(repr(item)) for item in items) < 10_000
    assert perf_counter() - started < 2


def test_more_text_than_a_document_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_DOCUMENT_CHARACTERS", 100)
    page = f"<html><body><p>{BODY}</p><p>{BODY}</p></body></html>".encode()
    for name, data in (("a.pdf", WHOLE), ("a.docx", docx(BODY * 3)), ("a.html", page)):
        assert "more text" in refusal(written(tmp_path, name, data)).reason


def test_directional_tricks_do_not_survive(tmp_path: Path) -> None:
    page = f"<html><head><title>Char\u202eter</title></head><body><p>{BODY} \u202eevil\u200b</p></body></html>"
    record = next(iter(sources.read(written(tmp_path, "rtl.html", page.encode()))))
    assert not {"\u202e", "\u200b"} & set(repr(record).encode().decode("unicode_escape", "ignore"))


@pytest.mark.parametrize("kind", ["pdf", "docx", "html"])
def test_mutated_documents_are_read_or_refused(tmp_path: Path, kind: str) -> None:
    """Forty of each with a fixed seed: torn, doubled, overwritten. Whatever comes, no exception and no long wait."""
    chance = random.Random(7)
    whole = {"pdf": WHOLE, "docx": docx(), "html": f"<html><body><h1>A</h1><p>{BODY}</p></body></html>".encode()}[kind]
    for number in range(40):
        data = bytearray(whole)
        at = chance.randrange(len(data))
        match number % 4:
            case 0:
                del data[at:]
            case 1:
                data[at : at + 200] = data[at : at + 200] * 20
            case 2:
                del data[at : at + chance.randrange(1, 200)]
            case _:
                for _ in range(30):
                    data[chance.randrange(len(data))] = chance.randrange(256)
        path = written(tmp_path, f"{number}.{kind}", bytes(data) or b" ")
        started = perf_counter()
        items: list[Item] = list(sources.read(path, format="document"))
        assert items, number
        assert perf_counter() - started < 5, number
