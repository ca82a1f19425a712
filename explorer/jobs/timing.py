"""Every number of seconds that pages, workers and the database have to agree on.

A lease outlives a heartbeat that has to wait its turn at the database, and a worker that lives beats several times
before it is taken for dead: tests hold both.
"""

PULSE_SECONDS = 0.25
"""Between two heartbeats of a worker."""

BUSY_SECONDS = 4.0
"""So long a connection waits for its turn where another one writes (SQLite)."""

LEASE_SECONDS = 5.0
"""A worker whose last heartbeat is older is silent."""

GRACE_SECONDS = 1.0
"""A silent worker is dead if it is still silent so much later, while the store takes writes."""

STARTUP_SECONDS = 60.0
"""The first lease lasts longer: there is no heartbeat yet while torch is loaded, from a cold disk perhaps."""

AWAY_SECONDS = 60.0
"""A worker goes on asking a store that does not answer for so long: a backup, a restart of the server."""

STOP_SECONDS = 0.7
"""After Stop, a step that takes longer is not waited for."""

IDLE_SECONDS = 45.0
"""An idle worker stays this long, with torch loaded: whoever presses again does not wait for it."""

STARTING_SECONDS = 5.0
"""That a new worker may need until it holds its slot."""

LOOK_SECONDS = 1.0
"""Between two looks for dead workers, and for queues that nobody attends."""
