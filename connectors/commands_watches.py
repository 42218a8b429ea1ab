"""`commonground watch` and `commonground changes`: what an organisation wants to be told of, and what there is."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import client
from connectors.terminal import Json, clean, out, plain, print_json
from knowledge.records import RecordKind
from knowledge.watches import Event

app = typer.Typer(no_args_is_help=True, help="Alerts: what your organisation wants to be told of.")
changes_app = typer.Typer()

As = Annotated[str, typer.Option("--as", help="Ask as an organisation; only the operator may.")]
Places = Annotated[list[str] | None, typer.Option("--place", help="Place name or p-code.")]
Themes = Annotated[list[str] | None, typer.Option("--theme", help="Theme, cluster or sector.")]
Organisations = Annotated[list[str] | None, typer.Option("--org", help="Organisation.")]
Kinds = Annotated[list[RecordKind] | None, typer.Option("--kind", help="Kind of record; undeclared: all.")]
Limit = Annotated[int, typer.Option(min=1, max=200)]
_GROUPS = ("new", "ended", "changed", "withdrawn")


@app.command()
def add(
    place: Places = None,
    theme: Themes = None,
    org: Organisations = None,
    kind: Kinds = None,
    event: Annotated[list[Event] | None, typer.Option(help="What to be told of; undeclared: everything.")] = None,
    channel: Annotated[str, typer.Option(help="Where you want to be told, for later: nothing is sent yet.")] = "",
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Keep an alert on places, themes and organisations. Nothing is sent: `watch list` shows what it found."""
    body: dict[str, Any] = {"places": place or [], "themes": theme or [], "organisations": org or [], "as": speak_as}
    body |= {"kinds": [one.value for one in kind]} if kind else {}
    body |= {"events": [one.value for one in event]} if event else {}
    body |= {"channel": channel} if channel else {}
    with client.open_service() as service:
        made = service.post("/api/v1/watches", body)
    if as_json:
        print_json(made)
    else:
        out.print(f"Alert {made['id']} on {clean(_about(made))}.", markup=False, highlight=False)
        out.print("Nothing is sent by it. What it found: commonground watch list", style="cyan", highlight=False)


@app.command(name="list")
def list_(speak_as: As = "", as_json: Json = False) -> None:
    """The organisation's alerts, with what each found since its maker's last look."""
    with client.open_service() as service:
        found = service.get("/api/v1/watches", {"as": speak_as})
    if as_json:
        print_json(found)
        return
    table = Table(title="Alerts", title_justify="left")
    for column in ("Id", "On", "For", "Of", "Since"):
        table.add_column(column, overflow="fold")
    for name in _GROUPS:
        table.add_column(name.capitalize(), justify="right")
    for one in found["watches"]:
        counts = (f"{one['found'][name]:,}" for name in _GROUPS)
        texts = (one["id"], _about(one), ", ".join(one["events"]), one["by"], one["looked_at"][:10])
        table.add_row(*map(plain, texts), *counts)
    out.print(table)
    if not found["watches"]:
        raise typer.Exit(1)


@app.command()
def show(
    watch_id: str,
    since: Annotated[str, typer.Option(help="A day, a time or a version; undeclared: the last look.")] = "",
    limit: Limit = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """The records that an alert found."""
    with client.open_service() as service:
        found = service.get(
            f"/api/v1/watches/{client.quoted(watch_id)}", {"since": since, "limit": limit, "as": speak_as}
        )
    if as_json:
        print_json(found)
    else:
        _show_changes(found["changes"], f"Alert on {_about(found)}")


@app.command()
def remove(watch_id: str, speak_as: As = "", as_json: Json = False) -> None:
    """End an alert."""
    with client.open_service() as service:
        removed = service.delete(f"/api/v1/watches/{client.quoted(watch_id)}", {"as": speak_as})
    if as_json:
        print_json(removed)
    else:
        out.print(f"The alert on {clean(_about(removed))} has ended.", markup=False, highlight=False)


@changes_app.command()
def changes(
    since: Annotated[str, typer.Option(help="A day (2026-11-16), a time (UTC), or a version of the index.")],
    until: Annotated[str, typer.Option(help="Before this day or time.")] = "",
    place: Places = None,
    theme: Themes = None,
    org: Organisations = None,
    kind: Kinds = None,
    limit: Limit = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Records that are new, ended, changed or withdrawn since a day."""
    asked: dict[str, Any] = {"since": since, "until": until, "place": place or [], "theme": theme or []}
    asked |= {"org": org or [], "kind": [one.value for one in kind or []], "limit": limit, "as": speak_as}
    with client.open_service() as service:
        found = service.get("/api/v1/changes", asked)
    if as_json:
        print_json(found)
    else:
        _show_changes(found, "Changes")


def _about(watch: dict[str, Any]) -> str:
    return ", ".join(one["name"] for facet in ("themes", "places", "organisations") for one in watch[facet])


def _show_changes(found: dict[str, Any], title: str) -> None:
    counted = ", ".join(f"{found[name]['total']:,} {name}" for name in _GROUPS)
    out.print(f"{clean(title)} since {found['since'][:10]}: {counted}.", markup=False, highlight=False)
    for entry in found["first_read"]:
        said = (
            f"{entry['records']:,} of the new ones are of a source that was read for the first time: {entry['source']}"
        )
        out.print(clean(said), style="dim", markup=False, highlight=False)
    table = Table(show_lines=False)
    for column in ("Is", "Record", "Title", "Reported by", "Reported on", "Fields"):
        table.add_column(column, overflow="fold")
    for name in _GROUPS:
        for record in found[name]["records"]:
            fields = ", ".join(_field(change) for change in record["changes"])
            texts = (name, record["id"], record["title"], record["publisher"], record["reported_on"] or "", fields)
            table.add_row(*map(plain, texts))
    if table.row_count:
        out.print(table)
    else:
        raise typer.Exit(1)


def _field(change: dict[str, Any]) -> str:
    if change["before"] is None or change["after"] is None:
        return str(change["field"])
    return f"{change['field']}: {change['before'] or 'none'} → {change['after'] or 'none'}"
