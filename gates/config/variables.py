"""`${NAME}` in the few places of a configuration that are documented to have it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gates.errors import ConfigError

__all__ = ["expand"]

VARIABLE = re.compile(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Replace each `${NAME}` by the variable's value; `$${NAME}` stays as a plain `${NAME}`.

    A value is never expanded again. Raises ConfigError, which names the variable and never a value, when one is not
    set.
    """

    def value(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        if match[1] not in environ:
            raise ConfigError(
                f"the variable {match[1]} is not set", hint=f"The configuration asks for it as {match[0]}."
            )
        return environ[match[1]]

    return VARIABLE.sub(value, text)
