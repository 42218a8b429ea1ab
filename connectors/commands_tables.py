"""`commonground map`: a mapping for a table that no reader recognises, to be corrected by a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.client import CommandError
from connectors.ops import layout
from connectors.terminal import out
from knowledge.sources import Refused, mapping

app = typer.Typer()


@app.command(name="map")
def map_(
    table: Annotated[Path, typer.Argument(help="A CSV or XLSX table.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a mapping that is there.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the mapping instead of writing it.")] = False,
) -> None:
    """Write a mapping beside a table: every column with a guess at its meaning, for you to correct."""
    try:
        proposed = mapping.propose(table)
    except Refused as refused:
        raise CommandError(str(refused), 2) from None
    if show:
        typer.echo(proposed, nl=False)
        return
    target = table.with_name(table.name + mapping.SUFFIX)
    if target.exists() and not force:
        raise CommandError(f"{target} is there already. Correct it, or replace it with --force", 2)
    layout.write_whole(target, proposed)
    out.print(f"Wrote {target}", markup=False, highlight=False, soft_wrap=True)
    out.print(
        f"Correct it, then read the table: commonground ingest {table}", style="cyan", markup=False, soft_wrap=True
    )
