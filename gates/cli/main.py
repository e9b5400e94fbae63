"""`gateline`: the group of all verbs, each imported only when it is called."""

from __future__ import annotations

import importlib

import click

from gates import __version__
from gates.errors import ExitCode

__all__ = ["VERBS", "gateline", "run_verb"]

VERBS: dict[str, str] = {
    "init": "Write a commented gateline.yaml for this repository and install the hooks.",
    "run": "Run the gates.",
    "status": "Show what was checked here and what was skipped; or a service on Rancher.",
    "explain": "Explain a gate or a rule.",
    "doctor": "Check this installation and say what is wrong.",
    "install": "Install the git hooks.",
    "uninstall": "Take the git hooks away and put back what was there.",
    "hook": "What the installed hooks call.",
    "copypaste": "Find copied code, in this tree or against a revision.",
    "ci": "Run the gates of the ci door, write reports and a verdict.",
    "report": "Turn results.json into another report format.",
    "keygen": "Make a key pair that signs verdicts.",
    "verdict": "Show a verdict, or add a subject to it.",
    "verify": "Verify a verdict for a commit.",
    "deploy": "Roll a service forward on Rancher, with a verdict only.",
    "rollback": "Bring a service back to what ran before.",
    "finish": "Confirm an upgrade that is waiting.",
    "history": "Show the deploys recorded here.",
    "logs": "Show the logs of a service, all containers merged in time order.",
    "webhook": "Make a webhook receiver on Rancher.",
}


class LazyGroup(click.Group):
    """A group that knows its verbs by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"gates.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in VERBS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gateline")
def gateline() -> None:
    """One list of gates over one exact tree, at every door: commit, push, merge, CI and deploy."""


def run_verb(arguments: list[str]) -> int:
    """Run one verb; returns its exit code. What click itself finds wrong with the call is told in its words."""
    try:
        result = gateline.main(arguments, prog_name="gateline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort:
        raise KeyboardInterrupt from None
    return int(result) if isinstance(result, int) else ExitCode.PASSED
