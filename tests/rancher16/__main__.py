"""`python -m tests.rancher16`: a Rancher 1.6 to try things on, with the service gf-chat/parrot-rest."""

from __future__ import annotations

import argparse
import threading

from tests.rancher16.images import BY_TAG
from tests.rancher16.server import RancherServer


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.rancher16", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--scale", type=float, default=1.0, help="0.1 makes the server's time run ten times as fast")
    options = parser.parse_args()
    server = RancherServer(options.scale)
    server.port = options.port
    server.start()
    check = {"port": 8080, "interval": 2000, "strategy": "none"}
    try:
        server.add_service(launchConfig={"healthCheck": check, "environment": {"LOG_LEVEL": "info"}})
        print(f"export RANCHER_URL={server.url}")
        print(f"export RANCHER_ACCESS_KEY={server.access}")
        print(f"export RANCHER_SECRET_KEY={server.secret}")
        print(f"# gf-chat/parrot-rest runs acme/parrot:1; tags that go wrong: {', '.join(BY_TAG)}", flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()


if __name__ == "__main__":
    main()
