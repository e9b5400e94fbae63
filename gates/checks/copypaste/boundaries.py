"""Where functions, classes and blocks begin and end, found on the token arrays of many files at once.

Three ways of bounding a block are known: braces, indentation, and closing keywords. None needs a parser, so code that
does not compile has boundaries too; what is not closed is no block.
"""

from __future__ import annotations

import numpy as np

from gates.checks.copypaste.block_words import END_WORDS
from gates.checks.copypaste.blocks import BLOCK, CLASS, FUNCTION, LITERAL, Blocks
from gates.checks.copypaste.boundaries_by_lines import by_indent, by_words
from gates.checks.copypaste.braces import by_braces
from gates.checks.copypaste.language import Language
from gates.checks.copypaste.tokens import Batch, Tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BLOCK", "CLASS", "FUNCTION", "LITERAL", "Blocks", "blocks_of", "blocks_of_batch"]


def blocks_of(tokens: Tokens, language: Language) -> Blocks:
    """The blocks of one file."""
    first = np.array([0, len(tokens)], dtype=np.int64)
    batch = Batch(tokens._grammar, first, tokens.start, tokens.end, tokens.kind, tokens.exact)
    return blocks_of_batch(batch, [tokens.data], language)


def blocks_of_batch(batch: Batch, files: Sequence[bytes], language: Language) -> Blocks:
    """The blocks of several files of one language; positions are those in the arrays of the batch."""
    if not len(batch.start):
        return Blocks.none()
    if language.blocks == "braces":
        return by_braces(batch, files, language)
    if language.blocks == "indent":
        return by_indent(batch, files, language)
    if language.name in END_WORDS:
        return by_words(batch, files, language)
    return Blocks.none()
