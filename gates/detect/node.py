"""Gates for a JavaScript or TypeScript project, chosen by the scripts of its package.json."""

from __future__ import annotations

import re

from gates.detect.survey import Choice, Survey, table

__all__ = ["detect_node", "is_node_project", "package_manager", "script_command"]

PLACEHOLDER = re.compile(r"no test specified")
WATCHES = re.compile(r"--watch(All)?(?![A-Za-z=])|--watch(All)?=true")
COPY_FINDERS = re.compile(r"\b(jsinspect|jscpd)\b")
LOCKS = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
TEST_RUNNERS = (("vitest", "vitest run"), ("jest", "jest"), ("mocha", "mocha"))
ESLINT_CONFIG = re.compile(r"^(eslint\.config\.[cm]?[jt]s|\.eslintrc(\.[a-z]+)?)$")
TEST_FILE = re.compile(r"(^|/)(__tests__/.*|[^/]+\.(test|spec))\.[cm]?[jt]sx?$|^tests?/.*\.[cm]?[jt]sx?$")
TEST_SCRIPTS = ("test", "test:ci", "test:unit", "tests", "unit")
TYPE_SCRIPTS = ("typecheck", "type-check", "check-types", "check:types", "types", "tsc")


def is_node_project(survey: Survey) -> bool:
    """Whether a package.json is here."""
    return "package.json" in survey.names


def detect_node(survey: Survey) -> list[Choice]:
    """The gates that this package uses: tests, lint, types, dependencies, and its `inspect` script."""
    finders = (_tests, _lint, _types, _dependencies, _inspect)
    return [choice for finder in finders if (choice := finder(survey)) is not None]


def package_manager(survey: Survey) -> tuple[str, str]:
    """Which package manager, and why: "packageManager" of package.json, else the lock file, else npm."""
    named = str(survey.json("package.json").get("packageManager", "")).split("@")[0]
    if named in ("npm", "yarn", "pnpm", "bun"):
        return named, "packageManager in package.json"
    for lock, manager in LOCKS:
        if lock in survey.names:
            return manager, lock
    return "npm", "no lock file"


def script_command(manager: str, script: str) -> str:
    """How a person would type it: `npm test`, `npm run lint`, `yarn lint`."""
    if script == "test" and manager != "bun":
        return f"{manager} test"
    return f"{manager} {script}" if manager == "yarn" else f"{manager} run {script}"


def _scripts(survey: Survey) -> dict[str, str]:
    scripts = table(survey.json("package.json"), "scripts")
    return {name: text for name, text in scripts.items() if isinstance(text, str)}


def _packages(survey: Survey) -> set[str]:
    data = survey.json("package.json")
    return {name for group in ("dependencies", "devDependencies", "peerDependencies") for name in table(data, group)}


def _script(survey: Survey, gate: str, name: str, **options: object) -> Choice:
    """A gate that runs one script."""
    manager, why = package_manager(survey)
    reason = f"script {name!r} in package.json, run with {manager} ({why})"
    return Choice(gate, {"run": script_command(manager, name), **options}, reason)


def _tests(survey: Survey) -> Choice | None:
    scripts = _scripts(survey)
    for name in TEST_SCRIPTS:
        text = scripts.get(name, "")
        if not text or PLACEHOLDER.search(text) or WATCHES.search(text):
            # npm's placeholder tests nothing, and a watcher never ends.
            continue
        # Create React App watches unless it believes to be in CI.
        env = {"env": {"CI": "true"}} if "react-scripts test" in text else {}
        return _script(survey, "tests", name, **env)
    if survey.matching(TEST_FILE):
        for package, command in TEST_RUNNERS:
            if package in _packages(survey):
                return Choice("tests", {"run": command}, f"{package} is a dependency in package.json")
    return None


def _lint(survey: Survey) -> Choice | None:
    text = _scripts(survey).get("lint")
    if text:
        return _script(survey, "lint", "lint")
    config = next(iter(survey.matching(ESLINT_CONFIG)), "")
    if config or "eslintConfig" in survey.json("package.json"):
        return Choice("lint", {"run": "eslint ."}, f"eslint: {config or 'eslintConfig in package.json'}")
    return None


def _types(survey: Survey) -> Choice | None:
    scripts = _scripts(survey)
    for name in TYPE_SCRIPTS:
        if scripts.get(name) and "--watch" not in scripts[name]:
            return _script(survey, "types", name)
    if "tsconfig.json" in survey.names and "typescript" in _packages(survey):
        return Choice("types", {"run": "tsc --noEmit"}, "tsconfig.json is there and typescript is a dependency")
    return None


def _dependencies(survey: Survey) -> Choice | None:
    return _script(survey, "dependencies", "test:deps") if _scripts(survey).get("test:deps") else None


def _inspect(survey: Survey) -> Choice | None:
    """`inspect` is where teams keep jsinspect; the copypaste gate takes over that work."""
    text = _scripts(survey).get("inspect", "")
    if not text:
        return None
    if found := COPY_FINDERS.search(text):
        return Choice("copypaste", {}, f"in place of {found[1]}, which the script 'inspect' in package.json runs")
    choice = _script(survey, "inspect", "inspect", kind="command", doors=["merge", "push", "ci"])
    choice.kind = "command"
    return choice
