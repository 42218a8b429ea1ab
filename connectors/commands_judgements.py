"""`commonground overlaps queue`, `judge` and `judgements`: where a person's word is wanted, and giving it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import client
from connectors.client import CommandError
from connectors.commands_overlaps import awaited
from connectors.terminal import Json, clean, err, out, plain, print_json
from knowledge.overlap import judged_files
from knowledge.overlap.judged_files import MOST_BYTES
from knowledge.overlap.labels import LABELS, Label, LabelledPair, UnreadablePairs
from knowledge.records import Level

app = typer.Typer(no_args_is_help=True, help="What people said that two records are to each other.")

As = Annotated[str, typer.Option("--as", help="Speak for an organisation; only the operator may.")]
Audience = Annotated[Level, typer.Option(help="Who may know of it besides your organisation.")]
Named = Annotated[list[str] | None, typer.Option("--named", help="With --audience named: an organisation.")]
_QUEUE = "/api/v1/overlaps/queue"
_JUDGEMENTS = "/api/v1/overlaps/judgements"


def add_to(overlaps: typer.Typer) -> None:
    """Adds `queue`, `judge` and `judgements` to the command `overlaps`."""
    overlaps.command()(queue)
    overlaps.command()(judge)
    overlaps.add_typer(app, name="judgements")


def queue(
    place: Annotated[list[str] | None, typer.Option("--place", help="Both records are there: name or p-code.")] = None,
    theme: Annotated[list[str] | None, typer.Option("--theme", help="Both records are on it.")] = None,
    publisher: Annotated[list[str] | None, typer.Option("--publisher", help="One record is reported by it.")] = None,
    offset: Annotated[int, typer.Option(min=0, max=1_000_000)] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Pairs on which a word is wanted: disputed ones first, then those of which the model is least sure."""
    asked = {"place": place or [], "theme": theme or [], "publisher": publisher or []}
    with client.open_service() as service:
        query = asked | {"offset": offset, "limit": limit, "as": speak_as}
        found = awaited(lambda: service.get(_QUEUE, query))
    if as_json:
        print_json(found)
        return
    last = offset + len(found["pairs"])
    title = f"{offset + 1:,} to {last:,} of {found['total']:,} pairs, of which {found['disputed']:,} are disputed"
    table = Table(title=title, title_justify="left")
    for column in ("One", "Other", "Taken for", "Or for"):
        table.add_column(column, overflow="fold")
    for pair in found["pairs"]:
        sides = (f"{pair[side]['title']}\n{pair[side]['publisher']}\n{pair[side]['id']}" for side in ("a", "b"))
        table.add_row(*map(plain, sides), plain(_taken(pair)), plain(_share(pair["other"])))
    if not found["pairs"]:
        out.print("Nothing waits for a word there.")
        raise typer.Exit(1)
    out.print(table)
    out.print("To say what two are: commonground overlaps judge ONE OTHER LABEL --reason WHY", style="cyan")


def _taken(pair: dict[str, Any]) -> str:
    if not pair["disputed"]:
        return _share(pair)
    said = (pair["disputed"], *pair["disputed"]["others"])
    return "\n".join(f"{one['label']}, says {one['by']} ({one['at'][:10]})" for one in said)


def _share(one: dict[str, Any]) -> str:
    return f"{one['label']} {one['probability']:.0%}"


