"""Where training runs: the run store (what is remembered), the worker that trains, and the executor that starts it.

Law: records, errors, places and training, with SQLAlchemy; nothing of Streamlit, and torch only inside a worker, so
that a page reads the store cheaply. The store is the only channel between pages and workers, and whoever claims
something there does it with one UPDATE that names the state it expects, so that any database and any number of servers
will do. To run workers elsewhere, write another `Executor`; to keep more of a run, add a column in `schema`, a step to
its `MIGRATIONS`, and the field in `rows`.
"""

from explorer.jobs.executor import Executor, LocalExecutor
from explorer.jobs.lab import Lab
from explorer.jobs.store import RunStore

__all__ = ["Executor", "Lab", "LocalExecutor", "RunStore"]
