#!/usr/bin/env python3.13
"""Prints src/python/isprintable.rs: the code points that `str.isprintable` refuses, from the Python that runs this.

    python3.13 tests/data/isprintable.py | rustfmt --edition 2024 > src/python/isprintable.rs
"""

import sys
import unicodedata

HEADER = """\
//! `str.isprintable` for one code point, from Unicode {version} as CPython {python} has it.
//!
//! Made by `tests/data/isprintable.py`; not to be edited. In: a code point. Out: false for the general categories Cc, Cf,
//! Cn, Co, Cs, Zl, Zp, and Zs other than the space (CPython's `Tools/unicode/makeunicodedata.py`, `PRINTABLE_MASK`).

/// True if `repr` shows this code point as it is.
pub(super) fn is_printable(code_point: u32) -> bool {{
    match u16::try_from(code_point) {{
        Ok(code_point) => !is_within(code_point, &UNPRINTABLE),
        Err(_) => !is_within(code_point, &UNPRINTABLE_ASTRAL),
    }}
}}

fn is_within<T: Copy + Ord>(code_point: T, ranges: &[(T, T)]) -> bool {{
    let after = ranges.partition_point(|&(first, _)| first <= code_point);
    after.checked_sub(1).and_then(|index| ranges.get(index)).is_some_and(|&(_, last)| code_point <= last)
}}
"""


def ranges(code_points):
    """Yields (first, last) of the unprintable stretches."""
    first = None
    for code_point in code_points:
        if chr(code_point).isprintable():
            if first is not None:
                yield first, code_point - 1
            first = None
        elif first is None:
            first = code_point
    if first is not None:
        yield first, code_points[-1]


def table(comment, name, kind, pairs):
    print(f"\n/// {comment}\n#[rustfmt::skip]\nstatic {name}: [({kind}, {kind}); {len(pairs)}] = [")
    for start in range(0, len(pairs), 8):
        print("    " + " ".join(f"({first:#x}, {last:#x})," for first, last in pairs[start : start + 8]))
    print("];")


print(HEADER.format(version=unicodedata.unidata_version, python="%d.%d" % sys.version_info[:2]), end="")
table("First and last of each stretch below U+10000.", "UNPRINTABLE", "u16", list(ranges(range(0x10000))))
table("The same above.", "UNPRINTABLE_ASTRAL", "u32", list(ranges(range(0x10000, 0x110000))))
