"""`python -m tests.rancher16`: a Rancher 1.6 to try things on, with the service gf-chat/parrot-rest."""

from __future__ import annotations

import argparse
import os
import signal
import threading

from tests.rancher16.images import BY_TAG
from tests.rancher16.server import RancherServer

ENVIRONMENT = {"LOG_LEVEL": "info", "DB_PASSWORD": "correct-horse-battery"}
CHECK = {"port": 8080, "interval": 2000, "strategy": "none"}


def main() -> None:
    """Serve until Ctrl-C, or in the background for as long as asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.rancher16", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 makes the server's time run ten times as fast")
    parser.add_argument("--background", type=float, metavar="SECONDS", help="go on in the background, for so long")
    options = parser.parse_args()
    if options.background is None:
        serve(options.port, options.scale, None)
        return
    ready, said = os.pipe()
    if os.fork():
        os.close(said)
        with os.fdopen(ready) as words:
            print(words.read(), end="", flush=True)
        return
    os.close(ready)
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(said, 1)
    os.dup2(null, 0)
    os.dup2(null, 2)
    os.close(said)
    serve(options.port, options.scale, options.background)


def serve(port: int, scale: float, seconds: float | None) -> None:
    """Print what `.` can read, and serve."""
    server = RancherServer(scale)
    server.port = port
    server.start()
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    try:
        server.add_service(launchConfig={"healthCheck": CHECK, "environment": ENVIRONMENT})
        print(f"export RANCHER_URL={server.url}")
        print(f"export RANCHER_ACCESS_KEY={server.access}")
        print(f"export RANCHER_SECRET_KEY={server.secret}")
        print(f"RANCHER_PID={os.getpid()}")
        print(f"# gf-chat/parrot-rest runs acme/parrot:1; tags that go wrong: {', '.join(BY_TAG)}", flush=True)
        if seconds is not None:
            os.dup2(2, 1)
        end.wait(seconds)
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()


if __name__ == "__main__":
    main()
