"""cluster.py JOBS RESULTS STORE PROGRAM

Does jobs on a simulated cluster of three nodes, and kills one actor and one node while they work.
"""

import os
import signal
import sys

import ray as ray_module
from ray.cluster_utils import Cluster

import planche.ray as driver


class Killing(driver.Pool):
    """Kills workers right after they got a batch."""

    cluster = None
    submitted = 0
    actors = 0
    nodes = 0

    def submit(self, batch):
        super().submit(batch)
        self.submitted += 1
        call = list(self.busy)[-1]
        pid, node = self.places[self.busy[call][0]]
        others = [other for other in self.cluster.list_all_nodes() if not other.head]
        if not self.actors and self.submitted >= 2:
            os.kill(pid, signal.SIGKILL)
            type(self).actors += 1
        elif self.actors and not self.nodes and self.submitted >= 4:
            for other in others:
                if other._node_id == node:
                    self.cluster.remove_node(other, allow_graceful=False)
                    type(self).nodes += 1


def add_node(cluster, resources):
    """Starts a node; the first one is the head. On a busy machine, the thirty seconds that Ray waits
    for it may not suffice."""
    for attempt in range(5):
        try:
            return cluster.add_node(**resources)
        except Exception as error:
            print(f"attempt {attempt + 1} to start a node: {error}", file=sys.stderr)
    raise SystemExit("Ray starts no node")


def main(jobs, results, store, program):
    small = {"num_cpus": 1, "object_store_memory": 80 << 20}
    cluster = Cluster()
    for _ in range(3):
        add_node(cluster, small)
    Killing.cluster = cluster
    driver.Pool = Killing
    try:
        status = driver.main(
            [jobs, "--store", store, "--results", results, "--program", program]
            + ["--address", cluster.address, "--batch-seconds", "0.5"]
        )
    finally:
        ray_module.shutdown()
        cluster.shutdown()
    print(f"killed {Killing.actors} actor and {Killing.nodes} node")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
