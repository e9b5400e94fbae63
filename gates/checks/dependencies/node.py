"""The Node side: imports and require calls against package.json."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gates.checks.dependencies.finds import Declared, Finds, Project, line_of, table
from gates.checks.dependencies.known import NODE_BUILTINS
from gates.finding import Place

__all__ = ["SCRIPTS", "check_node", "node_projects", "scripts_imports"]

SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte")
GROUPS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")

_LITERALS = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*(?:.|\n)*?\*/""",
)
_NAMED = re.compile(
    r"""(?:\b(?P<word>from|import|export)\s*|\b(?:require|import|require\.resolve|jest\.mock|vi\.mock)\s*\(\s*)"""
    r"""(?P<quote>['"`])(?P<name>[^'"`\n$]+)(?P=quote)"""
)
_TYPE_ONLY = re.compile(r"\b(?:import|export)\s+type\b[^;]*$")
PACKAGE = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*")
ALIASES = ("@/", "~", "#", ".", "/", "$")
"""What no package's name begins with: relative paths, and aliases that bundlers know."""


def scripts_imports(raw: bytes | None) -> tuple[Any, ...]:
    """("", ((package, line, type only), ...)) of the bytes of a script."""
    if raw is None:
        return ("1: it is too big to be read", ())
    text = _LITERALS.sub(_without_comment, raw.decode("utf-8", "replace"))
    found = set()
    for match in _NAMED.finditer(text):
        name = match["name"]
        if name.startswith(ALIASES) or ":" in name or not (package := PACKAGE.match(name)):
            continue
        if package.end() < len(name) and name[package.end()] != "/":
            continue
        line = text.count("\n", 0, match.start("name")) + 1
        start = text.rfind("\n", 0, match.start()) + 1
        type_only = match["word"] == "from" and bool(_TYPE_ONLY.search(text[start : match.start()]))
        if package[0] not in NODE_BUILTINS:
            found.add((package[0], line, type_only))
    return ("", tuple(sorted(found)))


def _without_comment(match: re.Match[str]) -> str:
    """Strings stay, comments leave their line ends."""
    return match[0] if match["text"] else "\n" * match[0].count("\n")


def node_projects(root: str, files: Iterable[str], errors: list[str]) -> list[Project]:
    """Every folder with a package.json; a sentence in `errors` for each that cannot be read."""
    projects = []
    for path in files:
        if os.path.basename(path) != "package.json" or "node_modules/" in path:
            continue
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                text = file.read()
            data = json.loads(text)
        except (OSError, ValueError) as error:
            errors.append(f"{path}: {error}")
            continue
        project = Project(os.path.dirname(path))
        if isinstance(table(data).get("name"), str):
            project.own.add(str(data["name"]))
        for group in GROUPS:
            for name in table(data, group):
                needed = group == "dependencies"
                project.declared.setdefault(name, Declared(name, path, line_of(text, name), needed))
        projects.append(project)
    return projects


def check_node(
    root: str,
    files: list[str],
    projects: list[Project],
    imports: dict[str, Iterable[tuple[str, int, int]]],
    finds: Finds,
    ignore: set[str],
) -> None:
    """Compare the imports of all scripts with the package.json files above them."""
    own = {name for project in projects for name in project.own}
    aliases = set(_aliases(root, files))
    used: set[str] = set()
    for path in sorted(imports):
        above = [project for project in projects if project.holds(path)]
        declared = {name for project in above for name in project.declared}
        for package, line, type_only in imports[path]:
            names = {package, _types_of(package)} if type_only else {package}
            used |= {package, _types_of(package)}
            if not above or names & (declared | own | ignore) or _is_folder(package, above, files, aliases):
                continue
            finds.undeclared(package, f"{package} is imported and not declared", Place(path, line))
    unused = [
        declared
        for project in projects
        for name, declared in project.declared.items()
        if declared.needed and name not in used | ignore
    ]
    if unused:
        text = _texts(root, files)
        for one in unused:
            if not re.search(rf"(?<![\w@/.-]){re.escape(one.name)}(?![\w-])", text):
                finds.add_unused(one)


def _types_of(package: str) -> str:
    """Where the types of a package without any are: @types/scope__name."""
    return "@types/" + package.removeprefix("@").replace("/", "__")


def _aliases(root: str, files: Iterable[str]) -> Iterator[str]:
    """Beginnings of the names that tsconfig.json and jsconfig.json map to folders of the tree."""
    for path in files:
        name = os.path.basename(path)
        if name.startswith(("tsconfig", "jsconfig")) and name.endswith(".json"):
            try:
                with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                    text = file.read()
            except OSError:
                continue
            mapped = re.search(r'"paths"\s*:\s*\{([^}]*)\}', text)
            for alias in re.findall(r'"([^"]+)"\s*:', mapped[1] if mapped else ""):
                if start := alias.removesuffix("*"):
                    yield start


def _is_folder(package: str, above: list[Project], files: list[str], aliases: set[str]) -> bool:
    """Whether the name means a folder or file of the tree: by an alias, or below a base folder."""
    if any(f"{package}/".startswith(alias) for alias in aliases):
        return True
    bases = {f"{project.folder}/" if project.folder else "" for project in above}
    starts = tuple(f"{base}{inner}{package}{end}" for base in bases for inner in ("", "src/") for end in ("/", "."))
    return any(path.startswith(starts) for path in files)


def _texts(root: str, files: Iterable[str]) -> str:
    """All texts that may name a package without importing it: configurations, scripts, styles, templates."""
    parts = []
    for path in files:
        name = os.path.basename(path)
        if name in ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"):
            continue
        if path.endswith((*SCRIPTS, ".json", ".html", ".css", ".scss", ".yml", ".yaml")) or name.startswith("."):
            try:
                with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
                    text = file.read()
            except OSError:
                continue
            parts.append(_without_groups(text) if name == "package.json" else text)
    return "\n".join(parts)


def _without_groups(text: str) -> str:
    """package.json without its declarations: they do not use what they name."""
    try:
        data = json.loads(text)
    except ValueError:
        return ""
    return json.dumps({key: value for key, value in table(data).items() if key not in GROUPS})
