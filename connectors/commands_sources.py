"""`commonground sync` and `commonground forget`: keeping the index level with its sources, and taking out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from connectors import client
from connectors.client import CommandError
from connectors.terminal import Json, clean, err, out, plain, print_json, progress_bar

app = typer.Typer()
_COLOURS = {"refused": "red", "failed": "red", "gone": "yellow", "fetched": "green", "read": "green"}
_SHOWN = 20


@app.command()
def sync(
    manifests: Annotated[
        list[Path] | None, typer.Argument(help="Files sources.yml, or folders with one. None: the data folder's.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Fetch also what is not due yet.")] = False,
    retire_gone: Annotated[
        bool, typer.Option("--retire-gone", help="Retire the records of sources that are gone from their place.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch and read what sources.yml declares; says of each source what became of it."""
    body = {
        "manifests": [str(path.absolute()) for path in manifests or []],
        "force": force,
        "retire_gone": retire_gone,
    }
    with client.open_service() as service, progress_bar(err) as progress:
        report = service.work("/api/v1/sync", body, progress)
    if as_json:
        print_json(report)
    else:
        _show_sync(report)
    if report["wrong"]:
        raise typer.Exit(2)
    if report["trouble"]:
        raise typer.Exit(1)


def _show_sync(report: dict[str, Any]) -> None:
    table = Table(title="Sources", title_justify="left")
    for column in ("Source", "Result", "Added", "Changed", "Retired", "Next"):
        table.add_column(
            column, justify="right" if column in ("Added", "Changed", "Retired") else "left", overflow="fold"
        )
    for source in report["sources"]:
        since = f" since {source['gone_since'][:10]}" if source["gone_since"] else ""
        why = f": {source['why']}" if source["why"] else ""
        colour = _COLOURS.get(source["result"], "default")
        table.add_row(
            plain(source["name"]),
            Text(f"{source['result']}{since}", style=colour).append_text(plain(why)),
            *(f"{source[key]:,}" for key in ("added", "changed", "retired")),
            (source["next_try"] or "").replace("T", " ").removesuffix("Z"),
        )
    out.print(table)
    problems = report["problems"] + [problem for source in report["sources"] for problem in source["problems"]]
    for problem in problems[:_SHOWN]:
        err.print(clean(problem), style="yellow", markup=False, highlight=False, soft_wrap=True)
    if len(problems) > _SHOWN:
        err.print(f"… and {len(problems) - _SHOWN:,} more; --json lists all", style="yellow")
    if any(source["result"] == "gone" for source in report["sources"]):
        out.print(
            "Records of sources that are gone still answer. To retire them: commonground sync --retire-gone",
            style="cyan",
        )


@app.command()
def forget(
    records: Annotated[list[str] | None, typer.Argument(help="Identifiers of records.")] = None,
    source: Annotated[str, typer.Option(help="All of one source: its path, address, file name or title.")] = "",
    organisation: Annotated[str, typer.Option(help="All that an organisation owns or reports.")] = "",
    reason: Annotated[str, typer.Option(help="Kept with the date; put no personal data in it.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    allow_again: Annotated[
        bool, typer.Option("--allow-again", help="Let in again what was forgotten, at its next reading.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Erase for good: from the records, the indexes and the disk. Says first what would go, and asks."""
    body = {
        "records": records or [],
        "source": _absolute(source),
        "organisation": organisation,
        "reason": reason,
        "allow_again": allow_again,
    }
    with client.open_service() as service, progress_bar(err) as progress:
        if allow_again:
            _lifted(service.work("/api/v1/forget", body, progress), as_json)
            return
        found = service.work("/api/v1/forget", body, progress)
    if not as_json:
        _show_preview(found)
    elif not yes:
        print_json({"would_erase": found, "erased": None})
        return
    if not yes and not typer.confirm("Erase this for good?", err=True):
        raise CommandError("Nothing was erased.")
    with client.open_service() as service, progress_bar(err) as progress:
        report = service.work("/api/v1/forget", {**body, "confirm": True}, progress)
    if as_json:
        print_json({"would_erase": found, "erased": report})
    else:
        _show_forgotten(report)
    if report["unfinished"]:
        raise typer.Exit(1)


def _absolute(source: str) -> str:
    """A file of this folder by its whole path: the server stands in another folder."""
    path = Path(source)
    return str(path.resolve()) if source and "://" not in source and path.exists() else source


def _lifted(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(report)
    elif report["lifted"]:
        out.print(f"{report['lifted']:,} marks lifted. The next reading of the source brings it back.")
    if not report["lifted"]:
        raise CommandError("Nothing of that name was forgotten.")


def _show_preview(found: dict[str, Any]) -> None:
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in sorted(found["kinds"].items()))
    noun = "record" if found["records"] == 1 else "records"
    out.print(f"{found['records']:,} {noun} would be erased for good{f' ({kinds})' if kinds else ''}:")
    for record in found["ids"]:
        out.print(f"  {clean(record)}", markup=False, highlight=False)
    if found["records"] > len(found["ids"]):
        out.print(f"  … and {found['records'] - len(found['ids']):,} more")
    if found["copies"]:
        out.print(f"and {found['copies']:,} copies of them that other sources hold")
    if found["for_people"]:
        out.print(f"{found['for_people']:,} alerts, introductions, registrations and notes of feedback go with it")
    if found["kept"]:
        out.print(f"{found['kept']:,} records of the source stay, because another source holds them too")


def _show_forgotten(report: dict[str, Any]) -> None:
    noun = "record" if report["records"] == 1 else "records"
    table = Table(title=f"Forgotten: {report['records']:,} {noun}", title_justify="left")
    table.add_column("Erased")
    table.add_column("Number", justify="right")
    for name, number in report["rows"].items():
        table.add_row(f"rows of {name}", f"{number:,}")
    table.add_row("vectors in the search index", f"{report['vectors']:,}")
    table.add_row("copies of fetched files", f"{len(report['files']):,}")
    out.print(table)
    for line in report["left"]:
        out.print(f"Not erased: {clean(line)}", style="cyan", markup=False, highlight=False)
    if report["unfinished"]:
        err.print(f"Not finished: {clean(report['unfinished'])}", style="red", markup=False, highlight=False)
