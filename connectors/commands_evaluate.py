"""`commonground evaluate`: how good the assistant is, measured on files of labelled cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from connectors import client, commands_evaluate_overlap
from connectors.client import CommandError
from connectors.evaluation.scoring import Count, Report, Share
from connectors.evaluation.understanding import evaluate
from connectors.evaluation.utterances import Unreadable, read
from connectors.terminal import Json, clean, err, out, plain, print_json, progress_bar

app = typer.Typer(no_args_is_help=True, help="Measure the assistant on labelled cases.")


@app.callback()
def evaluate_() -> None:
    """Measure the assistant on labelled cases."""


@app.command()
def understanding(
    file: Annotated[Path, typer.Argument(help="Labelled utterances, one JSON object a line (docs/evaluate.md).")],
    speak_as: Annotated[str, typer.Option("--as", help="Ask as: public, community, or an organisation.")] = "",
    as_json: Json = False,
) -> None:
    """How well questions are understood: intents, names, follow-ups, traps, and each mistake."""
    try:
        utterances = read(file)
    except Unreadable as error:
        raise CommandError(str(error), 2) from None
    with client.chat_server(err) as service, progress_bar(err) as progress:
        report = evaluate(service, utterances, speak_as, progress)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)


app.command()(commands_evaluate_overlap.overlap)


def _show(report: Report) -> None:
    shares = _table("Understanding", "Measure", "Right", "Of", "Share")
    shares.add_row(*_share("Intent", report.intents))
    for language, share in sorted(report.languages.items()):
        shares.add_row(*_share(f"Intent, {language}", share))
    shares.add_row(*_share("Out of scope, and said so", report.out_of_scope))
    shares.add_row(*_share("In scope, said to be out (false alarms)", report.false_alarms))
    shares.add_row(*_share("Follow-ups, all right", report.follow_ups))
    for trap, share in sorted(report.traps.items()):
        shares.add_row(*_share(f"Trap {trap}, right or asked back", share))
    out.print(shares)
    for title, counts in (("Slots", report.slots), ("Intents", report.by_intent)):
        table = _table(title, "Name", "Precision", "Recall", "F1", "Given", "Wanted")
        for name, count in counts.items():
            table.add_row(*_count(name, count))
        out.print(table)
    if report.confusions:
        table = _table("Intents taken for others", "Wanted", "Given", "Times")
        for (wanted, given), times in report.confusions.most_common():
            table.add_row(wanted, plain(given), str(times))
        out.print(table)
    out.print(f"{len(report.mistakes)} of {report.intents.of} utterances are not wholly right:", highlight=False)
    for outcome in report.mistakes:
        utterance = outcome.utterance
        before = f"[after: {utterance.context}] " if utterance.context else ""
        line = f"{utterance.number:>4} {utterance.language} {before}{utterance.text} | {outcome.mistake()}"
        out.print(clean(" ".join(line.split())), markup=False, highlight=False, soft_wrap=True)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    words = 2 if columns[1] == "Given" else 1
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < words else "right", overflow="fold")
    return table


def _share(name: str, share: Share) -> tuple[str, str, str, str]:
    return name, str(share.right), str(share.of), "" if share.share is None else f"{share.share:.3f}"


def _count(name: str, count: Count) -> tuple[str, ...]:
    figures = (f"{value:.3f}" for value in (count.precision, count.recall, count.f1))
    return name, *figures, str(count.given), str(count.wanted)
