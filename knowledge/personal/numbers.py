"""Phone numbers, identity numbers and bank accounts; amounts, dates, codes and coordinates stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.personal.words import ACCOUNT, IDENTITY, PHONE, Found, label_before, lexicon

_DIGITS = re.compile(r"\d[\d ().\-/\u00a0]{4,}\d")
_DATE = re.compile(r"(?:(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d)(?!\d)")
_YEARS = re.compile(r"(?:(?:19|20)\d\d[ \-/().]*){1,6}")
_LOCAL_PHONE = re.compile(
    r"0[1-9](?:[ .]\d\d){4}|\(0\d{1,4}\) ?\d{2,4}(?:[ -]\d{2,4}){1,2}|0\d{2,3}[ -]\d{3}[ -]\d{3,4}"
    r"|\(\d{3}\) ?\d{3}[- ]\d{4}"
)
_EXTENSION = re.compile(r"[ ,;(]{0,3}(?:ext|extension|poste|ramal|anexo|x)[.: ]{0,2}\d{1,6}\)?", re.IGNORECASE)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![^\W_])")
_DIALLED = re.compile(r"00 ?\d{1,3}[ .-]")
_COUNTED = "people|persons?|beneficiar|household|million|personnes|personas|pessoas|pesos|usd|eur"
_AMOUNT_AFTER = re.compile(rf"\s{{0,2}}(?:%|[$€£¥]|[A-Z]{{3}}\b|(?i:{_COUNTED})\w*)")
_CODE = re.compile(r"(?<!\w)[A-Z]{1,2}[ -]?$")
_PASSPORTS = ("assport", "asseport", "asaporte", "assaporte")
_PASSPORT = re.compile(
    r"[Pp]as(?:s(?:e?port|aporte)|aporte)\W{0,3}(?i:no|n°|nº|number|numéro|número|n)?\W{1,3}"
    r"((?=(?:[A-Z]*\d){4})[A-Z0-9]{6,12})(?!\w)"
)


def _digits(number: str) -> str:
    """The digits in it, of whatever script, as 0 to 9."""
    if number.isascii():
        return "".join(filter(str.isdigit, number))
    return "".join(str(int(digit)) for digit in number if digit.isdecimal())


def numbers(text: str, prose: bool) -> Iterator[Found]:
    if any(word in text for word in _PASSPORTS):
        for passport in _PASSPORT.finditer(text):
            yield Found(passport.start(1), passport.end(1), IDENTITY)
    for run in _DIGITS.finditer(text):
        start, end = run.span()
        number = run.group().rstrip(" ().-/\u00a0")
        end = start + len(number)
        digits = _digits(number)
        if len(digits) < 6:
            continue
        iban = _IBAN.search(text, max(0, start - 14), end + 32) if len(digits) > 7 else None
        if iban is not None and iban.start() <= start + 4 and _is_iban(iban.group()):
            yield Found(iban.start(), iban.end(), ACCOUNT)
            continue
        opening = start
        while opening and text[opening - 1] in "(+ " and start - opening < 3:
            opening -= 1
        opening += len(text[opening:start]) - len(text[opening:start].lstrip())
        if "+" in text[opening:start]:
            if _is_international(digits, number) and not (_is_amount(number) and _AMOUNT_AFTER.match(text, end)):
                yield _with_extension(text, opening, end, PHONE)
            continue
        if _DATE.match(number) or _YEARS.fullmatch(number):
            if _DATE.match(number) and label_before(text, start, lexicon().identity_labels):
                yield Found(start, end, IDENTITY)
            continue
        if number.count("/") > 1:
            continue
        yield from _labelled_number(text, start, end, digits, prose, number)


def _labelled_number(text: str, start: int, end: int, digits: str, prose: bool, number: str) -> Iterator[Found]:
    words = lexicon()
    # a letter code may belong to the number: "passport no. A1234567"
    code = _CODE.search(text, max(0, start - 5), start)
    opening = code.start() if code else start
    if text[opening - 1 : opening].isdigit() or (text[opening - 1 : opening] in (",", ".") and opening == start):
        return
    gap = text[max(0, opening - 12) : opening]
    labelled = not gap[-1:].isalnum()
    if labelled and opening and label_before(text, opening, words.identity_labels):
        if _numbered(text, opening) or opening < start:
            yield Found(opening, end, IDENTITY)
        return
    if labelled and len(digits) >= 7 and label_before(text, opening, words.account_labels) and _numbered(text, opening):
        yield Found(opening, end, ACCOUNT)
        return
    if opening != start:
        return
    labelled = 7 <= len(digits) <= 15 and bool(label_before(text, start, words.phone_labels))
    dialled = bool(_DIALLED.match(number)) and _is_international(digits[2:], number)
    if (labelled and not _AMOUNT_AFTER.match(text, end)) or dialled:
        yield _with_extension(text, start, end, PHONE)
    elif prose and 9 <= len(digits) <= 12:
        opening = start - (text[start - 1 : start] == "(")
        if text[opening - 1 : opening] in ("-", "/", ".", ",", "_") or text[opening - 1 : opening].isalnum():
            return
        if (
            (local := _LOCAL_PHONE.match(text, opening))
            and local.end() >= end
            and not re.match(r"[-/.,]?\w", text[end : end + 2])
        ):
            groups = re.findall(r"\d+", number)
            if not all(group.startswith("0") for group in groups) and not _AMOUNT_AFTER.match(text, end):
                yield _with_extension(text, opening, end, PHONE)


def _numbered(text: str, at: int) -> bool:
    """Whether "no.", "number", a colon or the like stands between a label and the value at `at`."""
    return bool(
        re.search(
            r"(?:[:#=º°]|\b(?:no|nr|number|numero|número|numéro|is|es|est|é|رقم)\.?)\s{0,2}$",
            text[max(0, at - 12) : at],
            re.IGNORECASE,
        )
    )


def _is_international(digits: str, written: str) -> bool:
    codes = lexicon().calling_codes
    return (
        8 <= len(digits) <= 15
        and not digits.endswith("0000")
        and any(digits[:length] in codes for length in (1, 2, 3))
        and written.count(".") < 6
    )


def _is_amount(number: str) -> bool:
    return bool(re.fullmatch(r"\d{1,3}(?:[ .\u00a0]\d{3})+", number))


def _with_extension(text: str, start: int, end: int, kind: str) -> Found:
    if text[start : start + 1] != "(" and text[start - 1 : start] == "(" and text[end : end + 1] != ")":
        start -= 1
    more = _EXTENSION.match(text, end)
    return Found(start, more.end() if more else end, kind)


def _is_iban(text: str) -> bool:
    """The check digits of ISO 13616."""
    compact = text.replace(" ", "")
    turned = compact[4:] + compact[:4]
    return 15 <= len(compact) <= 34 and int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1
