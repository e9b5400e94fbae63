"""`gateline` and `python -m gates`: the one place that turns errors into exit codes."""

from __future__ import annotations

import gc
import os
import sys

from gates.errors import ExitCode, GatelineError

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit by the table in `gates.errors.ExitCode`."""
    is_hook = sys.argv[1:2] == ["hook"]
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except GatelineError as error:
        code = _tell(str(error), error.exit_code)
    except KeyboardInterrupt:
        code = _tell("interrupted", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has seen enough (`gateline ... | head`); Python's own last flush must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.FAILED
    except Exception as error:
        if os.environ.get("GATELINE_DEBUG"):
            raise
        hint = "  This is a mistake in Gateline, so nothing has passed. GATELINE_DEBUG=1 shows where it is."
        code = _tell(f"{type(error).__name__}: {error}\n{hint}", ExitCode.NOT_RUN)
    if is_hook:
        sys.stderr.flush()
        os._exit(code)  # a commit waits: taking Python down in good order would cost as much as a git call
    sys.exit(code)


def _tell(words: str, code: int) -> int:
    sys.stderr.write(f"gateline: {words}\n")
    return code


def run(arguments: list[str]) -> int:
    """Run one verb; returns its exit code. `hook` goes a way of its own: it must not even import click."""
    if arguments[:1] == ["hook"]:
        gc.disable()  # it is over before there is anything to collect
        from gates.cli.hook import run_hook

        return run_hook(arguments[1:])
    from gates.cli.main import run_verb

    return run_verb(arguments)


if __name__ == "__main__":
    main()
