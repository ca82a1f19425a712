"""Background jobs (training runs and tasks): the run store, the worker process, and the executor that starts workers.

Law: records, errors, rights, paths, training, tasks, with SQLAlchemy; nothing of Streamlit, torch only in a worker, so
that a page reads the store cheaply. The store is the only channel between pages and workers, and every claim is one
UPDATE that names the expected state, so that any database and any number of servers will do. A worker holds a lease on
a slot of its machine (`slot`) and on its jobs (`lease` for runs, `task_lease` for tasks); `workers` lists all slots and
reaps dead workers. To run workers elsewhere, write another `Executor`; to store more about a run, add a column in
`schema`, a step to `database.MIGRATIONS`, and the field in `rows`.
"""

from explorer.jobs.executor import Executor, LocalExecutor
from explorer.jobs.service import RunService
from explorer.jobs.store import RunStore

__all__ = ["Executor", "LocalExecutor", "RunService", "RunStore"]
