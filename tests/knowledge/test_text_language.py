"""The language of running text: by script, or by the words that carry grammar; nothing where they do not tell."""

from __future__ import annotations

import pytest

from knowledge.language import of_text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The county repairs the wells that its people have been asking for.", "en"),
        ("La commune répare les puits que les habitants demandent depuis des années.", "fr"),
        ("El municipio repara los pozos que la gente pide desde hace años.", "es"),
        ("O município repara os poços que as pessoas pedem há anos, e não é tudo.", "pt"),
        ("تقوم البلدية بإصلاح الآبار التي يطلبها الناس منذ سنوات", "ar"),
        ("شهرداری چاه‌هایی را که مردم سال‌هاست می‌خواهند تعمیر می‌کند و گزارش می‌دهد", "fa"),
        ("De gemeente herstelt de putten die de mensen al jaren voor hun dorp vragen.", "nl"),
        ("Die Gemeinde repariert die Brunnen, die von den Menschen nicht mehr genutzt werden.", "de"),
        ("Il comune ripara i pozzi che la gente della valle chiede da anni, e non sono pochi.", "it"),
        ("Kata hii ya maji ni kwa ajili ya watu wote wa kijiji na mifugo yao.", "sw"),
        ("Громада ремонтує криниці, яких люди просять вже багато років, і їх немало.", "uk"),
        ("Община ремонтирует колодцы, о которых люди просят уже много лет.", "ru"),
        ("ማዘጋጃ ቤቱ ሰዎች ለዓመታት የጠየቁትን ጉድጓዶች ይጠግናል", "am"),
        ("市政府修复了居民多年来一直要求的水井", "zh"),
        ("নগর কর্তৃপক্ষ মানুষের চাওয়া কূপগুলো মেরামত করে", "bn"),
    ],
)
def test_a_sentence(text: str, language: str) -> None:
    assert of_text(text) == language


@pytest.mark.parametrize(
    "text", ["", "2026", "WASH", "Project Manager", "Caritas Kolda", "— | 24 | 26 %", "a a a a a a"]
)
def test_what_does_not_tell(text: str) -> None:
    assert of_text(text) == ""


def test_two_languages_in_one_text_are_neither() -> None:
    english = "The county repairs the wells that its people have been asking for. "
    french = "La commune répare les puits que les habitants demandent depuis des années. "
    assert of_text(english + french) in ("", "en", "fr")
    assert of_text((english + "Le puits.") * 3) == "en"


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    text = "The county repairs the wells that its people have been asking for. " * 100_000
    assert of_text(text) == "en"