def judge(
    one: Annotated[str, typer.Argument(help="Identifier of a record.")],
    other: Annotated[str, typer.Argument(help="Identifier of another one.")],
    label: Annotated[str, typer.Argument(help=f"{', '.join(LABELS)}; or confirm, reject, skip.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it later. Name no person.")] = "",
    shown: Annotated[
        Label | None, typer.Option(help="The label that you were shown; undeclared: the present one.")
    ] = None,
    sure: Annotated[int, typer.Option(min=1, max=3, help="1 for a toss-up, 3 for sure.")] = 3,
    audience: Audience = Level.OWN,
    named: Named = None,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Say what two records are to each other. It outranks the model for whoever may know of it, and lasts."""
    body: dict[str, Any] = {"a": one, "b": other, "says": label, "reason": reason, "sure": sure, "as": speak_as}
    body |= {"audience": audience.value, "named": named or []} | ({"shown": shown.value} if shown else {})
    with client.open_service() as service:
        made = awaited(lambda: service.post(_JUDGEMENTS, body))
    if as_json:
        print_json(made)
        return
    out.print(f"{clean(_sentence(made))} ({made['id']}).", markup=False, highlight=False)
    for against in made["others"] if made["disputed"] else []:
        out.print(f"It is disputed: {clean(_sentence(against))}.", style="yellow", markup=False, highlight=False)
    out.print(f"To take it back: commonground overlaps judgements undo {made['id']}", style="cyan", highlight=False)


@app.command(name="list")
def list_(
    record: Annotated[str, typer.Option(help="Only of pairs with this record.")] = "",
    offset: Annotated[int, typer.Option(min=0, max=1_000_000)] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 50,
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """What was said, the newest first, and what became of it."""
    with client.open_service() as service:
        found = service.get(_JUDGEMENTS, {"record": record, "offset": offset, "limit": limit, "as": speak_as})
    if as_json:
        print_json(found)
        return
    table = Table(title=f"{found['total']:,} entries", title_justify="left")
    for column in ("Id", "One", "Other", "Says", "By", "When", "Why", "For", "State"):
        table.add_column(column, overflow="fold")
    for entry in found["judgements"]:
        when, state = entry["at"][:16], entry["state"].replace("_", " ")
        state += " (disputed)" if entry["disputed"] else ""
        cells = (entry["id"], entry["a"], entry["b"], _says(entry), entry["by"], when, entry["reason"])
        table.add_row(*map(plain, (*cells, entry["audience"], state)))
    out.print(table)
    if not found["judgements"]:
        raise typer.Exit(1)


@app.command()
def undo(judgement_id: str, speak_as: As = "", as_json: Json = False) -> None:
    """Take a judgement back. It stays in the list as taken back."""
    with client.open_service() as service:
        found = service.delete(f"{_JUDGEMENTS}/{client.quoted(judgement_id)}", {"as": speak_as})
    if as_json:
        print_json(found)
    else:
        out.print(f"Taken back: {clean(_sentence(found['taken_back']))}.", markup=False, highlight=False)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write the CSV (docs/overlap.md).")], speak_as: As = ""
) -> None:
    """Write what counts as labelled pairs, for `commonground evaluate overlap`. Nobody's name is in it."""
    with client.open_service() as service:
        found = service.get(f"{_JUDGEMENTS}/export", {"as": speak_as})["pairs"]
    pairs = [LabelledPair(**(pair | {"label": Label(pair["label"])})) for pair in found]
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            judged_files.write(pairs, opened)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}. Name a file in a folder that you may write to", 2) from None
    out.print(f"{len(pairs):,} labelled pairs in {file}.", markup=False, highlight=False)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="Labelled pairs: CSV with a, b and label (docs/overlap.md).")],
    audience: Audience = Level.OWN,
    named: Named = None,
    speak_as: Annotated[str, typer.Option("--as", help="The organisation whose judgements they are.")] = "",
    as_json: Json = False,
) -> None:
    """Keep the labelled pairs of a file as judgements; lines that cannot be kept are named."""
    lines, problems = _lines(file)
    body: dict[str, Any] = {"as": speak_as, "audience": audience.value, "named": named or []}
    body["lines"] = [
        {"line": one.line, "a": one.pair.a, "b": one.pair.b, "label": one.pair.label.value}
        | {"confidence": one.pair.confidence, "why": one.pair.why}
        for one in lines
    ]
    with client.open_service() as service:
        report = service.post(f"{_JUDGEMENTS}/import", body)
    report["problems"] = problems + report["problems"]
    if as_json:
        print_json(report)
    else:
        for problem in report["problems"]:
            err.print(f"{file.name}, {clean(problem)}", style="yellow", markup=False, highlight=False, soft_wrap=True)
        said = f"{report['kept']:,} judgements kept, {report['unchanged']:,} were known"
        out.print(f"{said}, {len(report['problems']):,} lines were left out.", highlight=False)
    if report["problems"]:
        raise typer.Exit(2)


def _lines(file: Path) -> tuple[list[judged_files.Line], list[str]]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file}: more than {MOST_BYTES // 1024**2} MB. Give it in several files", 2)
        return judged_files.read(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: {error}. Give a CSV file in UTF-8", 2) from None
    except UnreadablePairs as error:
        raise CommandError(f"{file}: {error}", 2) from None


def _says(one: dict[str, Any]) -> str:
    if one["what"] in ("undo", "skip"):
        return str(one["what"])
    return f"not {one['shown']}, rather {one['label']}" if one["what"] == "reject" else str(one["label"])


def _sentence(one: dict[str, Any]) -> str:
    return f"{one['by']} says of {one['a']} and {one['b']}: {_says(one)}"
