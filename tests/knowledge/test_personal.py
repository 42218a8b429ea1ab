"""Personal data is found in five languages, what only looks like it stays, and no value is ever told."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import personal, sources
from knowledge.personal.items import Scrubber, scrubbed
from knowledge.records import (
    Contact,
    Document,
    GazetteerPlace,
    Indicator,
    Locator,
    Money,
    Note,
    OrganisationMention,
    OrganisationName,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Text,
)

LINES = Path(__file__).with_name("personal_lines.txt")
MARKED = re.compile("⟦(.*?)⟧", re.DOTALL)


def lines() -> list[tuple[str, list[tuple[int, int]]]]:
    """(text, spans of personal data in it) of every invented line."""
    found = []
    for line in LINES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            spans: list[tuple[int, int]] = []
            written = line.replace("\\n", "\n")
            for match in MARKED.finditer(written):
                start = match.start() - 2 * len(spans)
                spans.append((start, start + len(match[1])))
            found.append((written.replace("⟦", "").replace("⟧", ""), spans))
    return found


def test_precision_and_recall_on_invented_lines() -> None:
    read = lines()
    assert len(read) >= 200
    hits = misses = alarms = 0
    wrong = []
    for text, spans in read:
        found = personal.find(text)
        hit = sum(any(f.start <= start and end <= f.end for f in found) for start, end in spans)
        alarm = sum(not any(f.start < end and start < f.end for start, end in spans) for f in found)
        hits, misses, alarms = hits + hit, misses + len(spans) - hit, alarms + alarm
        if hit < len(spans) or alarm:
            wrong.append(text)
    precision, recall = hits / (hits + alarms), hits / (hits + misses)
    print(f"{len(read)} lines, {hits + misses} values: precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.98, wrong
    assert recall >= 0.97, wrong


@pytest.mark.parametrize(
    ("text", "spans"), [pytest.param(*one, id=str(n)) for n, one in enumerate(lines()) if not one[1]]
)
def test_what_only_looks_personal_stays(text: str, spans: list[tuple[int, int]]) -> None:
    assert personal.scrub(text) == (text, Counter())


def test_the_sentence_stays_readable() -> None:
    text = "Contact: Jane Wanjiru, tel +254 722 123 456, jane.wanjiru@bridgewell.example, or info@bridgewell.example."
    scrubbed_text, counts = personal.scrub(text)
    assert scrubbed_text == "Contact: [left out], tel [left out], or info@bridgewell.example."
    assert counts == {personal.NAME: 1, personal.PHONE: 1, personal.MAIL: 1}


def test_short_fields_keep_digits_without_a_label() -> None:
    code = "A1 0722 123 456"
    assert personal.scrub(code, prose=False)[0] == code
    assert personal.scrub(f"Tel: {code[3:]}", prose=False)[0] == "Tel: [left out]"


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("info@saltmarsh.example", True),
        ("kenya.office@saltmarsh.example", True),
        ("saltmarsh@saltmarsh.example", True),
        ("prensa@manglar.example", True),
        ("jane@saltmarsh.example", False),
        ("j.doe@saltmarsh.example", False),
        ("info.jane@saltmarsh.example", False),
        ("1234@saltmarsh.example", False),
    ],
)
def test_mailboxes_of_a_role(address: str, role: bool) -> None:
    assert personal.is_role_mailbox(address) is role


def test_a_note_counts_and_reads_back() -> None:
    counts = Counter({personal.MAIL: 2, personal.NAME: 1, personal.IDENTITY: 3})
    note = personal.note(counts)
    assert note.code == personal.NOTE
    assert personal.counts_of([note, Note("no-end-date", "7 names")]) == counts


SECRETS = ("Jane Wanjiru", "jane.wanjiru", "722 123 456", "p.okello")


def record() -> Record:
    return Record(
        id="XX-1",
        kind=RecordKind.ACTIVITY,
        title="Wells (contact person: Jane Wanjiru)",
        locator=Locator("iati-activity[1]", 3),
        texts=(
            Text("general", "Wells in Lodwar. Write to jane.wanjiru@mailhost.example.", "en", "By Dr. Jane Wanjiru"),
        ),
        organisations=(
            OrganisationMention(Role.REPORTING, "Saltmarsh Aid (tel +254 722 123 456)", ref="XX-9"),
            OrganisationMention(Role.IMPLEMENTING, "Mrs. Jane Wanjiru"),
            OrganisationMention(Role.FUNDING, "Bill & Melinda Gates Foundation"),
        ),
        places=(PlaceMention("KE", ("Turkana",), "KE023", "Ask Mr. Jane Wanjiru"),),
        money=(Money("1", 5.0, "USD", provider="Prof. Jane Wanjiru"),),
        indicators=(Indicator("Wells", "Wells dug", target="10", comment="Prepared by Jane Wanjiru."),),
        documents=(
            Document("Report by Ms. Jane Wanjiru", "https://bridgewell.example/report.pdf"),
            Document("Form", "https://bridgewell.example/form?mail=jane.wanjiru@mailhost.example"),
        ),
        contacts=(
            Contact("Saltmarsh", "https://saltmarsh.example", "p.okello@saltmarsh.example"),
            Contact("Saltmarsh", "", "jane.wanjiru@saltmarsh.example"),
            Contact("Saltmarsh", "", "info@saltmarsh.example"),
        ),
        notes=(personal.note(Counter({personal.ADDRESS: 1})),),
        extra=(("other-identifier", "A1 0722 123 456"), ("remark", "Tel: +254 722 123 456")),
    )


def test_every_text_of_a_record_is_scrubbed() -> None:
    whole = Scrubber().record(record())
    said = repr(replace(whole, extra=whole.extra[1:]))
    assert not [secret for secret in SECRETS if secret in said]
    assert whole.organisations[0].name == "Saltmarsh Aid (tel [left out])"
    assert [mention.role for mention in whole.organisations] == [Role.REPORTING, Role.FUNDING]
    assert whole.contacts == (
        Contact("Saltmarsh", "https://saltmarsh.example"),
        Contact("Saltmarsh", "", "info@saltmarsh.example"),
    )
    assert [document.url for document in whole.documents] == ["https://bridgewell.example/report.pdf"]
    assert whole.extra[0] == ("other-identifier", "A1 0722 123 456")
    (note,) = whole.notes
    counts = personal.counts_of([note])
    assert counts[personal.ADDRESS] == 1
    assert counts[personal.MAIL] == 4
    assert counts[personal.PHONE] == 1


def test_a_clean_record_is_the_very_same() -> None:
    clean = Record("XX-1", RecordKind.ACTIVITY, "Wells", Locator("iati-activity[1]"))
    scrubber = Scrubber()
    assert scrubber.record(clean) is clean
    assert scrubber.record(clean) is clean


def test_names_of_a_list_and_problems_are_scrubbed_too() -> None:
    place = GazetteerPlace("KE", 1, "KE023", "Turkana")
    items = [
        OrganisationName("Saltmarsh (jane.wanjiru@mailhost.example)", "Saltmarsh Aid"),
        OrganisationName("Saltmarsh", "Saltmarsh Aid"),
        place,
        Problem("a.csv", "row 2", 2, "'jane.wanjiru@mailhost.example' is not a p-code", "Write one"),
    ]
    assert list(scrubbed(items)) == [
        items[1],
        place,
        Problem("a.csv", "row 2", 2, "'[left out]' is not a p-code", "Write one"),
    ]


def test_what_is_read_from_a_file_is_scrubbed(tmp_path: Path) -> None:
    table = tmp_path / "kenya_3w_october_2026.csv"
    table.write_text(
        "Organisation,Cluster,Activity,Admin1,Admin2\n"
        "Saltmarsh Aid,WASH,Wells. Contact person: Jane Wanjiru +254 722 123 456,Turkana,Loima\n",
        encoding="utf-8",
    )
    (read,) = [item for item in sources.read(table) if isinstance(item, Record)]
    assert read.texts[0].text == "Wells. Contact person: [left out]"
    assert "Jane" not in repr(read)
    assert personal.counts_of(read.notes) == {personal.NAME: 1, personal.PHONE: 1}


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 100_000, "A. " * 30_000, "a@" * 50_000, "a.b@" * 30_000, "1 " * 50_000, "+1 " * 30_000, "Aa " * 30_000),
        *("Contact: " * 8_000, "Dr. A" * 20_000, "(202) " * 20_000, "Passport no " * 9_000, "IBAN GB82 " * 9_000),
        *("Contact: " + "Aa-" * 30_000, "prepared by " * 9_000, "السيد " * 9_000, "\n" * 100_000),
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    personal.find(text)
    assert time.process_time() - started < 2
