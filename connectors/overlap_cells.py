"""Where initiatives meet most, for the page: the busiest cells of place and theme, as a table, a grid and a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from bot.answers import phrases
from bot.answers.overlaps import named_places
from bot.words import Words
from connectors import overlaps
from connectors.client import CommandError, NotYet
from connectors.overlaps import CellsRequest
from connectors.web.cell_pages import CellLine, CellsForm, CellsView
from connectors.web.overlap_view import address, place_field
from connectors.web.overlap_views import OverlapForm, PictureView
from connectors.web.words import number, words
from knowledge.access import Audience
from knowledge.index import Index
from knowledge.overlap.labels import LABELS, Label

_SHOWN: Final = 40
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
Grid = tuple[list[str], list[str], dict[tuple[int, int], int]]


def form_of(fields: Mapping[str, str]) -> CellsForm:
    """The form of an address; a label that is none is taken for none."""

    def line(name: str) -> str:
        return " ".join(fields.get(name, "").split())[:400]

    label = line("label") if line("label") in LABELS else ""
    return CellsForm(line("place"), line("theme"), bool(line("below")), bool(line("open")), label)


def found_for(index: Index, audience: Audience, form: CellsForm, language: str) -> list[dict[str, Any]]:
    """The cells as over the API. Raises CommandError for a name that is not known, and NotYet."""
    asked = CellsRequest(
        place=form.place,
        theme=form.theme,
        below=form.below,
        only_open=form.open,
        label=[Label(form.label)] if form.label else [Label.OVERLAP],
        limit=_SHOWN,
        language=language,
    )
    cells: list[dict[str, Any]] = overlaps.cells(index, audience, asked, 0)["cells"]
    return cells


def view(index: Index, audience: Audience, form: CellsForm, language: str) -> CellsView:
    """The view of the form, or why there is none."""
    said = words(language)
    try:
        cells = found_for(index, audience, form, language)
    except NotYet as error:
        told = f"{number(error.done, language)} / {number(error.total, language)}"
        return CellsView(form, waiting=said["compared_so_far"].replace("{n}", told))
    except CommandError:
        typed = ", ".join(filter(None, (form.place, form.theme)))
        return CellsView(form, problem=said["unread_name"].replace("{n}", typed))
    lines = tuple(_line(cell, form, language) for cell in cells)
    query = urlencode(parameters(form))
    return CellsView(
        form,
        cells=lines,
        picture=_picture(form, len(lines), language) if len(lines) > 1 else None,
        downloads={"CSV": f"/overlaps/cells.csv?{query}", "JSON": f"/api/v1/overlaps/cells?{_for_api(form)}"},
    )


def _line(cell: Mapping[str, Any], form: CellsForm, language: str) -> CellLine:
    said = Words(language)
    place = named_places(said, [cell["place"]], {cell["place"]: cell["place_name"]})
    theme = phrases.theme_name(said, cell["theme"])
    asked = OverlapForm(
        place=place_field(place, cell["place"]),
        theme=theme,
        open=form.open,
        label=form.label if form.label != Label.OVERLAP else "",
    )
    return CellLine(place, theme, cell["initiatives"], cell["publishers"], cell["pairs"], address(asked))


def parameters(form: CellsForm) -> dict[str, str]:
    """The form as the parameters of an address, those that are set."""
    given = {
        "place": form.place,
        "theme": form.theme,
        "below": "1" if form.below else "",
        "open": "1" if form.open else "",
        "label": form.label,
    }
    return {name: value for name, value in given.items() if value}


def _for_api(form: CellsForm) -> str:
    given = parameters(form)
    if given.pop("open", ""):
        given["only_open"] = "true"
    if given.pop("below", ""):
        given["below"] = "true"
    return urlencode(given)


def _picture(form: CellsForm, cells: int, language: str) -> PictureView:
    said = words(language)

    def at(**more: str) -> str:
        return f"/pictures/cells.svg?{urlencode({**parameters(form), 'lang': language, **more})}"

    return PictureView(
        title=said["cells_title"],
        alt=said["alt_cells"].replace("{n}", number(cells, language)),
        wide=at(),
        narrow=at(width="narrow"),
        wide_dark=at(scheme="dark"),
        narrow_dark=at(width="narrow", scheme="dark"),
        caption=said["cells_caption"],
    )


def grid(index: Index, audience: Audience, fields: Mapping[str, str], language: str) -> Grid:
    """Names of places and of themes, and the pairs of each two by their places in these lists, the busiest first. Empty
    where there is nothing to be drawn."""
    try:
        cells = found_for(index, audience, form_of(fields), language)
    except CommandError:
        return [], [], {}
    lines = [_line(cell, CellsForm(), language) for cell in cells]
    rows, columns = list(dict.fromkeys(x.place for x in lines)), list(dict.fromkeys(x.theme for x in lines))
    return rows, columns, {(rows.index(x.place), columns.index(x.theme)): x.pairs for x in lines}


def as_csv(index: Index, audience: Audience, form: CellsForm, language: str) -> str:
    """The cells as CSV. A text that a spreadsheet would take for a formula carries an apostrophe before it. Raises
    CommandError and NotYet."""
    written = io.StringIO()
    writer = csv.writer(written)
    columns = ("place", "place_name", "theme", "theme_name", "initiatives", "publishers", "pairs")
    writer.writerow(columns)
    for cell in found_for(index, audience, form, language):
        values = [str(cell[column]) for column in columns]
        writer.writerow([f"'{value}" if value.startswith(_FORMULA) else value for value in values])
    return written.getvalue()
