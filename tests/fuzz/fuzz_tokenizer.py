"""Coverage-guided fuzzing (atheris) of all that reads source: tokeniser, embedded code, blocks, noise, permissions.

    python tests/fuzz/fuzz_tokenizer.py -max_total_time=60           # libFuzzer's options, a folder for its corpus
    python tests/fuzz/fuzz_tokenizer.py crash-0123456789             # once more, what was found
    GATELINE_FUZZ_LANGUAGES='ruby perl' python tests/fuzz/fuzz_tokenizer.py -max_total_time=60

The first byte of an input chooses the language, the second what is looked at; the rest is the text. Half of the texts
are repeated until they are large: what takes the square of the length does not end in time then. The invariants are
those of the hypothesis tests (`invariants`). The corpus begins with a sample of each language, made from the table of
languages, and with real code.
"""

from __future__ import annotations

import operator
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FunctionType

import atheris
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["gates.checks.copypaste"]):
    from gates.checks.copypaste.language import Language
    from gates.checks.copypaste.languages import language, names
    from tests.fuzz import invariants
    from tests.fuzz.samples import WORDS, samples

_OPERATORS = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)


def without_arrays(compare: Callable[..., object]) -> Callable[..., object]:
    """How atheris looks at comparisons, but for those of arrays: it never frees what comes out of them."""

    def compared(left: object, right: object, how: int, *more: object) -> object:
        if isinstance(left, np.ndarray | np.generic) or isinstance(right, np.ndarray | np.generic):
            return _OPERATORS[how](left, right)
        return compare(left, right, how, *more)

    return compared


LANGUAGES = os.environ.get("GATELINE_FUZZ_LANGUAGES", "").split() or names()
LARGE = 100_000
"""Bytes of a text that is repeated."""

SECONDS = 20
"""A text that takes longer is taken to hang. The slowest of that size take a tenth of a second."""

CHECKS = 6


def one_input(given: bytes) -> None:
    """Whatever the bytes are: all invariants of what they choose hold."""
    if not isinstance(atheris._trace_cmp, FunctionType):  # the fuzzer puts its own there when it begins
        atheris._trace_cmp = without_arrays(atheris._trace_cmp)
    if len(given) < 3:
        return
    written, text = language(LANGUAGES[given[0] % len(LANGUAGES)]), given[2:]
    check = given[1] % (2 * CHECKS)
    try:
        _look(text, written, check)
    except BaseException:
        print(f"in {written.name}, check {check}: {text!r}", file=sys.stderr)
        raise


def _look(text: bytes, written: Language, check: int) -> None:
    if check == 0:
        invariants.check_tokens(text, written)
    elif check == 1:
        invariants.check_blocks(text, written)
    elif check == 2:
        invariants.check_inside(text, written)
    elif check == 3:
        invariants.check_together(text.split(b"\xff\xfe"), written)
    elif check == 4:
        invariants.check_permissions(text)
    elif check == 5:
        middle = len(text) // 2
        invariants.check_together([text[:middle], b"", text[middle:]], written)
    else:
        invariants.read_all(text * (LARGE // len(text) + 1), written)


def encoded(name: str, check: int, text: bytes) -> bytes:
    """The input that stands for a text."""
    return bytes([LANGUAGES.index(name), check]) + text


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        dictionary, seeds = Path(scratch) / "words.dict", Path(scratch) / "seeds"
        lines = {"".join(f"\\x{byte:02x}" for byte in word) for word in WORDS | _openers()}
        dictionary.write_text("".join(f'"{line}"\n' for line in sorted(lines)))
        seeds.mkdir()
        for name in LANGUAGES:
            for number, text in enumerate(samples(language(name))):
                for check in (*range(CHECKS), CHECKS):
                    (seeds / f"{name}-{number}-{check}").write_bytes(encoded(name, check, text))
        more = ["-use_value_profile=0", f"-timeout={SECONDS}", "-rss_limit_mb=2048", f"-dict={dictionary}"]
        files = [each for each in arguments[1:] if not each.startswith("-")]
        folders = [] if files and all(map(os.path.isfile, files)) else [*([] if files else [scratch]), str(seeds)]
        if folders and not files:
            folders[0] = str(Path(scratch) / "corpus")
            Path(folders[0]).mkdir()
        atheris.Setup([arguments[0], *more, *arguments[1:], *folders], one_input)
        atheris.Fuzz()


def _openers() -> set[bytes]:
    """What begins and ends the comments and strings of the languages."""
    found: set[bytes] = set()
    for name in LANGUAGES:
        written = language(name)
        found.update(written.line_comments)
        found.update(sign for pair in written.block_comments for sign in pair)
        found.update(sign for quotes in written.strings for sign in (quotes.open, quotes.close))
    return found


if __name__ == "__main__":
    main(sys.argv)
