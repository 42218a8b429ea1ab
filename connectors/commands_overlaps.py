"""`commonground overlaps`: which initiatives to bring together, where most overlap, and the graph of all as a file.

Exit codes: 0 found, 1 nothing found or a record that is not known, 2 wrong input.
"""

from __future__ import annotations

import sys
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table
from typer.core import TyperGroup

from connectors import client
from connectors.client import CommandError, NotYet
from connectors.terminal import Json, clean, err, out, plain, print_json, progress_bar
from knowledge.overlap.proposals import MOST_BYTES

T = TypeVar("T")

_PAUSE = 1.0
_SURE, _SAME, _PERHAPS = 0.5, 10, 3
"""Of what is the same work or programme: shown for sure from this probability, so many, else so many that may be."""
FIND = "find"

Several = list[str] | None
As = Annotated[str, typer.Option("--as", help="Ask as: public, community, or the name of an organisation.")]
Hidden = Annotated[bool, typer.Option("--ignore-declared-links", help="Hide links that the records declare.")]
Language = Annotated[str, typer.Option(help="Of the reasons: en, fr, es, ar, pt.")]


class _FindFirst(TyperGroup):
    """`commonground overlaps ID` is `commonground overlaps find ID`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [FIND, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_FindFirst, no_args_is_help=True, help="Which initiatives should be brought together; the graph of all of them."
)


@app.command(name=FIND)
def find(
    record: Annotated[str, typer.Argument(help="Identifier of a record.")] = "",
    file: Annotated[Path | None, typer.Option(help="A proposal: PDF, DOCX or text. Nothing of it is stored.")] = None,
    place: Annotated[Several, typer.Option(help="Place name or p-code.")] = None,
    theme: Annotated[Several, typer.Option(help="Theme, cluster or sector.")] = None,
    org: Annotated[Several, typer.Option(help="Organisation.")] = None,
    start: Annotated[str, typer.Option("--from", help="Running on or after this date (ISO).")] = "",
    end: Annotated[str, typer.Option("--to", help="Running on or before this date (ISO).")] = "",
    org_kind: Annotated[Several, typer.Option(help="Kind of who does the work: un, ingo, nngo, government ...")] = None,
    starting_within: Annotated[int, typer.Option(min=0, max=120, help="Starting in so many months.")] = 0,
    at_least: Annotated[int, typer.Option(min=0, max=50, help="So many organisations in one district.")] = 0,
    only_open: Annotated[bool, typer.Option("--only-open", help="Leave out what ended.")] = False,
    ignore_links: Hidden = False,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    language: Language = "en",
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Which initiatives a record or a proposal meets, or who should meet at a place; this is what `overlaps` does where
    no other command is named."""
    if record and file is not None:
        raise CommandError("Name a record or give a file, not both", 2)
    asked: dict[str, Any] = {
        "org": org or [],
        "from": start,
        "to": end,
        "org_kind": org_kind or [],
        "starting_within": starting_within,
        "at_least": at_least,
        "only_open": only_open,
        "ignore_declared_links": ignore_links,
        "limit": limit,
        "offset": offset,
        "language": language,
        "as": speak_as,
    }
    with client.open_service() as service:
        if file is not None:
            # Where nothing is said, it is read from the proposal.
            said = {name: value for name, value in (("places", place), ("themes", theme)) if value is not None}
            body = {**asked, **said, "file": _sent(file)}
            found = awaited(lambda: service.post("/api/v1/overlaps", body))
        else:
            query = {**asked, "record": record, "place": place or [], "theme": theme or []}
            found = awaited(lambda: service.get("/api/v1/overlaps", query))
    if as_json:
        print_json(found)
    else:
        _show(found)
    if not found["meetings"] and not found["same"]:
        raise typer.Exit(1)


