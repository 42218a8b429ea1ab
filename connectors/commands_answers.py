"""`commonground mandate` and `commonground results`: quotations and reported figures, with where they stand.

Exit codes: 0 found, 1 nothing found, 2 wrong input.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import client
from connectors.terminal import Json, clean, out, plain, print_json

app = typer.Typer()

Places = Annotated[list[str] | None, typer.Option("--place", help="Place name or p-code.")]
Themes = Annotated[list[str] | None, typer.Option("--theme", help="Theme, cluster or sector.")]
Organisations = Annotated[list[str] | None, typer.Option("--org", help="Organisation.")]
Limit = Annotated[int, typer.Option(min=1, max=200)]
As = Annotated[str, typer.Option("--as", help="Ask as: public, community, or an organisation.")]


@app.command()
def mandate(
    text: Annotated[str, typer.Argument(help="A topic, an organisation, or a question that names one.")],
    place: Places = None,
    theme: Themes = None,
    org: Organisations = None,
    limit: Limit = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Who says it has the mandate for something, or what an organisation says of itself."""
    asked = {"q": text, "place": place or [], "theme": theme or [], "org": org or [], "limit": limit, "as": speak_as}
    with client.open_service() as service:
        found = service.get("/api/v1/mandates", asked)
    if as_json:
        print_json(found)
    else:
        _show_statements(found)
    if not found["statements"]:
        raise typer.Exit(1)


@app.command()
def results(
    place: Places = None,
    theme: Themes = None,
    org: Organisations = None,
    limit: Limit = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Targets beside reported figures, and what evaluations say."""
    asked = {"place": place or [], "theme": theme or [], "org": org or [], "limit": limit, "as": speak_as}
    with client.open_service() as service:
        found = service.get("/api/v1/results", asked)
    if as_json:
        print_json(found)
    else:
        _show_results(found)
    if not (found["indicators"] or found["evaluations"]):
        raise typer.Exit(1)


def _line(said: str) -> None:
    out.print(clean(said), markup=False, highlight=False)


def _none(found: dict[str, Any]) -> None:
    reason = {"not_covered": "My sources do not cover that place"}.get(found["coverage"]["state"], "None published")
    _line(f"{reason} in this index as of {found['coverage']['as_of']}. That is no proof of absence.")


def _show_statements(found: dict[str, Any]) -> None:
    if not found["statements"]:
        _none(found)
        return
    if found["without_the_place"]:
        _line("None of the texts is tied to that place: these are mandates in general.")
    table = Table(title=f"{found['total']} statements, in their own words", title_justify="left", show_lines=True)
    for column in ("Organisation", "What it says", "Where it says so"):
        table.add_column(column, overflow="fold")
    for said in found["statements"]:
        denied = "\nNot its task" if said["not_its_task"] else ""
        pages = f"page {said['page']}" if said["page"] else ""
        stands = ", ".join(filter(None, (said["title"], pages, said["heading"], said["reported_on"])))
        organisation = f"{said['organisation']['name']}{denied}"
        table.add_row(plain(organisation), plain(f"“{said['quote']}”"), plain(f"{stands}\n{said['record']}"))
    out.print(table)


def _show_results(found: dict[str, Any]) -> None:
    if not (found["indicators"] or found["evaluations"]):
        _none(found)
        return
    table = Table(
        title=f"{found['total']} indicators of {found['records']} records", title_justify="left", show_lines=True
    )
    for column in ("Indicator", "Target and figure", "Of target", "Reported by"):
        table.add_column(column, overflow="fold")
    for item in found["indicators"]:
        share = "" if item["percent_of_target"] is None else f"{item['percent_of_target']} %"
        compared = "unchanged" if item["unchanged_from_baseline"] else share or item["state"].replace("_", " ")
        reporter = f"{item['publisher']}{' (secondary reporter)' if item['secondary_reporter'] else ''}"
        values = (("baseline", "baseline"), ("target", "target"), ("reported", "actual"), ("until", "end"))
        figures = "\n".join(f"{name} {item[key]}" for name, key in values if item[key])
        table.add_row(*map(plain, (item["indicator"], figures, compared, f"{reporter}\n{item['record']}")))
    if found["indicators"]:
        out.print(table)
    for said in found["evaluations"]:
        _line(f"“{said['quote']}” ({said['title']}, {said['heading']}, {said['record']})")
    _line("Figures as the organisations report them of their own work. They do not show what caused what.")
    if found["records_without_results"]:
        _line(f"Other records, which report no results: {found['records_without_results']}.")
