"""A quality report as a document that one could send: Markdown, HTML or CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from markupsafe import escape

Report = dict[str, Any]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WEIGHTS = {"fault": "Wrong", "gap": "Missing", "hint": "Worth a look"}


def percent(share: float | None) -> str:
    if share is None:
        return "–"
    return "under 1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")


def opening(report: Report) -> list[str]:
    """What the report is about, in sentences."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in report["kinds"].items())
    sources = report["sources"]
    said = [
        f"{report['records']:,} records ({kinds}) from {_counted(len(sources), 'source')}, on {report['date']}.",
        f"{report['without_notes']:,} of them have nothing to mend.",
        f"Compared with {_counted(report['publishers_compared'] - 1, 'other publisher')} in this index.",
    ]
    if newest := report["last_reported"]:
        said.append(f"The newest was last updated on {newest}: what was published since is not judged here.")
    if left_out := report["personal_data_left_out"]:
        told = ", ".join(f"{number:,} × {kind}" for kind, number in left_out.items())
        said.append(f"Personal data was found in the published files and left out here: {told}.")
    return said


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def score_rows(report: Report) -> list[tuple[str, str, str, str]]:
    return [
        (
            score["title"],
            f"{score['score']}",
            "–" if score["median"] is None else f"{score['median']:.0f}",
            f"{score['records']:,} records: {score['asks']}",
        )
        for score in report["scores"]
    ]


def where(example: dict[str, Any]) -> str:
    line = f", line {example['line']}" if example["line"] else ""
    return f"{example['file']}{line}, {example['element']}"


_SCORES = ("Dimension", "Score", "Median publisher", "What is asked")
_NOTES = ("Note", "Weight", "Records", "Share", "Median", "Why it matters", "How to mend it")


def _note_row(note: dict[str, Any]) -> tuple[str, ...]:
    return (
        note["title"],
        _WEIGHTS[note["weight"]],
        f"{note['records']:,} of {note['of']:,}",
        percent(note["share"]),
        percent(note["median_share"]),
        note["why"],
        note["mend"],
    )


# --- Markdown -------------------------------------------------------------------------------------------------------

_MARKS = re.compile(r"([\\`*_\[\]<>|#])")


def _md(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _md_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *([_md(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def markdown(report: Report) -> str:
    lines = [f"# Data quality: {_md(report['publisher']['name'])}", "", " ".join(map(_md, opening(report))), ""]
    lines += ["## Scores", "", _md(f"Score = {report['formula']}."), "", *_md_table(_SCORES, score_rows(report)), ""]
    if report["good"]:
        lines += ["## What is good", "", *(f"- {_md(said)}" for said in report["good"]), ""]
    lines += ["## What to mend", ""]
    lines += _md_table(_NOTES, [_note_row(note) for note in report["notes"]]) if report["notes"] else ["Nothing."]
    for note in report["notes"]:
        lines += ["", f"### {_md(note['title'])}", ""]
        lines += [f"- {_md(e['id'])} ({_md(where(e))}): {_md(e['note'])}" for e in note["examples"]]
    lines += ["", "## Sources", ""]
    lines += _md_table(("File", "Title", "Data as of", "Records"), _source_rows(report))
    return "\n".join(lines) + "\n"


def _source_rows(report: Report) -> list[tuple[str, ...]]:
    return [(s["file"], s["title"], s["as_of"] or "–", f"{s['records']:,}") for s in report["sources"]]


# --- HTML -----------------------------------------------------------------------------------------------------------

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #888;padding:.3rem .6rem;text-align:start;"
    "vertical-align:top}caption{text-align:start;font-weight:bold}.table{overflow-x:auto}"
)


def _html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="table" tabindex="0"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def html(report: Report) -> str:
    name = escape(report["publisher"]["name"])
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Data quality: {name}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><main>',
        f"<h1>Data quality: {name}</h1>",
        *(f"<p>{escape(said)}</p>" for said in opening(report)),
        f"<h2>Scores</h2><p>{escape('Score = ' + report['formula'])}.</p>",
        _html_table("Scores by dimension, 0 to 100", _SCORES, score_rows(report)),
    ]
    if report["good"]:
        parts.append(f"<h2>What is good</h2><ul>{''.join(f'<li>{escape(said)}</li>' for said in report['good'])}</ul>")
    parts.append("<h2>What to mend</h2>")
    if report["notes"]:
        parts.append(_html_table("Notes by weight and number", _NOTES, [_note_row(note) for note in report["notes"]]))
    else:
        parts.append("<p>Nothing.</p>")
    for note in report["notes"]:
        examples = "".join(
            f"<li>{escape(e['id'])} ({escape(where(e))}): {escape(e['note'])}</li>" for e in note["examples"]
        )
        parts.append(f"<h3>{escape(note['title'])}</h3><ul>{examples}</ul>")
    parts.append(_html_table("Sources", ("File", "Title", "Data as of", "Records"), _source_rows(report)))
    return "\n".join([*parts, "</main></body></html>"]) + "\n"


# --- CSV ------------------------------------------------------------------------------------------------------------


def _cell(value: Any) -> str:
    """Text that a spreadsheet program does not take for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


_COLUMNS = (
    *("publisher", "code", "note", "weight", "records", "of", "share", "median_share", "why", "mend"),
    *("example_id", "example_file", "example_line", "example_element", "example_note"),
)


def table(report: Report) -> str:
    """One row per example, so that it can be worked through; notes keep their totals on each row."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for note in report["notes"]:
        for example in note["examples"]:
            row = [
                report["publisher"]["name"],
                note["code"],
                note["title"],
                note["weight"],
                note["records"],
                note["of"],
            ]
            row += [note["share"], note["median_share"], note["why"], note["mend"], example["id"], example["file"]]
            writer.writerow(map(_cell, [*row, example["line"], example["element"], example["note"]]))
    return out.getvalue()
