"""Where runs and tasks are worked at: the run store (what is remembered), the worker, and the executor that starts it.

Law: records, errors, places, training and tasks, with SQLAlchemy; nothing of Streamlit, and torch only inside a worker,
so that a page reads the store cheaply. The store is the only channel between pages and workers, and whoever claims
something there does it with one UPDATE that names the state it expects, so that any database and any number of servers
will do. A worker holds a slot of its machine (`slot`) and what it has claimed by it (`lease` for runs, `task_lease` for
tasks); `workers` is how everybody else sees that. To run workers elsewhere, write another `Executor`; to keep more of a
run, add a column in `schema`, a step to `database.MIGRATIONS`, and the field in `rows`.
"""

from explorer.jobs.executor import Executor, LocalExecutor
from explorer.jobs.service import RunService
from explorer.jobs.store import RunStore

__all__ = ["Executor", "LocalExecutor", "RunService", "RunStore"]
