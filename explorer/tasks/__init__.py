"""Background tasks of minutes: request, computation and result of each.

Law: records, units, feeding, datasets, networks, tracing and the `Normalizer` of training; torch only inside `run`, so
that a page can order a task before torch is imported. A task is a function of its request, of the model, and of nothing
else (but for `feeding`, which measures time): `run(model, request, report)` reports progress and files, and `result`
parses the files into a record. Where and when it runs is decided in `explorer.jobs`. To add one, write a file in
`entries/` with a frozen dataclass of plain values as its request and a `TaskSpec` in its `SPECS`. When what it computes
changes, raise its `version`: results of the old one are then no longer shown.
"""

from explorer.tasks.contract import Report, TaskSpec, order, task, tasks
from explorer.tasks.model import LoadedModel, load_model, warm_up

__all__ = ["LoadedModel", "Report", "TaskSpec", "load_model", "order", "task", "tasks", "warm_up"]
