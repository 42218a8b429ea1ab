"""`commonground compare`: what two records are to each other, or the records of each pair of a file.

Exit codes: 0 compared, 1 a record that is not known, 2 wrong input.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import client
from connectors.client import CommandError, Service
from connectors.commands_overlaps import As, Hidden, Language, awaited
from connectors.terminal import Json, clean, err, out, print_json, progress_bar

_AT_ONCE = 200
"""Pairs of one request, between which the progress bar moves."""


def compare(
    a: Annotated[str, typer.Argument(metavar="ID_A", help="Identifier of a record.")] = "",
    b: Annotated[str, typer.Argument(metavar="ID_B", help="Identifier of another one.")] = "",
    pairs: Annotated[Path | None, typer.Option(help="CSV with the columns a and b; the answer is CSV.")] = None,
    ignore_links: Hidden = False,
    language: Language = "en",
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """What two records are to each other, how surely and why: duplicate, chain, family, overlap, complementary or
    unrelated."""
    if bool(pairs) == bool(a or b) or bool(a) != bool(b):
        raise CommandError("Name two records, or give a file with --pairs", 2)
    said = {"ignore_declared_links": ignore_links, "as": speak_as, "language": language}
    with client.open_service() as service:
        if pairs is None:
            found = awaited(lambda: service.post("/api/v1/compare", {"a": a, "b": b, **said}))
        else:
            _compare_file(service, pairs, said, as_json)
            return
    if as_json:
        print_json(found["pairs"][0])
    else:
        _show_pair(found["pairs"][0])


def _compare_file(service: Service, file: Path, said: dict[str, Any], as_json: bool) -> None:
    """Pairs of a file, in its order. What cannot be compared is named on stderr with its line; the rest is written."""
    lines, wrong = _read_pairs(file)
    rows: list[dict[str, Any]] = []
    with progress_bar(err) as bars:
        bars.start("Comparing", len(lines))
        for at in range(0, len(lines), _AT_ONCE):
            part = lines[at : at + _AT_ONCE]
            body = {"pairs": [[a, b] for _, a, b in part], **said}
            found = awaited(lambda body=body: service.post("/api/v1/compare", body))  # type: ignore[misc]
            for (line, a, b), row in zip(part, found["pairs"], strict=True):
                if "error" in row:
                    wrong.append((line, row["error"]))
                else:
                    rows.append({**row, "a": a, "b": b})
            bars.advance(len(part))
        bars.finish()
    if as_json:
        print_json({"pairs": rows, "errors": [{"line": line, "error": error} for line, error in sorted(wrong)]})
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["a", "b", "label", "confidence", "evidence"])
        for row in rows:
            writer.writerow([row["a"], row["b"], row["label"], f"{row['confidence']:.4f}", _evidence(row)])
        sys.stdout.flush()
    for line, error in sorted(wrong):
        err.print(f"{file}:{line}: {clean(error)}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(1)


def _read_pairs(file: Path) -> tuple[list[tuple[int, str, str]], list[tuple[int, str]]]:
    """(line, a, b) of each row, and (line, what is wrong) of those that name no two records."""
    good: list[tuple[int, str, str]] = []
    wrong: list[tuple[int, str]] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.DictReader(opened)
            lacking = {"a", "b"} - set(rows.fieldnames or ())
            if lacking:
                raise CommandError(
                    f"{file}: no column {', '.join(sorted(lacking))}. The first line names the columns", 2
                )
            for row in rows:
                a, b = ((row[name] or "").strip() for name in ("a", "b"))
                if not a or not b:
                    wrong.append((rows.line_num, "`a` and `b` name two records by their identifiers"))
                else:
                    good.append((rows.line_num, a, b))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{file}: {error}. Give a CSV file in UTF-8", 2) from None
    return good, wrong


def _evidence(row: dict[str, Any]) -> str:
    """What decided, in one cell: the rules that fired, then each number by name."""
    numbers = [f"{name}={value:g}" for name, value in row["evidence"].items()]
    said = [f"judged_by={row['judgement']['by']}"] if row["judgement"] else []
    return "; ".join([*said, *(f"rule={rule}" for rule in row["rules"]), *numbers])


def _show_pair(pair: dict[str, Any]) -> None:
    judged = pair["judgement"]
    said = f", as {judged['by']} judged on {judged['at'][:10]}" if judged else ""
    _say(f"{pair['a']} and {pair['b']}: {pair['label']} ({pair['confidence']:.2f}{said})", "bold")
    others = sorted(pair["probabilities"].items(), key=lambda entry: -entry[1])
    _say("Probabilities: " + ", ".join(f"{label} {chance:.2f}" for label, chance in others if chance >= 0.005))
    for name, clauses in (("+", pair["for"]), ("-", pair["against"])):
        for clause in clauses:
            fields = " / ".join(dict.fromkeys(clause["fields"]))
            _say(f"{name} {clause['text']} ({fields})")
    if pair["rules"]:
        _say(f"Rules: {', '.join(pair['rules'])}")
    table = Table(title="Evidence", title_justify="left")
    table.add_column("Name")
    table.add_column("Value", justify="right")
    for name, value in pair["evidence"].items():
        table.add_row(name, f"{value:.3f}")
    out.print(table)


def _say(said: str, style: str = "") -> None:
    out.print(clean(said), markup=False, highlight=False, style=style or None)
