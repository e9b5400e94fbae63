"""`gateline deploy`: roll a service forward on Rancher, watch it, and confirm it or bring it back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from gates.errors import UsageError
from gates.rancher.connect import (
    DURATION,
    LOCAL_PATH,
    Connection,
    address_argument,
    connection_options,
    find_place,
    has_keys,
    history_path,
    open_driver,
)
from gates.rancher.door import Passage, pass_door
from gates.rancher.log_view import LogView
from gates.rancher.logs import Alarm
from gates.rancher.marks import deploy_mark
from gates.rancher.narrator import Narrator
from gates.rancher.record import History
from gates.rancher.request import Place, Request, merged
from gates.rancher.session import run_recorded
from gates.rancher.target import Driver
from gates.rancher.terms import Options
from gates.rancher.upgrade import Upgrade
from gates.reports.style import Style

__all__ = ["command"]

WISH = (
    click.option("--stack", help="Default: the target's, else CI_PROJECT_NAMESPACE."),
    click.option("--service", help="Default: the target's, else CI_PROJECT_NAME."),
    click.option("--image", help="Image with a tag or digest. Default: the one that is there now."),
    click.option("--env", "env_pairs", multiple=True, metavar="NAME[=VALUE]", help="Set a variable; the others stay."),
    click.option("--unset", multiple=True, metavar="NAME", help="Remove a variable."),
    click.option("--label", "label_pairs", multiple=True, metavar="NAME=VALUE", help="Set a label; the others stay."),
    click.option("--unset-label", multiple=True, metavar="NAME", help="Remove a label."),
    click.option("--sidekick", "sidekick_pairs", multiple=True, metavar="NAME=IMAGE", help="Change or add a sidekick."),
    click.option("--remove-sidekick", multiple=True, metavar="NAME", help="Take a sidekick away."),
    click.option("--only-sidekicks", is_flag=True, default=None, help="Leave the service itself alone."),
    click.option("--all-sidekicks", is_flag=True, help="Replace the containers of unchanged sidekicks too."),
    click.option("--pull", type=click.Choice(["default", "always", "before"]), help="When hosts fetch the images."),
    click.option("--batch-size", type=click.IntRange(1), help="Containers replaced at a time. Default: 1."),
    click.option("--interval", type=DURATION, help="Pause between two batches. Default: 2s."),
    click.option("--start-first/--stop-first", default=None, help="Start new containers before stopping old ones."),
)

MADE = (
    click.option("--create", is_flag=True, help="Make the stack and the service when they are not there."),
    click.option("--link", "links", multiple=True, metavar="SERVICE[:ALIAS]", help="With --create: a link."),
    click.option("--secret", "secrets", multiple=True, metavar="NAME", help="With --create: a secret of Rancher."),
    click.option("--host", default="", metavar="ID", help="With --create: the host to run on, by its id or name."),
)

DESCRIBED = (
    click.option(
        "--compose",
        type=LOCAL_PATH,
        metavar="FILE",
        default="",
        help="docker-compose.yml: bring the whole stack to that.",
    ),
    click.option(
        "--rancher-compose", type=LOCAL_PATH, metavar="FILE", default="", help="rancher-compose.yml beside it."
    ),
    click.option(
        "--webhook", metavar="NAME", default="", help="Variable with the URL of a receiver that begins the upgrade."
    ),
)

WATCH = (
    click.option("--deadline", type=DURATION, help="How long the whole upgrade may take. Default: 10m."),
    click.option("--bake", type=DURATION, help="How long all must be well before the end. Default: 60s."),
    click.option("--grace", type=DURATION, help="How long a new container may be unhealthy. Default: 60s."),
    click.option("--max-restarts", type=click.IntRange(0), help="How often a new container may restart. Default: 3."),
    click.option("--abort-on-log", metavar="REGEX", help="A matching line of a new container fails the upgrade."),
    click.option("--poll", type=DURATION, help="Time between two looks without news from the server. Default: 2s."),
    click.option("--logs", is_flag=True, help="Show the output of the new containers too."),
    click.option("--undo/--no-undo", default=True, help="Whether to go back when the upgrade fails. Default: go back."),
    click.option("--finish/--no-finish", default=True, help="Whether to confirm in the end. Default: confirm."),
    click.option("--wait/--no-wait", default=True, help="With --no-wait: begin, do not watch, exit 7."),
    click.option("--adopt", type=click.Choice(["finish", "rollback"]), help="What to do with a leftover of others."),
    click.option("--again", is_flag=True, help="Upgrade although this very deploy was made before."),
    click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing."),
    click.option("--history", type=LOCAL_PATH, default="", help="File to record in. Default: in the git dir."),
)

DOOR = (
    click.option("--commit", default="", help="What is deployed. Default: CI_COMMIT_SHA, else HEAD."),
    click.option("--verdict", type=LOCAL_PATH, help="The signed verdict. Default: reports/verdict.dsse.json."),
    click.option("--key", help="Public key that must have signed. Default: the target's, else GATELINE_PUBLIC_KEY."),
    click.option("--policy-from", help="Revision whose configuration counts, such as origin/main."),
    click.option("--require", multiple=True, help="Gates that must have passed: lint,tests. Default: all configured."),
    click.option("--max-age", type=DURATION, help="How old the verdict may be. Default: 24h."),
    click.option("--ref", help="The ref it must have been made for: refs/heads/main."),
    click.option("--without-verdict", metavar="REASON", help="Deploy without one. The reason is shown and recorded."),
)


def with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed((*WISH, *MADE, *DESCRIBED, *WATCH, *DOOR)):
        function = option(function)
    return function


@click.command(short_help="Roll a service forward on Rancher, with a verdict only.")
@address_argument
@with_options
@connection_options
def command(address: str, connection: Connection, **given: Any) -> int:
    """Upgrade a service, watch it, and confirm it or bring it back by itself.

    Exits 0 when it is deployed and well, 4 without a verdict, 5 when it failed and the old state is back, 6 when it
    could not be undone, 7 when it still went on at the deadline.
    """
    place = find_place(address, given["commit"], os.environ)
    target = place.target.get("rancher") or {}
    options = _tidied(given)
    if options["rancher_compose"] and not options["compose"]:
        raise UsageError("--rancher-compose needs --compose")
    if not options["create"] and (options["links"] or options["secrets"] or options["host"]):
        raise UsageError("--link, --secret and --host say how a service is made, so they need --create")
    if options["webhook"] and options["compose"]:
        raise UsageError("--webhook and --compose exclude each other")
    if options["compose"] or (target.get("compose") and not options["webhook"]):
        from gates.rancher.compose.deploy import deploy_stack

        return deploy_stack(place, options, connection, os.environ)
    if webhook := options["webhook"] or target.get("webhook"):
        return _by_webhook(webhook, place, options, connection)
    request = merged(place, options, os.environ)
    passage = _pass(place, request, options)
    if options["create"]:
        from gates.rancher.compose.create import create

        if create(place, request, passage, options, connection, os.environ):
            return 0
    return _upgrade(open_driver(request, connection, os.environ), place, request, options, passage)


def _pass(place: Place, request: Request, options: dict[str, Any]) -> Passage:
    return pass_door(
        place.repository,
        place.commit,
        request.proof,
        place.settings,
        reason=options["without_verdict"],
        images=_images(request),
    )


def _by_webhook(webhook: str, place: Place, options: dict[str, Any], connection: Connection) -> int:
    """As any upgrade, but for its beginning; without keys there is nothing but the beginning."""
    from gates.rancher import webhook_call

    receiver = webhook_call.receiver_for(webhook, options, os.environ)
    watched = has_keys(place.target.get("rancher") or {}, os.environ)
    request = merged(place, options, os.environ, needed=("stack", "service") if watched else ())
    webhook_call.check(request.wish)
    passage = _pass(place, request, options)
    if not watched:
        path = history_path(options["history"], place.repository)
        return webhook_call.call_blindly(receiver, place, request, passage, connection, path, options, os.environ)
    options["again"] = True  # a receiver is called for an image that was pushed anew, also under the same name
    driver = webhook_call.open_webhook_driver(receiver, request, connection, os.environ)
    return _upgrade(driver, place, request, options, passage)


def _upgrade(driver: Driver, place: Place, request: Request, options: dict[str, Any], passage: Passage) -> int:
    narrator = Narrator(driver.name, sys.stdout, os.environ)
    try:
        narrator.note(passage.words)
        result = _deploy(driver, narrator, place, request, options, passage.record)
    finally:
        narrator.close()
        driver.close()
    click.echo(f"{driver.name}: {WORDS[result]}")
    return 0


WORDS = {
    "deployed": "deployed and well",
    "unchanged": "nothing to do, this deploy was made before and is well",
    "waiting": "upgraded and well; it waits for `gateline finish` or `gateline rollback`",
    "planned": "nothing was changed (--dry-run)",
}


def _deploy(
    driver: Driver, narrator: Narrator, place: Place, request: Request, given: dict[str, Any], verdict: dict[str, Any]
) -> str:
    mark = deploy_mark(driver, request.wish, place.commit, os.environ)
    options = Options(
        undo=given["undo"],
        finish=given["finish"],
        wait=given["wait"],
        adopt=given["adopt"] or "",
        again=given["again"],
        dry_run=given["dry_run"],
        pull=request.wish.pull == "before",
    )
    alarm = _alarm(driver, narrator, request, shown=given["logs"])
    upgrade = Upgrade(driver, request.limits, narrator, options, alarm)

    def action() -> str:
        return upgrade.deploy(lambda found: driver.diff(request.wish, found), mark)

    if options.dry_run:
        return action()
    path = history_path(given["history"], place.repository)
    if not path:
        narrator.note("this deploy is recorded nowhere: there is no repository here, and no --history")
    history = History(path) if path else None
    facts = {"commit": place.commit, "verdict": verdict, "deploy": mark.deploy}
    try:
        return run_recorded("deploy", upgrade, action, history, facts, narrator, os.environ)
    finally:
        if alarm is not None:
            alarm.close()


def _alarm(driver: Driver, narrator: Narrator, request: Request, *, shown: bool) -> Alarm | None:
    if not shown and not request.abort_on_log:
        return None
    view = LogView(narrator.line, Style.of(sys.stdout, os.environ), grep=None, times=False, as_json=False)
    return Alarm(driver, request.abort_on_log, view.show if shown else None)


def _tidied(given: dict[str, Any]) -> dict[str, Any]:
    """Pairs as mappings, with None for what is to go."""
    result = dict(given)
    for name, pairs, gone in (
        ("env", "env_pairs", "unset"),
        ("labels", "label_pairs", "unset_label"),
        ("sidekicks", "sidekick_pairs", "remove_sidekick"),
    ):
        result[name] = {**dict(_pair(pair, name) for pair in given[pairs]), **dict.fromkeys(given[gone])}
    result["required"] = tuple(name.strip() for value in given["require"] for name in value.split(",") if name.strip())
    return result


def _pair(text: str, kind: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if kind == "env" and not equals and name in os.environ:
        return name, os.environ[name]  # a secret then stands in no list of processes
    if not name or not equals or (kind == "sidekicks" and not value):
        # The text is not repeated: it may be nothing but a secret.
        raise UsageError(f"one of the {kind} given is not NAME=VALUE")
    return name, value


def _images(request: Request) -> list[str]:
    images = [request.wish.image, *request.wish.sidekicks.values()]
    return [image for image in images if image]
