"""`commonground quality`: a report on a publisher's data that one could send to the publisher."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import client
from connectors import quality_documents as documents
from connectors.terminal import Json, clean, out, plain, print_json

app = typer.Typer()


class DocumentFormat(StrEnum):
    MARKDOWN = "md"
    HTML = "html"
    CSV = "csv"


@app.command()
def quality(
    publisher: Annotated[str, typer.Argument(help="Name, reference or identifier of the organisation that reports.")],
    document: Annotated[
        DocumentFormat | None, typer.Option("--format", help="Print a document to send instead of a table.")
    ] = None,
    speak_as: Annotated[str, typer.Option("--as", help="Ask as: public, community, or an organisation.")] = "",
    as_json: Json = False,
) -> None:
    """How good a publisher's records are, with examples and how to mend them."""
    with client.open_service() as service:
        report = service.get("/api/v1/quality", {"publisher": publisher, "as": speak_as})
    if as_json:
        print_json(report)
    elif document is not None:
        writers = {
            DocumentFormat.MARKDOWN: documents.markdown,
            DocumentFormat.HTML: documents.html,
            DocumentFormat.CSV: documents.table,
        }
        sys.stdout.write(writers[document](report))
    else:
        _show(report)


def _show(report: dict[str, Any]) -> None:
    def line(text: str) -> None:
        out.print(clean(text), markup=False, highlight=False)

    line(f"Data quality: {report['publisher']['name']}")
    for said in documents.opening(report):
        line(said)
    scores = Table(
        title="Scores", title_justify="left", caption=f"Score = {report['formula']}.", caption_justify="left"
    )
    for column, justify in (("Dimension", "left"), ("Score", "right"), ("Median", "right"), ("Asked", "left")):
        scores.add_column(column, justify="right" if justify == "right" else "left", overflow="fold")
    for row in documents.score_rows(report):
        scores.add_row(*row)
    out.print(scores)
    for said in report["good"]:
        line(f"+ {said}")
    notes = Table(title="What to mend", title_justify="left", show_lines=True)
    for column in ("Note", "Records", "Share", "Median", "How to mend it", "For example"):
        notes.add_column(column, overflow="fold")
    for note in report["notes"]:
        example = note["examples"][0]
        notes.add_row(
            note["title"],
            f"{note['records']:,} of {note['of']:,}",
            documents.percent(note["share"]),
            documents.percent(note["median_share"]),
            note["mend"],
            plain(f"{example['id']} ({documents.where(example)})"),
        )
    out.print(notes)
