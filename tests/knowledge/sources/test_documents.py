"""PDF, DOCX, HTML and text become one record each, with a text per section and page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement

from knowledge import sources
from knowledge.corpus.pdf_writer import Line, pdf
from knowledge.declarations import declarations
from knowledge.records import Item, OrganisationMention, Problem, Record, RecordKind, Role, Text
from knowledge.sources import Format, Given
from knowledge.sources.document_words import looks_like_organisation, type_of
from knowledge.sources.sections import element_of
from knowledge.splitting import PassageSplitter

BODY = "The association repairs wells and trains the committees that look after them in every village"


def page(*lines: tuple[str, float] | tuple[str, float, bool], first: float = 770, lead: float = 12) -> list[Line]:
    """Lines of (text, size[, bold]) down the page; a size of 0 leaves a line out, as between paragraphs."""
    placed, height = [], first
    for text, size, *bold in lines:
        height -= max(lead, size * 1.2) if size else lead
        if size:
            placed.append(Line(text, 56, height, size, bool(bold and bold[0])))
    return placed


def with_edges(pages: Sequence[list[Line]]) -> list[list[Line]]:
    return [
        [
            Line(f"Plan of the association 2026 | {number}", 56, 806, 8),
            *lines,
            Line(f"Page {number} of {len(pages)}", 270, 30, 8),
        ]
        for number, lines in enumerate(pages, 1)
    ]


def only(items: list[Item]) -> Record:
    (record,) = [item for item in items if isinstance(item, Record)]
    return record


def read(path: Path, format: str | None = None, **given: Any) -> Record:  # noqa: A002
    items = list(sources.read(path, format=format, given=Given(**given)))
    assert not [item for item in items if isinstance(item, Problem)], items
    return only(items)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.pdf"
    pages = with_edges(
        [
            page(
                ("Strategic plan 2026-2029", 20, True),
                ("1. Mandate", 14, True),
                (BODY + ", and it speaks for them before the dis-", 10),
                ("trict council. It keeps a long-", 10),
                ("term view, and no long-term debt.", 10),
                ("", 0),
                ("A second paragraph stands apart.", 10),
                ("1.1 Limits of the mandate", 10, True),
                ("It never drills where a well can be repaired, and it leaves", 10),
            ),
            page(
                ("the large schemes to the county.", 10),
                ("2. Where we work", 14, True),
                ("In four counties of the north, with the water departments.", 10),
                ("• Turkana and Marsabit", 10),
                ("• Garissa and Wajir", 10),
            ),
            page(
                ("Contents ............................ 2", 10),
                ("OUR PARTNERS", 10),
                ("We work with the county governments and with the users of the water.", 10),
            ),
        ]
    )
    path.write_bytes(
        pdf(
            pages,
            title="Strategic plan 2026-2029",
            author="Wells Association",
            language="en-GB",
            written=date(2025, 12, 1),
        )
    )
    return path


def test_a_pdf_by_section_and_page(plan: Path) -> None:
    assert sources.detect(plan) is Format.DOCUMENT
    record = read(plan)
    assert [(text.page, text.heading) for text in record.texts] == [
        (1, "1. Mandate"),
        (1, "1. Mandate > 1.1 Limits of the mandate"),
        (2, "2. Where we work"),
        (3, "2. Where we work > OUR PARTNERS"),
    ]
    mandate, limits, where, partners = (text.text for text in record.texts)
    assert mandate == (
        f"{BODY}, and it speaks for them before the district council. It keeps a long-term view, and no long-term debt."
        "\n\nA second paragraph stands apart."
    )
    assert limits.endswith("it leaves the large schemes to the county."), "a sentence stays with the page it began on"
    assert where.splitlines()[-1] == "• Garissa and Wajir"
    assert "Page" not in " ".join(text.text for text in record.texts)
    assert "......" not in partners
    assert {text.purpose for text in record.texts} == {"section"}
    assert {text.language for text in record.texts} == {"en"}
    assert ("pages", "3") in record.extra


def test_what_a_pdf_says_of_itself_and_what_a_declaration_says_instead(plan: Path) -> None:
    record = read(plan)
    assert record.kind is RecordKind.MANDATE
    assert ("document-type", "strategic-plan") in record.extra
    assert record.title == "Strategic plan 2026-2029"
    assert record.organisations == (OrganisationMention(Role.REPORTING, "Wells Association"),)
    assert record.reported_on == date(2025, 12, 1)
    facts = sources.describe(plan)
    assert (facts.format, facts.title, facts.publisher) == ("document", "Strategic plan 2026-2029", "Wells Association")
    declared = read(plan, organisation="Lantern Relief", title="Evaluation of the plan", as_of=date(2026, 1, 31))
    assert declared.kind is RecordKind.DOCUMENT
    assert declared.organisations == (OrganisationMention(Role.REPORTING, "Lantern Relief"),)
    assert declared.reported_on == date(2026, 1, 31)
    assert declared.id != record.id
    assert read(plan).id == record.id


def test_passages_keep_heading_and_page(plan: Path) -> None:
    passages = PassageSplitter().passages(read(plan))
    assert {(passage.page, passage.heading) for passage in passages} == {
        (text.page, text.heading) for text in read(plan).texts
    }


def test_a_passage_is_found_again_by_its_page_and_heading(plan: Path) -> None:
    assert [element_of(text.page, text.heading) for text in read(plan).texts][1:3] == [
        "page 1, 1.1 Limits of the mandate",
        "page 2, 2. Where we work",
    ]
    assert [element_of(0, "A > B"), element_of(3, ""), element_of(0, "")] == ["B", "page 3", ""]


def test_an_author_who_is_a_person_is_not_kept(plan: Path) -> None:
    pages = [page((BODY, 10))]
    plan.write_bytes(pdf(pages, title="Microsoft Word - draft7.docx", author="Ada Example"))
    record = read(plan)
    assert record.organisations == ()
    assert record.title == "Plan"
    assert "Example" not in repr(record)


def test_numbers_and_repeated_words_that_are_no_running_heads_stay(tmp_path: Path) -> None:
    path = tmp_path / "advice.pdf"
    pages = [
        page(
            (f"Recommendation {number * 3}", 14, True),
            (BODY, 10),
            (f"Budget of {number * 1000} dollars", 10),
            (BODY, 10),
        )
        for number in range(1, 6)
    ]
    path.write_bytes(pdf(pages, title="Report"))
    texts = read(path).texts
    assert [text.heading for text in texts] == [f"Recommendation {number}" for number in (3, 6, 9, 12, 15)]
    assert all("Budget of" in text.text for text in texts)


def test_numbered_paragraphs_are_no_headings(tmp_path: Path) -> None:
    path = tmp_path / "numbered.pdf"
    lines: list[tuple[str, float]] = [("2.1 Scope of the office", 10)]
    for number in ("2.2", "2.3"):
        lines += [("", 0), (f"{number} {BODY} of the county,", 10), ("and it reports to the board.", 10)]
    path.write_bytes(pdf([page(*lines)]))
    (text,) = read(path).texts
    assert text.heading == "2.1 Scope of the office"
    assert text.text.split("\n\n") == [
        f"{n} {BODY} of the county, and it reports to the board." for n in ("2.2", "2.3")
    ]


def test_the_running_heads_of_short_chapters_go_too(tmp_path: Path) -> None:
    path = tmp_path / "chapters.pdf"
    pages = [
        [Line(f"{name} {number}", 56, 806, 8), Line(name, 56, 770, 16), Line(f"{BODY} of {name}.", 56, 740, 10)]
        for number, name in enumerate(("Wells", "Pumps", "Tanks", "Pipes", "Taps", "Users"), 11)
    ]
    path.write_bytes(pdf(pages))
    texts = read(path).texts
    assert [text.heading for text in texts] == ["Wells", "Pumps", "Tanks", "Pipes", "Taps", "Users"]
    assert not any(char.isdigit() for text in texts for char in text.text)


def test_a_hundred_and_twenty_pages_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(pdf([page((f"{BODY}, as page {number} of the report says.", 10)) for number in range(1, 121)]))
    record = read(path)
    assert [text.page for text in record.texts] == list(range(1, 121))
    assert len(PassageSplitter().passages(record)) == 120


def test_a_page_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "torn.pdf"
    first, second, third, end = pdf([page((f"{number} {BODY}", 10)) for number in range(1, 4)]).split(b"/FlateDecode")
    path.write_bytes(first + b"/FlateDecode" + second + b"/NoSuchCodec" + third + b"/FlateDecode" + end)
    items = list(sources.read(path))
    assert [text.page for text in only(items).texts] == [1, 3]
    (problem,) = [item for item in items if isinstance(item, Problem)]
    assert (problem.element, problem.fatal) == ("page 2", False)


# --- DOCX -------------------------------------------------------------------------------------------------------------


def evaluation(path: Path) -> Any:
    document = Document()
    document.core_properties.title = "Évaluation finale du projet Eau pour tous"
    document.core_properties.author = "Ada Example"
    document.core_properties.modified = document.core_properties.created = datetime(2026, 3, 4)
    document.add_heading("Évaluation finale du projet Eau pour tous", 0)
    document.add_heading("Constats", 1)
    document.add_paragraph("Les comités tiennent leurs comptes dans la plupart des villages qui ont été visités.")
    document.add_heading("Résultats", 2)
    table = document.add_table(2, 2)
    for cell, words in zip(
        (cell for row in table.rows for cell in row.cells), ("Cible", "Réalisé", "24", "26"), strict=True
    ):
        cell.text = words
    document.add_heading("Recommandations", 1)
    document.add_paragraph("Publier l'inventaire des ouvrages avec les communes et les services de l'État.")
    document.save(str(path))
    return document


def test_a_docx_by_heading_styles(tmp_path: Path) -> None:
    path = tmp_path / "rapport.docx"
    evaluation(path)
    assert sources.detect(path) is Format.DOCUMENT
    record = read(path, organisation="Horizons")
    assert [(text.heading, text.text) for text in record.texts] == [
        ("Constats", "Les comités tiennent leurs comptes dans la plupart des villages qui ont été visités."),
        ("Constats > Résultats", "Cible | Réalisé\n24 | 26"),
        ("Recommandations", "Publier l'inventaire des ouvrages avec les communes et les services de l'État."),
    ]
    assert {text.language for text in record.texts} == {"fr"}
    assert record.language == "fr"
    assert (record.kind, record.reported_on) == (RecordKind.DOCUMENT, date(2026, 3, 4))
    assert ("document-type", "evaluation") in record.extra
    assert "Example" not in repr(record)


def test_a_docx_with_changes_controls_text_boxes_and_pages(tmp_path: Path) -> None:
    path = tmp_path / "tracked.docx"
    document = evaluation(path)
    paragraph = document.paragraphs[2]._p
    for tag, words in (("w:ins", " Inserted."), ("w:del", " Deleted.")):
        change, run = OxmlElement(tag), OxmlElement("w:r")
        text = OxmlElement("w:t" if tag == "w:ins" else "w:delText")
        text.text = words
        run.append(text)
        change.append(run)
        paragraph.append(change)
    box = OxmlElement("w:txbxContent")
    box.append(document.add_paragraph("In a box.")._p)
    document.paragraphs[2].runs[0]._r.append(box)
    held, inner = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    inner.append(document.add_paragraph("In a control.")._p)
    held.append(inner)
    document.element.body.insert(4, held)
    document.paragraphs[-1].runs[0]._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))
    document.save(str(path))
    texts = read(path).texts
    whole = " ".join(text.text for text in texts)
    assert "Inserted." in whole
    assert "In a control." in whole
    assert "Deleted." not in whole
    assert "In a box." not in whole
    assert [text.page for text in texts] == [1, 1, 2]


# --- HTML -------------------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html>
<html lang="es-CO"><head><meta charset="{charset}"><title>Evaluación final | Sitio</title>
<meta property="og:title" content="Evaluación final"><meta property="og:site_name" content="Fundación Río Claro">
<meta property="article:published_time" content="2026-02-03T10:00:00Z">
<style>p {{ color: red }}</style><script>var secreto = "no";</script></head>
<body><header><p>Cabecera</p></header><nav><ul><li>Inicio</li></ul></nav>
<div class="cookie-banner">Acepte las galletas</div>
<article><h1>Evaluación final</h1><p>La fundación trabajó con las <b>comunidades</b> del río y con los maestros.</p>
<h2>Resultados</h2><ul><li>Uno</li><li>Dos</li></ul>
<table><tr><th>Meta</th><th>Logro</th></tr><tr><td>90</td><td>71</td></tr></table>
<p hidden>Oculto</p><aside>Al margen</aside></article><footer>Pie de página</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252"])
def test_html_without_what_surrounds_it(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "pagina.html"
    path.write_bytes(PAGE.format(charset=charset).encode(charset))
    assert sources.detect(path) is Format.DOCUMENT
    record = read(path)
    assert [(text.heading, text.text) for text in record.texts] == [
        ("", "La fundación trabajó con las comunidades del río y con los maestros."),
        ("Resultados", "Uno\n\nDos\n\nMeta | Logro\n\n90 | 71"),
    ]
    assert (record.title, record.language, record.reported_on) == ("Evaluación final", "es", date(2026, 2, 3))
    assert record.organisations[0].name == "Fundación Río Claro"
    assert record.kind is RecordKind.DOCUMENT


def test_html_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "download"
    path.write_text(PAGE.format(charset="utf-8"))
    assert sources.detect(path) is Format.DOCUMENT
    (tmp_path / "a.xml").write_text("<html><body>x</body></html>")
    with pytest.raises(sources.UnknownType):
        sources.detect(tmp_path / "a.xml")


# --- text -------------------------------------------------------------------------------------------------------------

PLAIN = """WELLS ASSOCIATION