@app.command()
def cells(
    place: Annotated[str, typer.Option(help="Only there: name or p-code.")] = "",
    theme: Annotated[str, typer.Option(help="Only this theme and those under it.")] = "",
    below: Annotated[bool, typer.Option("--below", help="Areas below the country.")] = False,
    only_open: Annotated[bool, typer.Option("--only-open", help="Only what runs today or later.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Where most initiatives overlap: cells of a place and a theme, the busiest first."""
    asked = {"place": place, "theme": theme, "below": below, "only_open": only_open, "limit": limit, "as": speak_as}
    with client.open_service() as service:
        found = awaited(lambda: service.get("/api/v1/overlaps/cells", asked))
    if as_json:
        print_json(found)
    elif found["cells"]:
        table = Table(title=f"Where most overlap, as of {found['as_of']}", title_justify="left")
        for column, justify in (("Place", "left"), ("Theme", "left"), ("Pairs", "right"), ("Initiatives", "right")):
            table.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]
        table.add_column("Publishers", justify="right")
        for cell in found["cells"]:
            numbers = (f"{cell[key]:,}" for key in ("pairs", "initiatives", "publishers"))
            table.add_row(plain(cell["place_name"]), plain(cell["theme_name"]), *numbers)
        out.print(table)
    else:
        _line(f"No overlaps in this index as of {found['as_of']}. That is no proof of absence.")
    if not found["cells"]:
        raise typer.Exit(1)


@app.command()
def export(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="csv, json or graphml.")],
    file: Annotated[Path, typer.Argument(help='Where to write it; "-" for the screen.')],
    speak_as: As = "",
) -> None:
    """Write the whole graph: every pair of records that have to do with each other."""
    if form not in ("csv", "json", "graphml"):
        raise CommandError(f"Format {form!r} is unknown. Use csv, json or graphml", 2)
    with client.open_service() as service:
        parts = awaited(lambda: service.download("/api/v1/overlaps/export", {"format": form, "as": speak_as}))
        if str(file) == "-":
            for part in parts:
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
            return
        # The file of that name is whole or it is not there.
        beside = file.with_name(f".{file.name}.part")
        try:
            with beside.open("wb") as written:
                size = sum(written.write(part) for part in parts)
            beside.replace(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}", 2) from None
        finally:
            beside.unlink(missing_ok=True)
    err.print(f"{size:,} bytes written to {file}", highlight=False, markup=False)


def awaited(ask: Callable[[], T]) -> T:
    """The answer, however long initiatives are still being compared; shows how far that is once it takes a while."""
    try:
        return ask()
    except NotYet as error:
        first = error
    with progress_bar(err) as bars:
        done = 0
        total = 0
        waiting = first
        while True:
            if waiting.total and waiting.total != total:
                bars.finish()
                bars.start("Comparing initiatives", waiting.total)
                done, total = 0, waiting.total
            bars.advance(max(0, waiting.done - done))
            done = max(done, waiting.done)
            time.sleep(_PAUSE)
            try:
                return ask()
            except NotYet as error:
                waiting = error


