"""Names and titles as an answer shows them."""

from __future__ import annotations

import pytest

from bot.answers.phrases import cut


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Wells for Turkana", 40, "Wells for Turkana"),
        ("Relief work during the period 2017-2020 in Syria", 36, "Relief work during the period…"),
        ("Schools, wells and roads", 16, "Schools, wells…"),
        ("a" * 50, 10, "a" * 9 + "…"),
    ],
)
def test_what_is_too_long_ends_between_words(text: str, limit: int, shown: str) -> None:
    assert cut(text, limit) == shown
    assert len(cut(text, limit)) <= limit
