"""Answers and reports on a terminal. Text of records is printed as text: control characters are dropped."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PROBLEMS_SHOWN = 20


def clean(text: str) -> str:
    return _CONTROL.sub("", text)


out = Console(emoji=False)
err = Console(stderr=True, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(content: Any) -> None:
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n")


def plain(text: object) -> Text:
    """Text of records for a table: nothing in it is markup."""
    return Text(clean(str(text)))


class Bars:
    """Stages of an ingest as bars."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def start(self, stage: str, total: int) -> None:
        self._task = self._progress.add_task(stage, total=total or None)

    def advance(self, by: int = 1) -> None:
        if self._task is not None:
            self._progress.advance(self._task, by)

    def finish(self) -> None:
        if self._task is not None:
            task = next(t for t in self._progress.tasks if t.id == self._task)
            self._progress.update(self._task, total=task.completed or 1, completed=task.completed or 1)
            self._task = None


@contextmanager
def progress_bar(console: Console) -> Iterator[Bars]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=not console.is_terminal) as progress:
        yield Bars(progress)


def show_answer(out: Console, answer: dict[str, Any]) -> None:
    """An answer with its citations and next questions."""
    reply = answer["reply"]
    for part in reply["parts"]:
        match part["type"]:
            case "table":
                out.print(_table(part))
            case "list":
                for item in part["items"]:
                    out.print(Text("• ").append_text(_spans(item)))
            case "quote":
                out.print(Text(f"“{clean(part['text'])}” {_marks(part['cites'])}", style="italic"))
            case "picture":
                continue
            case "heading":
                out.print(Text(clean(part["text"]), style="bold"))
            case "notice":
                out.print(_spans(part["spans"]), style="yellow" if part["tone"] != "info" else "cyan")
            case _:
                out.print(_spans(part["spans"]))
    for citation in reply["citations"]:
        pieces = (citation["record"], citation["title"], citation["publisher"], citation["file"], citation["element"])
        said = ", ".join(clean(piece) for piece in pieces if piece)
        day = f", {citation['reported_on']}" if citation["reported_on"] else ""
        out.print(Text(f"[{citation['number']}] {said}{day}", style="dim"))
    if reply["buttons"]:
        out.print(Text("Next: " + " · ".join(clean(button["send"]) for button in reply["buttons"]), style="green"))
    if answer["conversation"]:
        out.print(Text(f"Go on with: --conversation {answer['conversation']}", style="dim"))


def _marks(numbers: list[int]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _spans(spans: list[dict[str, Any]]) -> Text:
    text = Text()
    for span in spans:
        text.append(clean(span["text"]), style="bold" if span["strong"] else "")
        if span["cites"]:
            text.append(f" {_marks(span['cites'])}", style="dim")
    return text


def _table(part: dict[str, Any]) -> Table:
    # Headings may be names of records, and a string would be read as markup.
    table = Table(title=plain(part["caption"]), title_justify="left", show_lines=True)
    for column in part["columns"]:
        table.add_column(plain(column["title"]), justify="right" if column["numeric"] else "left", overflow="fold")
    for row in part["rows"]:
        table.add_row(*(_spans(cell) for cell in row))
    return table


def show_ingest(out: Console, err: Console, report: dict[str, Any], *, brief: bool) -> None:
    """What was read, what was refused and why."""
    table = Table(title="Read", title_justify="left")
    for column in ("Format", "Files", "Records", "Added", "Changed", "Unchanged", "Retired", "Problems"):
        first = column == "Format"
        table.add_column(column, justify="left" if first else "right", no_wrap=first)
    formats: dict[str, list[int]] = {}
    for source in report["sources"]:
        row = formats.setdefault(source["format"], [0] * 7)
        keys = ("records", "added", "changed", "unchanged", "retired")
        for i, number in enumerate([1, *(source[key] for key in keys), len(source["problems"])]):
            row[i] += number
    for name, row in sorted(formats.items()):
        table.add_row(name, *(f"{number:,}" for number in row))
    out.print(table)
    # Refused files first: of those nothing at all was read.
    sources = sorted(report["sources"], key=lambda source: not source["refused"])
    problems = report["problems"] + [p for source in sources for p in source["problems"]]
    shown = 5 if brief else _PROBLEMS_SHOWN
    for problem in problems[:shown]:
        err.print(clean(problem), style="yellow", markup=False, highlight=False, soft_wrap=True)
    if len(problems) > shown:
        err.print(f"… and {len(problems) - shown:,} more; --json lists all", style="yellow")
    seconds = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in report["seconds"].items())
    out.print(
        f"{report['records']:,} records: {report['added']:,} added, {report['changed']:,} changed, "
        f"{report['unchanged']:,} unchanged, {report['retired']:,} retired; "
        f"{report['embedded']:,} texts embedded; {seconds}",
        highlight=False,
    )
    if left_out := report.get("personal_data_left_out"):
        said = ", ".join(f"{number:,} × {kind}" for kind, number in sorted(left_out.items()))
        out.print(f"Personal data was left out of what was read: {said}. --json says of which files", highlight=False)
    if any(source["undeclared"] and source["added"] for source in report["sources"]):
        out.print(
            "Nobody declared who may see these files, so only this installation's own organisation does. "
            "For published data, read them again with: --audience public",
            style="cyan",
        )
