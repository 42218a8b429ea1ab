"""The command `commonground`: talks to the running server of the home where there is one, else opens the home itself.

Exit codes: 0 done, 1 nothing found or something failed, 2 wrong input.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import (
    client,
    commands_answers,
    commands_compare,
    commands_evaluate,
    commands_introductions,
    commands_judgements,
    commands_organisations,
    commands_overlaps,
    commands_quality,
    commands_reindex,
    commands_sources,
    commands_tables,
    commands_watches,
    doctor,
    serving,
)
from connectors.client import CommandError
from connectors.terminal import Json, err, out, plain, print_json, progress_bar, show_answer, show_ingest
from knowledge.records import Level, RecordKind
from knowledge.settings import Settings, SettingsError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Who does what where, on whose word.")
app.add_typer(commands_sources.app)
app.add_typer(commands_quality.app)
app.add_typer(commands_reindex.app)
app.add_typer(commands_answers.app)
app.add_typer(commands_tables.app)
app.add_typer(commands_organisations.app, name="organisations")
commands_judgements.add_to(commands_overlaps.app)
app.add_typer(commands_overlaps.app, name="overlaps")
app.command()(commands_compare.compare)
app.add_typer(commands_watches.app, name="watch")
app.add_typer(commands_watches.changes_app)
app.add_typer(commands_introductions.app, name="introductions")
app.add_typer(commands_evaluate.app, name="evaluate")
As = Annotated[str, typer.Option("--as", help="Ask as: public, community, or the name of an organisation.")]


def main() -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        app()
    except (CommandError, SettingsError, serving.ServeError) as error:
        err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(getattr(error, "code", 2))
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: IATI XML, 3W tables, gazetteers, mandates.")],
    audience: Annotated[
        Level | None, typer.Option(help="Who may see them. Undeclared: only the own organisation.")
    ] = None,
    owner: Annotated[str, typer.Option(help="The organisation the records belong to. Undeclared: this one.")] = "",
    named: Annotated[
        list[str] | None, typer.Option(help="With --audience named: an organisation that may see.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read files into the index; prints what was read, refused and why."""
    if audience is Level.NAMED and not named:
        raise CommandError("--audience named names nobody. Add --named ORGANISATION, once for each", 2)
    with client.open_service() as service, progress_bar(err) as progress:
        report = service.ingest(paths, audience, owner, named or [], progress)
    _report(report, as_json)


@app.command()
def corpus(as_json: Json = False) -> None:
    """Read the shipped corpus of invented records."""
    from knowledge.corpus import FILES

    with client.open_service() as service, progress_bar(err) as progress:
        report = service.ingest([FILES], None, "", [], progress)
    _report(report, as_json, expected=True)


def _report(report: dict[str, Any], as_json: bool, expected: bool = False) -> None:
    if as_json:
        print_json(report)
    else:
        show_ingest(out, err, report, brief=expected)
    if report["refused"]:
        raise typer.Exit(2)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="A question, as you would type it in a chat.")],
    speak_as: As = "",
    conversation: Annotated[str, typer.Option(help="Go on with this conversation.")] = "",
    as_json: Json = False,
) -> None:
    """One chat turn, the whole path through Rasa."""
    body = {"text": text, "as": speak_as, "conversation": conversation}
    with client.chat_server(err) as service:
        answer = service.post("/api/v1/chat", body)
    if as_json:
        print_json(answer)
    else:
        show_answer(out, answer)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words to look for; may be empty with facets.")] = "",
    place: Annotated[list[str] | None, typer.Option(help="Place name or p-code.")] = None,
    theme: Annotated[list[str] | None, typer.Option(help="Theme, cluster or sector.")] = None,
    org: Annotated[list[str] | None, typer.Option(help="Organisation.")] = None,
    start: Annotated[str, typer.Option("--from", help="Active on or after this date (ISO).")] = "",
    end: Annotated[str, typer.Option("--to", help="Active on or before this date (ISO).")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(RecordKind)}."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Records by words, place, theme, organisation, period and kind."""
    asked = {
        "q": text,
        "place": place or [],
        "theme": theme or [],
        "org": org or [],
        "kind": kind or [],
        "from": start,
        "to": end,
        "limit": limit,
        "as": speak_as,
    }
    with client.open_service() as service:
        found = service.get("/api/v1/search", asked)
    if as_json:
        print_json(found)
        return
    table = Table(title=f"{found['total']} records", show_lines=False)
    for column in ("Record", "Title", "Reported by", "Timing", "Where"):
        table.add_column(column, overflow="fold")
    for item in found["results"]:
        where = ", ".join(dict.fromkeys(place["name"] for place in item["places"]))
        table.add_row(*map(plain, (item["id"], item["title"], item["publisher"], item["timing"], where[:60])))
    out.print(table)
    if not found["results"]:
        raise typer.Exit(1)


