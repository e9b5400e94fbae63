"""`gateline` and `python -m gates`: the one place that turns errors into exit codes."""

from __future__ import annotations

import sys

from gates.errors import ExitCode, GatelineError

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit by the table in `gates.errors.ExitCode`."""
    try:
        sys.exit(run(sys.argv[1:]))
    except GatelineError as error:
        print(f"gateline: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("gateline: interrupted", file=sys.stderr)
        sys.exit(ExitCode.INTERRUPTED)


def run(arguments: list[str]) -> int:
    """Run one verb; returns its exit code. `hook` goes a way of its own: it must not even import click."""
    if arguments[:1] == ["hook"]:
        from gates.cli.hook import run_hook

        return run_hook(arguments[1:])
    from gates.cli.main import gateline

    result = gateline.main(arguments, prog_name="gateline", standalone_mode=False)
    return int(result) if isinstance(result, int) else int(ExitCode.PASSED)


if __name__ == "__main__":
    main()
