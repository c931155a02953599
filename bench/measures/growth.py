"""5: what more tasks cost: the same batches over databases of growing size, and the memory of a worker."""

from __future__ import annotations

from contextlib import ExitStack

from bench.measures.setup import Setup
from bench.results import Goal, Result
from bench.rounds import Side

TITLE = "Growth"


def measure(setup: Setup) -> Result:
    """Batches of ten on four connections, a server a size, all measured in turn."""
    result = Result("growth", TITLE)
    with ExitStack() as running:
        servers = {size: running.enter_context(setup.ours("sqlite", size)) for size in setup.sizes}
        for what in ("reads", "creates"):
            sides = {size: Side(f"{what}, {size:,} tasks", servers[size], what, 10, 4) for size in setup.sizes}
            found, _ = setup.rounds.measure(list(sides.values()))
            result.figures += found.values()
            least, most = min(sides), max(sides)
            cost = found[sides[least].name].over(found[sides[most].name])
            said = f"{what}: cost of an action, {most:,} tasks against {least:,}"
            result.goals.append(Goal(said, 1.3, cost, most=True))
        memory = servers[max(servers)].memory()
    result.goals.append(Goal(f"memory of a worker, {max(servers):,} tasks", 200, memory, most=True, unit=" MB"))
    return result
