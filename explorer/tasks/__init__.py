"""Background work of minutes, declared: what is asked for, what does it, and how its result is read.

Law: records, units, datasets, networks, tracing and the scale of pixels from training; torch only inside `run`, so that
a page can order a task before torch is there. A task is a function of its request, of the model, and of nothing else:
`run(model, request, report)` says how far it is and puts files, and `result` makes a record of them. Where and when it
runs is the business of `explorer.jobs`. To add one, write a file in `entries/` with a frozen dataclass of plain values
as its request and a `TaskSpec` in its `SPECS`. When what it computes changes, raise its `version`: results of the old
one are then not shown any more.
"""

from explorer.tasks.contract import Report, TaskSpec, order, task, tasks
from explorer.tasks.model import LoadedModel, load_model, warm_up

__all__ = ["LoadedModel", "Report", "TaskSpec", "load_model", "order", "task", "tasks", "warm_up"]
