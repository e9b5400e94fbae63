"""Functions, and edited copies of them."""

from __future__ import annotations

import random

__all__ = ["EDITED", "LOAD", "edited", "varied"]

LOAD = '''\
def load_users(path, limit):
    """Users."""
    result = []
    with open(path) as file:
        for line in file:
            name, _, rest = line.partition(",")
            if not name.strip():
                continue
            if len(result) >= limit:
                break
            result.append({"name": name.strip(), "rest": rest.strip(), "kind": "user"})
    return result
'''
EDITED = LOAD.replace("load_users", "load_groups").replace(
    "            if len(result) >= limit:\n                break\n",
    '            log.debug("line %s", line)\n            counter += 1\n',
)

OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "&",
    "|",
    "^",
    "<<",
    ">>",
    "<",
    ">",
    "<=",
    "==",
    "!=",
    "and",
    "or",
    "in",
]
WRAPPERS = ["({})", "[{}]", "{{{}}}", "len({})", "not {}", "-{}", "{}.items()", "{}[0]", "f'{}'", "lambda: {}"]


def varied(seed: int, lines: int = 14) -> str:
    """A function that is like no other, whatever the names: each seed has expressions of its own."""
    chance = random.Random(seed)
    body = []
    for number in range(lines):
        parts = []
        for _ in range(chance.randrange(2, 5)):
            part = chance.choice(["first", "second", "third", "99"])
            for _ in range(chance.randrange(3)):
                part = chance.choice(WRAPPERS).format(part)
            parts += [part, chance.choice(OPERATORS)]
        body.append(f"    value_{number} = {' '.join(parts[:-1])}\n")
    return f"def work_{seed}(first, second, third):\n{''.join(body)}"


def edited(code: str, seed: int = 0) -> str:
    """The same with two lines that were not there, and another name."""
    lines = code.splitlines(keepends=True)
    chance = random.Random(seed)
    places = [number for number, line in enumerate(lines) if line.startswith("    ") and line[4] != " "]
    for number in sorted(chance.sample(places[1:], 2), reverse=True):
        lines.insert(number, f"    log.info('step %s', {number})\n")
    return "".join(lines).replace("def work", "def other")