@app.command()
def link(text: str, speak_as: As = "", as_json: Json = False) -> None:
    """The organisations, places, themes and period that are read from a text."""
    with client.open_service() as service:
        result = service.post("/api/v1/link", {"text": text, "as": speak_as})
    if as_json:
        print_json(result)
        return
    table = Table(title=f"Read as {result['language']}")
    for column in ("Words", "Kind", "Reading", "Probability", "Else"):
        table.add_column(column, overflow="fold")
    for entity in result["entities"]:
        value, others = entity["value"], [other["value"] for other in entity["alternatives"]]
        table.add_row(
            plain(entity["text"]),
            entity["type"],
            plain(_reading(value, entity["text"])),
            f"{entity['probability']:.2f}",
            plain("; ".join(_reading(other) for other in others[:3])),
        )
    out.print(table)
    if result["words"]:
        out.print(f"Other topic words: {result['words']}", markup=False)


def _reading(value: dict[str, Any], typed: str = "") -> str:
    if "start" in value:
        dates = f"{value['start'] or '…'} to {value['end'] or '…'}" if value["start"] or value["end"] else ""
        return ", ".join(filter(None, (dates, value["words"] if value["words"] != typed else "")))
    read = ", ".join(str(value[key]) for key in ("name", "id", "code", "number") if value.get(key) is not None)
    members = ", ".join(member["name"] for member in value.get("members", ()))
    return f"{read}: {members}" if members else read


@app.command()
def record(record_id: str, speak_as: As = "", as_json: Json = False) -> None:
    """One record as its source states it, with its provenance."""
    with client.open_service() as service:
        found = service.get(f"/api/v1/records/{client.quoted(record_id)}", {"as": speak_as})
    _show(found, as_json)


@app.command()
def organisation(organisation_id: str, speak_as: As = "", as_json: Json = False) -> None:
    """One organisation: how sources write it, its kind, its records by role."""
    with client.open_service() as service:
        found = service.get(f"/api/v1/organisations/{client.quoted(organisation_id)}", {"as": speak_as})
    _show(found, as_json)


def _show(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    table = Table(show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for key, value in found.items():
        if value not in (None, "", [], {}) and key != "as_stated":
            table.add_row(key, plain(_shown(value)))
    out.print(table)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_shown(item) for item in value[:12]) + (
            f"\n… {len(value) - 12} more" if len(value) > 12 else ""
        )
    if isinstance(value, dict):
        shown = {k: v for k, v in value.items() if v not in (None, "", [])}
        return ", ".join(f"{k}: {len(v) if isinstance(v, list) else v}" for k, v in shown.items())
    return str(value)


@app.command()
def serve() -> None:
    """Run Rasa and the application together until Ctrl-C."""
    raise typer.Exit(serving.serve(Settings.load()))


@app.command(name="doctor")
def doctor_(as_json: Json = False) -> None:
    """Name each part, its state and the way to mend it."""
    found = doctor.checks(Settings.load(), client.schema_probe, client.vectors_probe)
    if as_json:
        print_json([{"part": c.part, "state": c.state, "detail": c.detail, "mend": c.mend} for c in found])
    else:
        table = Table(title="Common Ground")
        for column in ("Part", "State", "Detail", "To mend"):
            table.add_column(column, overflow="fold")
        colours = {"ok": "green", "idle": "cyan"}
        for check in found:
            table.add_row(check.part, f"[{colours.get(check.state, 'red')}]{check.state}[/]", check.detail, check.mend)
        out.print(table)
    if not doctor.healthy(found):
        raise typer.Exit(1)
