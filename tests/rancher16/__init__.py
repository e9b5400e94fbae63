"""A Rancher 1.6 server for tests: real HTTP, real websockets, a state machine with real but short times.

It holds no containers. It refuses what the real server refuses, and it can be told to go wrong (`faults`, `images`).
Start it by hand with `python -m tests.rancher16`.
"""

from __future__ import annotations

from tests.rancher16.faults import Fault
from tests.rancher16.images import Behaviour
from tests.rancher16.server import RancherServer

__all__ = ["Behaviour", "Fault", "RancherServer"]