def _sent(file: Path) -> dict[str, str]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} has more than {MOST_BYTES // 1024 // 1024} MB. Give its summary as text", 2)
        return {"name": file.name, "content": b64encode(file.read_bytes()).decode()}
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", 2) from None


def _line(said: str, style: str = "") -> None:
    out.print(clean(said), markup=False, highlight=False, style=style or None)


def _show(found: dict[str, Any]) -> None:
    records = {record["id"]: record for record in found["records"]}
    if "read" in found:
        _line(_read_of(found["read"]), "cyan")
    if found["subject"]:
        _line(f"{_title(found, records, found['subject']['lead'])}{_reported(found['subject'])}", "bold")
    sure = [meeting for meeting in found["same"] if meeting["probability"] >= _SURE or meeting["judged"]]
    same = sure[:_SAME] or found["same"][:_PERHAPS]
    for meeting in same:
        other = meeting["records"][-1]
        perhaps = "" if meeting in sure else "perhaps "
        said = f"{perhaps}{meeting['label']} ({meeting['probability']:.2f})"
        family = _reported(meeting["headings"][-1])
        _line(f"  {said}: {_title(found, records, other)}{family} [{other}]")
    if more := len(found["same"]) - len(same):
        _line(f"  … and {more} more that {'is' if more == 1 else 'are'} perhaps the same work or programme (--json)")
    if found["meetings"]:
        table = Table(title=_counted(found), title_justify="left", show_lines=True)
        for column, ratio in (("", 1), ("What", 3), ("Who and what", 12), ("Why", 10)):
            table.add_column(column, overflow="fold", ratio=ratio)
        for number, meeting in enumerate(found["meetings"], found["offset"] + 1):
            table.add_row(str(number), plain(_what(found, meeting)), _who(found, records, meeting), _why(meeting))
        out.print(table)
    else:
        coverage = found["coverage"]
        reason = {
            "not_covered": "My sources do not cover that place",
            "none_reported": "No initiative that answers this is published",
            "reported": "Initiatives are published, and none of them meet",
        }[coverage["state"]]
        _line(f"{reason} in this index as of {coverage['as_of']}. That is no proof of absence.")
    if found["coverage"]["presence_rows"]:
        _line(
            f"Presence tables answer the same with {found['coverage']['presence_rows']:,} rows; they are not compared."
        )


def _counted(found: dict[str, Any]) -> str:
    counts = ", ".join(f"{number:,} {label}" for label, number in found["by_label"].items())
    shown = len(found["meetings"])
    part = f"; {found['offset'] + 1} to {found['offset'] + shown}" if shown < found["total"] else ""
    return f"{counts} of {found['compared']:,} initiatives{part}"


def _read_of(read: dict[str, Any]) -> str:
    """What was read of a proposal, so that it can be corrected with --place, --theme, --from and --to."""
    parts = [
        ("where", ", ".join(place["name"] for place in read["places"])),
        ("what", ", ".join(theme["name"] for theme in read["themes"])),
        ("when", " to ".join(filter(None, (read["start"], read["end"])))),
        ("who", ", ".join(f"{one['name']} ({one['role']})" for one in read["organisations"])),
        ("money", ", ".join(f"{one['amount']:,.0f} {one['currency']}" for one in read["amounts"])),
    ]
    return "Read: " + "; ".join(f"{name}: {value or 'nothing'}" for name, value in parts) + ". Nothing of it is stored."


def _title(found: dict[str, Any], records: dict[str, Any], ident: str) -> str:
    record = records.get(ident)
    if record is None:
        return str(found["proposal"] or ident)
    days = f"{record['start'] or '?'} to {record['end'] or '?'}"
    timing = f", {_timing(record)}" if record["timing"] != "current" else ""
    return f"{record['title']} — {record['publisher'] or 'no publisher'}, {days}{timing}"


def _timing(record: dict[str, Any]) -> str:
    if record["stale"]:
        return f"reported as under way, planned end passed {record['months']} months ago"
    return str({"undated": "without an end"}.get(record["timing"], record["timing"]))


def _reported(heading: dict[str, Any]) -> str:
    family = sum(len(fold["records"]) for fold in heading["folded"] if fold["kind"] == "family")
    parts = [f"reported {heading['reported']} times: {', '.join(heading['publishers'])}"] * (heading["reported"] > 1)
    parts += [f"with {family} more of the same programme"] * (family > 0)
    return f" ({'; '.join(parts)})" if parts else ""


def _what(found: dict[str, Any], meeting: dict[str, Any]) -> str:
    place = f"\n{found['places'].get(meeting['place'], meeting['place'])}" if meeting["place"] else ""
    when = {"now": "", "ahead": "\nahead", "open": "\nopen whether still running", "past": "\nover"}[meeting["when"]]
    label = "nothing alike found" if meeting["label"] == "unrelated" else meeting["label"]
    sure = "as judged" if meeting["judged"] else f"{meeting['probability']:.2f}"
    return f"{label}{place}\n{sure}{when}" if meeting["pairs"] else f"{label}{place}{when}"


def _who(found: dict[str, Any], records: dict[str, Any], meeting: dict[str, Any]) -> Any:
    asked_about = found["subject"]["lead"] if found["subject"] else None
    shown = [heading for heading in meeting["headings"] if heading["lead"] != asked_about]
    lines = [f"{_title(found, records, one['lead'])}{_reported(one)} [{one['lead']}]" for one in shown[:6]]
    lines += [f"… and {len(shown) - 6} more"] * (len(shown) > 6)
    return plain("\n".join(lines))


def _why(meeting: dict[str, Any]) -> Any:
    return plain("\n".join([*(c["text"] for c in meeting["for"]), *(f"But: {c['text']}" for c in meeting["against"])]))
