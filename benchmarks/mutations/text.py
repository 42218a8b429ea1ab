"""Mutations of any file, and of text: XML, JSON, CSV, HTML and Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]

MB = 1024 * 1024
TRICKS = (
    "\u202etxt.exe\u202c", "\u200b\u200bACME\u200b", "\u2066نص\u2069", "\ufeffORG", "e\u0301\u0301\u0301\u0301" * 50,
    "\u0000", "\ud7ff\ue000", "<script>alert(1)</script>", "=HYPERLINK(\"http://x.example\")", "' OR 1=1 --",
    "../../../../etc/passwd", "%s%n%x", "{{7*7}}", "ꙮ" * 300, "\u2028\u2029", "A" * 70_000,
)  # fmt: skip
NUMBERS = (
    "-5",
    "1e999",
    "NaN",
    "-Infinity",
    "1_000",
    "0x10",
    "٣٤",
    "99999999999999999999999",
    "1,000",
    "",
    "200%",
    "--1",
)
DATES = (
    "2025-02-30",
    "0000-00-00",
    "9999-12-31",
    "31/12/2025",
    "2025-13-01",
    "1900-01-00",
    "soon",
    "2025-1-1",
    "99999-01-01",
)

STARTS = (
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"\n\n ", b"\x1f\x8b",
    b"PK\x03\x04", b"%PDF-1.4\n", b"<?xml version='1.0'?>", b"\xef\xbb\xbf" * 3,
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1256", "cp1252", "utf-7", "shift-jis")
DECLARED = (
    b"ISO-8859-1", b"UTF-16", b"UTF-32", b"windows-1256", b"US-ASCII", b"x-none", b"UTF-7", b"EBCDIC-CP-US", b"zlib",
)  # fmt: skip
VALUES = (
    b"null", b"true", b"[]", b"{}", b"-1", b"1e999", b"NaN", b"Infinity", b'""', b'"\\u202e\\u0000"', b'"\\ud800"',
    b"[[[]]]", b'{"id":{}}', b"9" * 5_000, b'[null,1,"x",{}]',
)  # fmt: skip
FORMULAS = (b'=cmd|"/c calc"!A1', b"+1+1", b"@SUM(A1)", b"-2+3", b'"=HYPERLINK(""http://x.example"")"')
ACTIVE = (
    b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"<!--" + b"-" * 100_000, b"<![CDATA[" * 1_000,
    b"<style>" + b"a{}" * 50_000, b"<base href='http://x.example'>", b"<meta charset=utf-7>", b"<!DOCTYPE " * 500,
)  # fmt: skip
FRONT_MATTER = (
    b"---\na: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n---\n",
    b"---\n!!python/object/apply:os.system [ls]\n---\n",
    b"---\na: " + b"[" * 5_000 + b"\n---\n",
    b"---\norganisation: [1,2]\ntitle: {a: b}\n---\n",
    b"---\n" * 1_000,
    b"---\ndate: 9999-99-99\norganisation: \xf0\x9f\x98\x80\n---\n",
)
MARKS = (b"\n# x", b"\n- ", b"\n| a |", b"\n> ", b"*", b"`", b"\n```")


# --- any file -------------------------------------------------------------------------------------------------------


def truncated(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))] if data else data


def flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 3, 30, 300))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def with_nuls(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + b"\x00" * random.choice((1, 10, 10_000)) + data[at:]


def cut_out(data: bytes, random: Random) -> bytes:
    first, last = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return data[:first] + data[last:]


def doubled(data: bytes, random: Random) -> bytes:
    first, last = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return data[:last] + data[first:]


def noise(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice((10, 1_000, 100_000))) + data[at:]


def in_front(data: bytes, random: Random) -> bytes:
    return random.choice(STARTS) + data


# --- text of any kind -----------------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def other_encoding(data: bytes, random: Random) -> bytes:
    """Another encoding than the file says or starts with."""
    return _text(data).encode(random.choice(ENCODINGS), "replace")


def declared_encoding(data: bytes, random: Random) -> bytes:
    name = random.choice(DECLARED)
    if b"encoding=" in data[:200]:
        return re.sub(rb"encoding=(['\"])[^'\"]*['\"]", b"encoding=\\1" + name + b"\\1", data, count=1)
    return b'<?xml version="1.0" encoding="' + name + b'"?>' + data


def endless_line(data: bytes, random: Random) -> bytes:
    return data.replace(b"\n", b" ") + b"x" * random.choice((100_000, 4 * MB))


def tricky_words(data: bytes, random: Random) -> bytes:
    """Right-to-left, zero-width and other marks within words."""
    text = _text(data)
    words = list(re.finditer(r"[^\W\d_]{4,}", text))
    for found in sorted(random.sample(words, min(len(words), 20)), key=lambda one: -one.start()):
        text = text[: found.start() + 2] + random.choice(TRICKS) + text[found.start() + 2 :]
    return _bytes(text)


def wrong_dates(data: bytes, random: Random) -> bytes:
    return _bytes(_sometimes(r"\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4}", _text(data), DATES, random))


def wrong_numbers(data: bytes, random: Random) -> bytes:
    return _bytes(_sometimes(r"(?<=[>\":,;|\t ])-?\d+(?:\.\d+)?(?=[<\",;|\t\n ])", _text(data), NUMBERS, random))


def _sometimes(pattern: str, text: str, instead: tuple[str, ...], random: Random) -> str:
    return re.sub(pattern, lambda found: random.choice(instead) if random.random() < 0.3 else found[0], text)


def long_value(data: bytes, random: Random) -> bytes:
    text = _text(data)
    if not (places := [found.end() for found in re.finditer(r"\w[\">]?(?=[^\W\d_]{3})", text)]):
        return data
    at = random.choice(places)
    return _bytes(text[:at] + random.choice("x ,\n😀") * random.choice((70_000, 2 * MB)) + text[at:])


# --- XML ------------------------------------------------------------------------------------------------------------


def _after_declaration(data: bytes, added: bytes) -> bytes:
    end = data.find(b"?>") + 2 if data.lstrip().startswith(b"<?xml") else 0
    return data[:end] + added + data[end:]


def _in_text(data: bytes, added: bytes, random: Random) -> bytes:
    places = [found.start() for found in re.finditer(rb"</", data)]
    at = random.choice(places) if places else len(data)
    return data[:at] + added + data[at:]


def entity_bomb(data: bytes, random: Random) -> bytes:
    laughs = b'<!ENTITY l0 "lol">' + b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    square = b'<!ENTITY l9 "' + b"A" * 100_000 + b'">'
    doctype = b"<!DOCTYPE x [" + random.choice((laughs, square)) + b"]>"
    return _in_text(_after_declaration(data, doctype), b"&l9;" * random.choice((1, 10_000)), random)


def external_entity(data: bytes, random: Random) -> bytes:
    target = random.choice((b"file:///etc/passwd", b"http://127.0.0.1:9/x", b"file:///dev/zero", b"php://filter"))
    kind = random.choice((
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "%s">]>', b'<!DOCTYPE x SYSTEM "%s">',
        b'<!DOCTYPE x [<!ENTITY %% e SYSTEM "%s"> %%e;]>',
    ))  # fmt: skip
    return _in_text(_after_declaration(data, kind % target), b"&e;", random)


def undeclared_entity(data: bytes, random: Random) -> bytes:
    return _in_text(
        data, random.choice((b"&nbsp;", b"&#0;", b"&#x202E;", b"&#xD800;", b"&amp", b"&#99999999;")), random
    )


def huge_attribute(data: bytes, random: Random) -> bytes:
    places = [found.end() for found in re.finditer(rb"<[a-z-]+(?=[ >])", data)]
    at = random.choice(places) if places else 0
    return data[:at] + b' note="' + b"x" * random.choice((70_000, 11 * MB)) + b'"' + data[at:]


def many_attributes(data: bytes, random: Random) -> bytes:
    places = [found.end() for found in re.finditer(rb"<[a-z-]+(?=[ >])", data)]
    at = random.choice(places) if places else 0
    return data[:at] + b"".join(b' a%d="1"' % n for n in range(random.choice((300, 50_000)))) + data[at:]


def deep_elements(data: bytes, random: Random) -> bytes:
    depth = random.choice((100, 250, 300, 100_000))
    return _in_text(data, b"<a>" * depth + (b"</a>" * depth if random.random() < 0.7 else b""), random)


def many_elements(data: bytes, random: Random) -> bytes:
    element = random.choice((b"<narrative>x</narrative>", b"<a/>", b"<transaction/>", b"<location/>", b"<sector/>"))
    return _in_text(data, element * random.choice((1_000, 50_000)), random)


def swapped_tags(data: bytes, random: Random) -> bytes:
    names = sorted(set(re.findall(rb"<([a-z-]+)", data)))
    if len(names) < 2:
        return data
    one, other = random.sample(names, 2)
    return re.sub(rb"(</?)" + one + rb"(?=[ />])", b"\\1" + other, data)


# --- JSON -----------------------------------------------------------------------------------------------------------


def deep_json(data: bytes, random: Random) -> bytes:
    depth = random.choice((50, 900, 5_000, 1_000_000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    places = [found.end() for found in re.finditer(rb":", data)]
    at = random.choice(places) if places else 0
    return data[:at] + opening * depth + b"1" + closing * depth + b',"x":' + data[at:]


def other_values(data: bytes, random: Random) -> bytes:
    """Values of another type than is expected."""
    return re.sub(
        rb'(:\s*)("(?:[^"\\]|\\.){0,500}"|-?\d+(?:\.\d+)?|null|true|false|\[\]|\{\})',
        lambda found: found[1] + random.choice(VALUES) if random.random() < 0.05 else found[0],
        data,
    )


def double_keys(data: bytes, random: Random) -> bytes:
    keys = sorted(set(re.findall(rb'"[\w]+"(?=\s*:)', data)))
    if len(keys) < 2:
        return data
    one, other = random.sample(keys, 2)
    return data.replace(one + b":", other + b":")


def wrapped(data: bytes, random: Random) -> bytes:
    opening, closing = random.choice(((b"[", b"]"), (b'{"data":', b"}"), (b"[" * 40, b"]" * 40), (b"[null,", b",1]")))
    return opening + data + closing


# --- tables ---------------------------------------------------------------------------------------------------------


def many_columns(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    lines[at] += b"," * random.choice((600, 1_000_000))
    return b"\n".join(lines)


def formula_cells(data: bytes, random: Random) -> bytes:
    return some(rb"(?<=,)[^,\n\"]{1,80}(?=,)", data, 0.1, lambda _: random.choice(FORMULAS), random)


def some(
    pattern: bytes, data: bytes, share: float, instead: Callable[[re.Match[bytes]], bytes], random: Random
) -> bytes:
    return re.sub(pattern, lambda found: instead(found) if random.random() < share else found[0], data)


def open_quote(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + b',"' + data[at:]


def many_rows(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    return data + b"\n" + b"\n".join(lines[1:50] * random.choice((20, 100)))


def shuffled_columns(data: bytes, random: Random) -> bytes:
    return data.replace(b",", random.choice((b";", b"\t", b"|", b",,", b" , ", b"")))


# --- HTML and Markdown ----------------------------------------------------------------------------------------------


def deep_html(data: bytes, random: Random) -> bytes:
    tag = random.choice((b"div", b"table><tr><td", b"ul><li", b"b", b"svg><foreignObject", b"blockquote", b"h1"))
    return _in_text(data, (b"<" + tag + b">") * random.choice((200, 5_000, 100_000)), random)


def active_html(data: bytes, random: Random) -> bytes:
    return _in_text(data, random.choice(ACTIVE), random)


def front_matter(data: bytes, random: Random) -> bytes:
    return random.choice(FRONT_MATTER) + data


def many_headings(data: bytes, random: Random) -> bytes:
    return data + random.choice(MARKS) * random.choice((5_000, 300_000))
