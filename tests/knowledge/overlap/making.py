"""Small invented records for the tests of the overlap engine, and the corpus made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zlib import crc32

import numpy as np

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.profiles import profile
from knowledge.overlap.resolver import Resolver, place_names
from knowledge.records import (
    Link,
    Locator,
    Money,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)

PLACES = place_names(
    [
        ("KE|KE010|", "Lamu", ()),
        ("KE|KE020|", "Kitui", ()),
        ("KE|KE010|KE0101|", "Mpeketoni", ()),
        ("UG|UG01|", "Arua", ()),
    ]
)
RESOLVER = Resolver(named=PLACES)


def record(
    ident: str,
    title: str,
    text: str = "",
    *,
    by: str = "Acme Relief",
    ref: str = "",
    funds: Sequence[str] = (),
    does: Sequence[str] = (),
    country: str = "KE",
    area: str = "",
    sectors: Sequence[tuple[str, float | None]] = (),
    start: date | None = date(2025, 1, 1),
    end: date | None = date(2025, 12, 31),
    amount: float = 0.0,
    links: Sequence[Link] = (),
    extra: Sequence[OrganisationMention] = (),
) -> Record:
    places = (PlaceMention(country, (area,) if area else ()),) if country else ()
    return Record(
        id=ident,
        kind=RecordKind.ACTIVITY,
        title=title,
        locator=Locator(ident),
        texts=(Text("general", text),) if text else (),
        organisations=(
            OrganisationMention(Role.REPORTING, by, ref=ref),
            *(OrganisationMention(Role.FUNDING, name) for name in funds),
            *(OrganisationMention(Role.IMPLEMENTING, name) for name in does),
            *extra,
        ),
        places=places,
        themes=tuple(ThemeMention("1", code, "", share) for code, share in sectors),
        period=Period(planned_start=start, planned_end=end),
        money=(Money("budget", amount, "USD"),) if amount else (),
        links=tuple(links),
    )


def corpus(*records: Record) -> Corpus:
    """Vectors are hashed words, so that texts of the same words are near without a model."""
    profiles = [profile(one, RESOLVER) for one in records]
    vectors = np.zeros((len(profiles), 64), np.float32)
    for i, one in enumerate(profiles):
        for term, count in one.terms.items():
            vectors[i, crc32(term.encode()) % 64] += count
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Corpus(profiles, np.divide(vectors, lengths, out=vectors, where=lengths > 0))


def others(count: int) -> list[Record]:
    """Records of other work, so that rarity means something."""
    work = (
        ("Roads of the north", "Repair of roads and bridges for trade.", "21020"),
        ("Elections support", "Voter registration and electoral dispute training.", "15151"),
        ("Dairy value chains", "Milk cooling for dairy farmers and cooperatives.", "31120"),
        ("Solar mini grids", "Electricity for villages through solar energy.", "23230"),
        ("Teacher training", "Training of teachers in remote learning.", "11130"),
    )
    return [
        record(
            f"other-{n}",
            f"{work[n % 5][0]} {n}",
            work[n % 5][1],
            by=f"Publisher {n}",
            sectors=[(work[n % 5][2], 100.0)],
            country=("KE", "UG", "TZ")[n % 3],
        )
        for n in range(count)
    ]