1. Mandate

The association repairs wells.
1. This is an item and no heading,
2. and so is this.

1.1 Limits

It never drills.

OUR PARTNERS

The county governments.
"""


def test_text_without_front_matter_is_a_document_only_where_it_is_declared_one(tmp_path: Path) -> None:
    path = tmp_path / "README.txt"
    path.write_text(PLAIN)
    with pytest.raises(sources.UnknownType):
        sources.detect(path)
    assert sources.survey([tmp_path])[0] == []
    record = read(path, "document", organisation="Wells Association", title="Terms of reference", type="mandate")
    assert [(text.heading, text.text.splitlines()[0]) for text in record.texts] == [
        ("", "WELLS ASSOCIATION"),
        ("1. Mandate", "The association repairs wells."),
        ("1. Mandate > 1.1 Limits", "It never drills."),
        ("1. Mandate > 1.1 Limits > OUR PARTNERS", "The county governments."),
    ]
    assert record.kind is RecordKind.MANDATE
    assert "2. and so is this." in record.texts[1].text


def test_markdown_without_front_matter_when_declared(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("Before.\n\n# One\n\nFirst.\n\n# Empty\n\n# Two\n\n## Deeper\nSecond.\n")
    record = read(path, "document", title="Minutes of the October meeting", organisation="Forum")
    assert [(text.heading, text.text) for text in record.texts] == [
        ("", "Before."),
        ("One", "First."),
        ("", "Empty"),
        ("Two > Deeper", "Second."),
    ]
    assert ("document-type", "meeting-notes") in record.extra


def test_the_type_in_a_front_matter_decides_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    front = "---\norganisation: Forum\ntitle: Our strategy\ntype: {}\n---\nText of the document.\n"
    path.write_text(front.format("evaluation"))
    assert only(list(sources.read(path))).kind is RecordKind.DOCUMENT
    path.write_text(front.format("poem"))
    record, problem = sorted(sources.read(path), key=lambda item: isinstance(item, Problem))
    assert isinstance(record, Record)
    assert ("document-type", "strategic-plan") in record.extra
    assert isinstance(problem, Problem)
    assert (problem.element, problem.fatal) == ("type", False)


def test_each_text_has_the_language_its_words_tell(tmp_path: Path) -> None:
    path = tmp_path / "both.md"
    path.write_text(
        "---\norganisation: Forum\ntitle: Charter\n---\n# English\nThe forum is open to all who work in the valley, "
        "and it has no members of its own.\n# Français\nLe forum est ouvert à tous ceux qui travaillent ici, "
        "et il n'a pas de membres.\n# العربية\nالمنتدى مفتوح لجميع من يعمل في الوادي\n# Short\n2026\n"
    )
    record = read(path)
    assert [text.language for text in record.texts] == ["en", "fr", "ar", "en"]


def test_the_shipped_documents() -> None:
    folder = Path(sources.__file__).parents[1] / "corpus" / "files"
    declared, problems = declarations([folder])
    assert not problems
    found = {
        declaration.path.name: read(
            declaration.path, declaration.format, title=declaration.title, publisher=declaration.publisher
        )
        for declaration in declared
        if declaration.path.parent.name == "documents"
    }
    told = {
        name: (record.kind.value, dict(record.extra)["document-type"], record.language, record.organisations[0].name)
        for name, record in found.items()
    }
    assert told == {
        "horizons-evaluation.docx": ("document", "evaluation", "fr", "Horizons Puits et Santé"),
        "lanternway-strategic-plan.pdf": ("mandate", "strategic-plan", "en", "Lanternway International"),
        "puente-claro-evaluacion.html": ("document", "evaluation", "es", "Puente Claro Internacional"),
        "turkana-water-meeting.md": ("document", "meeting-notes", "en", "Kenya Arid Counties Water Authority"),
    }
    assert {text.page for text in found["lanternway-strategic-plan.pdf"].texts} == {1, 2}
    assert "4. Money and partners" in {text.heading for text in found["lanternway-strategic-plan.pdf"].texts}


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Statute of the Office of the High Commissioner", "statute"),
        ("Acta constitutiva de la asociación", "statute"),
        ("Acta de la reunión del 3 de mayo", "meeting-notes"),
        ("Notes of the water coordination meeting", "meeting-notes"),
        ("Compte rendu de la réunion du cluster", "meeting-notes"),
        ("Mid-term review of the strategic plan", "evaluation"),
        ("Avaliação final do projeto", "evaluation"),
        ("تقييم برنامج المياه", "evaluation"),
        ("Plan stratégique 2026-2029", "strategic-plan"),
        ("ACT Alliance strategy", "strategic-plan"),
        ("الخطة الاستراتيجية للمنظمة", "strategic-plan"),
        ("Términos de referencia del clúster", "mandate"),
        ("Annual report 2025", "report"),
        ("strategic-plan", "strategic-plan"),
        ("Wells in Turkana", ""),
    ],
)
def test_the_type_by_the_words_of_a_title(title: str, kind: str) -> None:
    assert type_of(title) == kind


@pytest.mark.parametrize(
    ("author", "is_one"),
    [
        ("UNHCR", True), ("Ministry of Water", True), ("Fondation Baobab", True), ("Red Cross Society", True),
        ("Ada Example", False), ("admin", False), ("HP", False), ("USER", False), ("", False), ("Juan Pérez", False),
    ],
)  # fmt: skip
def test_an_author_is_an_organisation_only_where_its_name_says_so(author: str, is_one: bool) -> None:
    assert looks_like_organisation(author) is is_one


@pytest.mark.parametrize(
    "write", [lambda path: evaluation(path), lambda path: path.write_bytes(pdf([page((BODY, 10))]))]
)
def test_reading_leaves_no_file_open_and_logs_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, write: Callable[[Path], object]
) -> None:
    path = tmp_path / "document.docx"
    write(path)
    list(sources.read(path, format="document"))
    assert caplog.records == []
    path.unlink()


def test_a_section_longer_than_one_text_goes_on_in_the_next(tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    path.write_text("# One\n" + "".join(f"{number} {BODY}\n" for number in range(4000)))
    texts = read(path, "document").texts
    assert len(texts) > 5
    assert {text.heading for text in texts} == {"One"}
    words = " ".join(text.text for text in texts).split()
    assert words == " ".join(f"{number} {BODY}" for number in range(4000)).split()
    assert all(isinstance(text, Text) and len(text.text) <= 60_000 for text in texts)
