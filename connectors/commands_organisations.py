"""`commonground organisations`: which organisations are possibly one; joining and parting them, and taking it back."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from connectors import client
from connectors.terminal import Json, err, out, plain, print_json, progress_bar

app = typer.Typer(no_args_is_help=True, help="Which organisations are possibly one; join them or part them.")
By = Annotated[str, typer.Option(help="Who says so. Default: your user name on this machine.")]
Reason = Annotated[str, typer.Option(help="Why, for whoever reads the decision later.")]
One = Annotated[str, typer.Argument(help="A name as a record writes it, or an organisation's id.")]


@app.command()
def possible(
    organisation: Annotated[str, typer.Argument(help="Only pairs with the organisation of this id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 30,
    speak_as: Annotated[str, typer.Option("--as", help="As public, community, or an organisation.")] = "",
    as_json: Json = False,
) -> None:
    """Organisations that are possibly one, with the evidence; nothing is joined until a person says so."""
    asked = {"organisation": organisation, "limit": limit, "as": speak_as}
    with client.open_service() as service:
        found = service.get("/api/v1/organisation-pairs", asked)
    if as_json:
        print_json(found)
        return
    table = Table(title="Possibly the same", title_justify="left")
    for column in ("Score", "One", "Other", "Why"):
        table.add_column(column, overflow="fold")
    for pair in found["pairs"]:
        why = "; ".join(" ".join(filter(None, (e["likeness"], e["detail"]))) for e in pair["evidence"])
        table.add_row(f"{pair['score']:.2f}", _side(pair["one"]), _side(pair["other"]), plain(why))
    out.print(table)
    if not found["pairs"]:
        raise typer.Exit(1)


@app.command()
def join(one: One, other: One, by: By = "", reason: Reason = "", as_json: Json = False) -> None:
    """Say that two are the same organisation. It outranks every rule and lasts."""
    _decide("same", one, other, by, reason, as_json)


@app.command()
def part(one: One, other: One, by: By = "", reason: Reason = "", as_json: Json = False) -> None:
    """Say that two are different organisations. It outranks every rule and lasts."""
    _decide("different", one, other, by, reason, as_json)


@app.command()
def undo(
    decision: Annotated[int, typer.Argument(help="The number of the decision.")], by: By = "", as_json: Json = False
) -> None:
    """Take a decision back."""
    _work("/api/v1/organisation-decisions/undo", {"decision": decision, "by": by or getpass.getuser()}, as_json)


@app.command()
def decisions(as_json: Json = False) -> None:
    """What persons decided, the latest first."""
    with client.open_service() as service:
        found = service.get("/api/v1/organisation-decisions", {})
    if as_json:
        print_json(found)
        return
    table = Table(title="Decisions", title_justify="left")
    for column in ("Number", "One", "is", "Other", "By", "When", "Why", "State"):
        table.add_column(column, overflow="fold")
    for entry in found["decisions"]:
        cells = (entry[key] for key in ("id", "one", "verdict", "other", "by", "at", "reason", "state"))
        table.add_row(*(plain(cell) for cell in cells))
    out.print(table)


def _decide(verdict: str, one: str, other: str, by: str, reason: str, as_json: bool) -> None:
    body = {"verdict": verdict, "one": one, "other": other, "by": by or getpass.getuser(), "reason": reason}
    _work("/api/v1/organisation-decisions", body, as_json)


def _work(path: str, body: dict[str, Any], as_json: bool) -> None:
    with client.open_service() as service, progress_bar(err) as progress:
        report = service.work(path, body, progress)
    if as_json:
        print_json(report)
        return
    made = report["decision"]
    said = f"Decision {made['id']}: {made['one']} is {made['verdict']} {'as' if made['verdict'] == 'same' else 'from'}"
    out.print(f"{said} {made['other']} ({made['state']}).", markup=False, highlight=False)
    if made["state"] == "holds":
        out.print(f"To take it back: commonground organisations undo {made['id']}", style="cyan", highlight=False)


def _side(side: dict[str, str]) -> Text:
    return plain(", ".join(filter(None, (side["name"], side["country"], side["ref"]))))
