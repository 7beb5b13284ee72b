"""Processes forked from one that has imported everything: they come to work in a moment and can be killed at work."""

from __future__ import annotations

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
# One process has one such server, so that whatever is started from it is named here.
FORKS.set_forkserver_preload(["tests.faults.served", "tests.reporting_api.clock_replica"])
