"""`commonground introductions`: asking to be put in touch, and answering those who ask."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from connectors import client
from connectors.terminal import Json, clean, out, plain, print_json

app = typer.Typer(no_args_is_help=True, help="Introductions: both sides say yes before either sees more.")
As = Annotated[str, typer.Option("--as", help="Speak for an organisation; only the operator may.")]
Reason = Annotated[str, typer.Option(help="Why; the other side sees it.")]
Contact = Annotated[str, typer.Option(help="How you can be reached; the other side sees it once both agree.")]
Id = Annotated[str, typer.Argument(help="The id that `introductions list` shows.")]


@app.command(name="list")
def list_(speak_as: As = "", as_json: Json = False) -> None:
    """What your organisation asked for, and what it is asked."""
    with client.open_service() as service:
        found = service.get("/api/v1/introductions", {"as": speak_as})
    if as_json:
        print_json(found)
        return
    table = Table(title="Introductions", title_justify="left")
    for column in ("Id", "", "Other side", "Subject", "State", "Message", "Contact", "Reason"):
        table.add_column(column, overflow="fold")
    for one in found["introductions"]:
        side = "we asked" if one["ours"] else "they ask"
        keys = ("other", "about", "state", "message", "contact", "reason")
        table.add_row(plain(one["id"]), side, *(plain(one[key]) for key in keys))
    out.print(table)
    if not found["introductions"]:
        raise typer.Exit(1)


@app.command()
def ask(
    organisation: Annotated[str, typer.Argument(help="Whom to be introduced to, by name or id.")],
    about: Annotated[str, typer.Option(help="The subject, in one line; they see it at once.")],
    message: Annotated[str, typer.Option(help="They see it once they agree.")] = "",
    contact: Contact = "",
    speak_as: As = "",
    as_json: Json = False,
) -> None:
    """Ask to be put in touch. Nothing leaves this installation: they see it when they ask here."""
    body = {"organisation": organisation, "about": about, "message": message, "contact": contact, "as": speak_as}
    with client.open_service() as service:
        made = service.post("/api/v1/introductions", body)
    _show(made, as_json)


@app.command()
def accept(introduction_id: Id, contact: Contact = "", speak_as: As = "", as_json: Json = False) -> None:
    """Say yes: both sides see the message and each other's contact from then on."""
    _answer(introduction_id, {"answer": "accept", "contact": contact, "as": speak_as}, as_json)


@app.command()
def decline(introduction_id: Id, reason: Reason = "", speak_as: As = "", as_json: Json = False) -> None:
    """Say no; the reason is recorded and shown to who asked."""
    _answer(introduction_id, {"answer": "decline", "reason": reason, "as": speak_as}, as_json)


@app.command()
def withdraw(introduction_id: Id, reason: Reason = "", speak_as: As = "", as_json: Json = False) -> None:
    """Take your own request back."""
    _answer(introduction_id, {"answer": "withdraw", "reason": reason, "as": speak_as}, as_json)


def _answer(introduction_id: str, body: dict[str, Any], as_json: bool) -> None:
    with client.open_service() as service:
        made = service.post(f"/api/v1/introductions/{client.quoted(introduction_id)}/answer", body)
    _show(made, as_json)


def _show(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    said = f"{made['id']}: {made['other']}, on {made['about']}, is {made['state']}."
    out.print(clean(said), markup=False, highlight=False)
    if made["state"] == "asked":
        out.print("Nothing leaves this installation: they see it when they ask here.", style="cyan", highlight=False)
    for label, key in (("Message", "message"), ("Contact", "contact")):
        if made["state"] == "accepted" and made[key]:
            out.print(clean(f"{label}: {made[key]}"), markup=False, highlight=False)
