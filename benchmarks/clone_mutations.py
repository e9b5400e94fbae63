"""Copies of functions, edited as people edit them, with a seed: the same seed gives the same copies.

The kinds are those of the literature. Type-1 changes layout and comments only; Type-2 also names and literals; Type-3
also whole statements. How much a Type-3 copy was edited is counted in lines: of the longer version's lines of code,
the share that the other has too (names and literals apart).
"""

from __future__ import annotations

import random
import re

__all__ = ["KEYWORDS", "KINDS", "mutate", "statements"]

KINDS = ("type-1", "type-2", "type-3 very strong", "type-3 strong", "type-3 moderate")

EDITED = {"type-3 very strong": (0.02, 0.10), "type-3 strong": (0.10, 0.30), "type-3 moderate": (0.30, 0.50)}
"""Kind -> the share of lines that differ."""

COMMENT = {"python": "# {}", "java": "// {}", "javascript": "// {}"}
_WORDS = """
value item result data entry node index count total name key source target buffer state size offset limit
"""
_KEYWORDS = """
False None True and as assert async await break class continue def del elif else except finally for from
global if import in is lambda nonlocal not or pass raise return self cls try while with yield abstract boolean
byte case catch char const default do double enum extends final float function implements instanceof int
interface let long native new null of package private protected public short static super switch synchronized
this throw throws transient true false typeof undefined var void volatile
"""
WORDS = _WORDS.split()
KEYWORDS = frozenset(_KEYWORDS.split())
NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*\b(?!\s*[\"'])")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
STRING = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")
PLAIN = re.compile(r"""[^\\{}%"']+""")
JUMP = re.compile(r"\s*(return|break|continue|raise|throw|yield)\b")


def mutate(lines: list[str], kind: str, language: str, donors: list[str], chance: random.Random) -> list[str] | None:
    """A copy of a function's lines, None when it is too short to be edited so much. `donors` are foreign statements."""
    copy = list(lines)
    if kind in EDITED:
        edited = _edit(copy, EDITED[kind], language, donors, chance)
        if edited is None:
            return None
        copy = edited
    if kind != "type-1" and (kind == "type-2" or chance.random() < 0.7):
        copy = _rename(copy, chance)
    return _lay_out(copy, language, chance) if kind != "type-2" or chance.random() < 0.5 else copy


def statements(lines: list[str], language: str) -> list[int]:
    """The numbers of the lines that are a whole simple statement."""
    found = []
    for number, line in enumerate(lines[1:], 1):
        text = line.strip()
        if not text or not _balanced(text) or text[0] in "#/*@})]":
            continue
        before = lines[number - 1].strip()
        if language == "python":
            after = lines[number + 1] if number + 1 < len(lines) else ""
            whole = not text.endswith((":", ",", "\\", "(", '"""')) and not before.endswith((",", "\\", "(", "[", "{"))
            whole = whole and _indent(after or line) <= _indent(line) and '"""' not in text
            whole = whole and not re.match(r"(def|class|if|else|elif|for|while|try|except|with|return$)\b", text)
        else:
            whole = text.endswith(";") and before.endswith((";", "{", "}", ":"))
            whole = whole and not re.match(r"(for|if|while|else|case|default|import)\b", text)
        if whole:
            found.append(number)
    return found


def _edit(
    lines: list[str], share: tuple[float, float], language: str, donors: list[str], chance: random.Random
) -> list[str] | None:
    total = sum(bool(line.strip()) for line in lines)
    wanted = round(chance.uniform(*share) * total)
    wanted = max(1, wanted)
    if not share[0] - 0.02 <= wanted / (total + wanted / 2) <= share[1]:
        return None
    places = statements(lines, language)
    if len(places) < wanted or not donors:
        return None
    chance.shuffle(places)
    changes: dict[int, list[str]] = {}
    for place in places[:wanted]:
        indent = " " * _indent(lines[place])
        donor = indent + chance.choice(donors)
        what = chance.choice(["insert", "delete", "change", "insert", "change"])
        if what == "insert":
            changes[place] = [donor, lines[place]] if JUMP.match(lines[place]) else [lines[place], donor]
        elif what == "delete":
            alone = language == "python" and lines[place - 1].rstrip().endswith(":")
            changes[place] = [indent + "pass"] if alone else []
        else:
            changes[place] = [donor]
    return [new for number, line in enumerate(lines) for new in changes.get(number, [line])]


def _rename(lines: list[str], chance: random.Random) -> list[str]:
    text = "\n".join(lines)
    names = sorted(set(NAME.findall(text)) - KEYWORDS)
    chosen = {name: f"{chance.choice(WORDS)}_{chance.randrange(100)}" for name in names if chance.random() < 0.7}
    text = NAME.sub(lambda found: chosen.get(found[0], found[0]), text)
    text = NUMBER.sub(lambda found: str(chance.randrange(1, 99)) if chance.random() < 0.5 else found[0], text)
    text = STRING.sub(lambda found: _reworded(found, chance), text)
    return text.split("\n")


def _reworded(found: re.Match[str], chance: random.Random) -> str:
    """A string with another text; or the same, when it has a prefix, escapes or places to fill, or is a part of one."""
    text, whole = found[0], found.string
    around = whole[max(0, found.start() - 1) : found.start()] + whole[found.end() : found.end() + 1]
    least = 1 if text[0] == '"' else 2  # 'c' is a character in Java
    if re.search(r"""[\w"']""", around) or len(text) - 2 < least or not PLAIN.fullmatch(text[1:-1]):
        return text
    return f'"{chance.choice(WORDS)}"' if chance.random() < 0.5 else text


def _lay_out(lines: list[str], language: str, chance: random.Random) -> list[str]:
    """Other indentation, blank lines and comments."""
    deeper = "    " if language != "python" and chance.random() < 0.3 else ""
    result: list[str] = []
    inside = False  # a string over several lines is left alone
    for line in lines:
        free = not inside and not line.strip().startswith("*")
        if result and free and line.strip() and chance.random() < 0.12:
            comment = COMMENT[language].format(" ".join(chance.choices(WORDS, k=4)))
            result.append(deeper + " " * _indent(line) + comment)
        if free and chance.random() < 0.05:
            result.append("")
        result.append(deeper + line if line.strip() and free else line)
        if language == "python" and (line.count('"""') + line.count("'''")) % 2:
            inside = not inside
    return result


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}")) and not text.count('"') % 2


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
