"""What is kept for people, and what changed, as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from knowledge.changes import Changes, Group
from knowledge.introductions import Introduction
from knowledge.lookups import hit_json
from knowledge.store import models as m
from knowledge.vocabulary import theme_label
from knowledge.watches import Event, KeptWatch, Watch


def watch_json(session: Session, kept: KeptWatch, today: date) -> dict[str, Any]:
    found = kept.found
    return {
        "id": kept.id,
        **facets_json(session, kept.watch),
        "by": kept.by,
        "mine": kept.mine,
        "created_at": time_json(kept.created_at),
        "looked_at": time_json(kept.looked_at),
        "found": {name: getattr(found, name).total for name in ("new", "ended", "changed", "withdrawn")},
        "as_of": today.isoformat(),
    }


def facets_json(session: Session, watch: Watch) -> dict[str, Any]:
    def named(table: Any, idents: tuple[str, ...]) -> list[dict[str, str]]:
        rows = ((ident, session.get(table, ident)) for ident in idents)
        return [{"id": ident, "name": row.name if row is not None else ident} for ident, row in rows]

    return {
        "places": named(m.PlaceRow, watch.places),
        "themes": [{"id": theme, "name": theme_label(theme)} for theme in watch.themes],
        "organisations": named(m.OrganisationRow, watch.organisations),
        "kinds": [kind.value for kind in watch.kinds],
        "events": [event.value for event in Event if event in watch.events],
        "channel": watch.channel,
    }


def changes_json(found: Changes, today: date) -> dict[str, Any]:
    return {
        "since": time_json(found.since),
        "new": _group_json(found.new, today),
        "ended": _group_json(found.ended, today),
        "changed": _group_json(found.changed, today),
        "withdrawn": _group_json(found.withdrawn, today),
        "first_read": [{"source": title, "records": number} for title, number in found.first_read],
    }


def _group_json(group: Group, today: date) -> dict[str, Any]:
    return {
        "total": group.total,
        "records": [
            {
                **hit_json(change.hit, today),
                "changes": [{"field": one.field, "before": one.before, "after": one.after} for one in change.fields],
            }
            for change in group.changes
        ],
    }


def introduction_json(one: Introduction) -> dict[str, Any]:
    return {
        "id": one.id,
        "ours": one.ours,
        "other": one.other,
        "about": one.about,
        "state": one.state.value,
        "message": one.message,
        "contact": one.contact,
        "reason": one.reason,
        "asked_at": time_json(one.asked_at),
        "answered_at": time_json(one.answered_at),
    }


def time_json(value: datetime | None) -> str | None:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else None
