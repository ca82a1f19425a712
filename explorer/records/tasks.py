"""Background tasks: order and status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OPEN_TASK_STATES = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """A task by value, as a page submits it to a worker.

    `request` and `model` are JSON; `weights` is a digest of the model's weights, which are stored beside the order.
    `key` identifies the result: a digest of all the others, so that equal orders share one result.
    """

    key: str
    slug: str
    version: int
    request: str
    model: str
    weights: str


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """Status of a task.

    `state` is "none" (never submitted, or dropped since), "waiting", "running", "done", "stopped", "failed", or "lost"
    where its worker was killed. `values` are its intermediate reports, `detail` the message of a failure, `owner` a
    digest of who started it ("" for nobody).
    """

    state: str = "none"
    done: int = 0
    total: int = 0
    values: tuple[float, ...] = ()
    detail: str = ""
    owner: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in OPEN_TASK_STATES


def combined(parts: Sequence[TaskStatus]) -> TaskStatus:
    """Combined status of several tasks: open while one is, done when all are, else the first other state."""
    states = [part.state for part in parts]
    ended = [part for part in parts if part.state not in (*OPEN_TASK_STATES, "done")]
    if any(part.is_open for part in parts):
        state = "running" if "running" in states else "waiting"
    else:
        state = ended[0].state if ended else "done"
    values = parts[0].values if len(parts) == 1 else ()
    done, total = sum(part.done for part in parts), sum(part.total for part in parts)
    return TaskStatus(state, done, total, values, next((part.detail for part in ended), ""))
