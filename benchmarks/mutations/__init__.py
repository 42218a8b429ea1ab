"""What can be wrong with a file: each mutation takes the bytes of a good one and a random source and gives a bad one.

A mutation that has nothing to work on in a file gives the bytes as they were.
"""

from __future__ import annotations

from benchmarks.mutations.packages import (
    far_cells,
    in_a_part,
    lost_part,
    many_parts,
    pdf_bomb,
    pdf_loop,
    pdf_nested,
    pdf_references,
    zip_bomb,
    zip_slip,
)
from benchmarks.mutations.text import (
    Mutation,
    active_html,
    cut_out,
    declared_encoding,
    deep_elements,
    deep_html,
    deep_json,
    double_keys,
    doubled,
    endless_line,
    entity_bomb,
    external_entity,
    flipped,
    formula_cells,
    front_matter,
    huge_attribute,
    in_front,
    long_value,
    many_attributes,
    many_columns,
    many_elements,
    many_headings,
    many_rows,
    noise,
    open_quote,
    other_encoding,
    other_values,
    shuffled_columns,
    swapped_tags,
    tricky_words,
    truncated,
    undeclared_entity,
    with_nuls,
    wrapped,
    wrong_dates,
    wrong_numbers,
)

ANY: tuple[Mutation, ...] = (truncated, flipped, with_nuls, cut_out, doubled, noise, in_front)
TEXT: tuple[Mutation, ...] = (other_encoding, endless_line, tricky_words, wrong_dates, wrong_numbers, long_value)
_XML: tuple[Mutation, ...] = (
    declared_encoding, entity_bomb, external_entity, undeclared_entity, huge_attribute, many_attributes, deep_elements,
    many_elements, swapped_tags,
)  # fmt: skip
_PACKED: tuple[Mutation, ...] = (
    zip_bomb, zip_slip, lost_part, many_parts,
    *(in_a_part(one) for one in (*_XML, truncated, flipped, tricky_words, wrong_dates, wrong_numbers, long_value)),
)  # fmt: skip
OF_SUFFIX: dict[str, tuple[Mutation, ...]] = {
    ".xml": (*ANY, *TEXT, *_XML),
    ".json": (*ANY, *TEXT, deep_json, other_values, double_keys, wrapped),
    ".csv": (*ANY, *TEXT, many_columns, formula_cells, open_quote, many_rows, shuffled_columns),
    ".xlsx": (*ANY, *_PACKED, far_cells),
    ".docx": (*ANY, *_PACKED),
    ".pdf": (*ANY, pdf_bomb, pdf_loop, pdf_nested, pdf_references),
    ".html": (*ANY, *TEXT, deep_html, active_html, entity_bomb, huge_attribute),
    ".md": (*ANY, *TEXT, front_matter, many_headings, active_html),
}
"""What can be done to a file with that ending."""
