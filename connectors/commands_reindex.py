"""`commonground reindex`: the vectors of all texts by another embedding model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from connectors import client
from connectors.terminal import Json, clean, err, out, print_json, progress_bar

app = typer.Typer()


@app.command()
def reindex(
    model: Annotated[
        str, typer.Option(help="'packaged', a folder, or a name of a model on this machine. None: embedding_model.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Embed all texts with another model, beside those that answer, and swap. A run that is cut off goes on."""
    if model and Path(model).is_dir():
        # The server may stand in another folder.
        model = str(Path(model).absolute())
    with client.open_service() as service, progress_bar(err) as progress:
        report = service.work("/api/v1/reindex", {"model": model}, progress)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _show(report: dict[str, Any]) -> None:
    model, before, setting = (clean(report[key]) for key in ("model", "before", "setting"))
    was = f" before: {before}," if before and before != model else ""
    out.print(
        f"Answers now: {model} ({report['dimension']} numbers a vector),{was} {report['texts']:,} texts, of which "
        f"{report['embedded']:,} were embedded in this run",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if model != setting:
        out.print(
            f'Write it into the settings, so that they say what is: embedding_model = "{model}"',
            style="yellow",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
