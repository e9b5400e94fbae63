"""Secrets and pinned keys written into a pipeline's file, where everybody who reads or changes the code has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["in_script", "in_variables"]

SECRET_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASS|SECRET|TOKEN|API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|SIGNING_KEY|CREDENTIALS?)$",
    re.I,
)
IN_SCRIPT = re.compile(
    r"--?(?:password|passwd|token|secret|api-key|secret-key)[= ]['\"]?(?![-$'\"\s])[^\s'\"]{4,}"
    r"|\blogin\b.*\s-p[ =]?['\"]?(?![-$'\"\s])[^\s'\"]{4,}"
    r"|://[^\s/:@$]+:[^\s/@$]{4,}@"
    r"|\b(?:glpat-|ghp_|gho_|github_pat_|xox[bp]-|AKIA)[\w-]{12,}"
)
PINNED = {
    "GATELINE_PUBLIC_KEY": "the key that verdicts are checked against is in the file that a change could replace it in",
    "GATELINE_ACCEPT_POLICY": "a looser configuration is accepted from inside the repository",
}


def in_variables(variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name of the variable and what is wrong with it; its value is never told."""
    for name, given in variables.items():
        value = given.get("value") if isinstance(given, Mapping) else given
        if not isinstance(value, str) or "$" in value or len(value.strip()) < 4:
            continue
        if name in PINNED:
            yield name, f"{PINNED[name]}; make {name} a protected variable"
        elif SECRET_NAME.search(str(name)) and not value.startswith(("/", "./")):
            yield name, f"{name} is written in plain text; make it a masked and protected variable"


def in_script(lines: Sequence[str]) -> bool:
    """Whether a command has a password or token in plain text."""
    return any(IN_SCRIPT.search(line) for line in lines)
