"""A thousand hostile texts of records through every channel, to where a person sees them: letters, and no address."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.messages import IncomingMessage
from knowledge.reply import Answer, BulletList, Citation, Column, Paragraph, Part, Reply, Span, Table
from tests.contract.conversations import foreign
from tests.contract.driving import squeezed
from tests.contract.product import SIDES
from tests.contract.stubbed import Stubbed
from tests.hostile.grammar import hostile_texts

TOGETHER = 40


def reply(texts: Sequence[str]) -> Reply:
    """Texts in paragraphs, in a list, in a table and as titles of sources, in turns."""
    spans = [[Span(text=text or "x", cites=[number])] for number, text in enumerate(texts, 1)]
    third = len(spans) // 3
    cited = [
        Citation(number=n, record=text, title=text, publisher=text, file=text, element=text, href=f"/records/XX-{n}")
        for n, text in enumerate(texts, 1)
    ]
    parts: list[Part] = [*(Paragraph(spans=one) for one in spans[:third]), BulletList(items=spans[third : 2 * third])]
    rows = [[one, one] for one in spans[2 * third :]]
    table = Table(caption="All", columns=[Column(title="One"), Column(title="Other")], rows=rows)
    return Reply(parts=[*parts, table], citations=cited)


@pytest.mark.parametrize("channel", [name for name in SIDES if name != "rest"])
def test_no_text_of_a_record_comes_to_life(stubbed: Stubbed, channel: str) -> None:
    driver = stubbed.drivers[channel]
    texts = hostile_texts()
    portions = [texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)]

    async def turn(message: IncomingMessage) -> Answer:
        return Answer(reply=reply(portions[int(message.text)]))

    stubbed.turn = turn
    for number, portion in enumerate(portions):
        if number % 2 == 0:  # turning a page counts as a message
            person = driver.person()
        heard = person.say(str(number))
        assert heard.answered
        assert foreign(list(heard.links), stubbed.url) == []
        assert len(heard.sources) == len(portion)
        said = squeezed(heard.text)
        assert [one for one in portion if one.isascii() and one.isprintable() and squeezed(one) not in said] == []
    assert foreign(driver.addresses(), stubbed.url) == []
