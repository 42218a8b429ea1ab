"""The search as a LangChain retriever: for one audience, within facets.

RecordRetriever(home=home, audience=audience, facets=Facets(places=("KE",))).invoke("school meals")
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict
from sqlalchemy import select

from knowledge.access import PUBLIC, Audience
from knowledge.finding import Facets, Hit
from knowledge.home import Home
from knowledge.records import RecordKind
from knowledge.retrieval.passages import FoundPassage
from knowledge.retrieval.spans import span_of
from knowledge.search import passages, search
from knowledge.store import models as m
from knowledge.store.copies import RECORD


class RecordRetriever(BaseRetriever):
    """Documents hold the passage that answers; metadata: record (id), kind, title, publisher, source (file), element,
    as_of (ISO date or ""), page (0 for none), heading, purpose, score, and the span: field ("texts/0/text"), start and
    end in characters of that field of the record.

    `each_record_once`: the best passage of each record, ranked as `knowledge.search.search` does; else the best
    passages wherever they stand, as one wants of long documents.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    home: Home
    audience: Audience = PUBLIC
    facets: Facets = Facets(kinds=tuple(RecordKind))
    k: int = 10
    each_record_once: bool = True

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        with self.home.database.read() as session:
            asked = (self.home, session, query, self.facets, self.audience, self.k)
            if self.each_record_once:
                found = [
                    replace(item.at, score=item.score, hit=item.hit) for item in search(*asked) if item.at is not None
                ]
            else:
                found = passages(*asked)
            wanted = {passage.pk for passage in found}
            bodies = session.execute(select(m.RecordRow.pk, m.RecordRow.body).where(m.RecordRow.pk.in_(wanted)))
            records = {row.pk: RECORD.validate_json(row.body) for row in bodies}
        documents = []
        for passage in found:
            if passage.hit is not None and passage.pk in records:
                span = span_of(records[passage.pk], passage.text, heading=passage.heading, page=passage.page)
                where = {"field": span.field, "start": span.start, "end": span.end} if span else {}
                documents.append(Document(passage.text, metadata={**_metadata(passage, passage.hit), **where}))
        return documents


def _metadata(passage: FoundPassage, hit: Hit) -> dict[str, Any]:
    return {
        "record": hit.id,
        "kind": hit.kind.value,
        "title": hit.title,
        "publisher": hit.publisher,
        "source": hit.source,
        "element": hit.element,
        "as_of": hit.as_of.isoformat() if hit.as_of else "",
        "page": passage.page,
        "heading": passage.heading,
        "purpose": passage.purpose,
        "score": round(passage.score, 6),
    }
