"""Intervals and timeouts, in seconds, that pages, workers and the database have to agree on.

A lease outlasts a heartbeat that has to wait for the database, and a live worker sends several heartbeats before it
is considered dead: tests check both.
"""

HEARTBEAT_SECONDS = 0.25
"""Between two heartbeats of a worker."""

BUSY_SECONDS = 4.0
"""How long a connection waits while another one writes (SQLite)."""

LEASE_SECONDS = 5.0
"""A worker's lease expires so long after its last heartbeat."""

GRACE_SECONDS = 1.0
"""A worker whose lease has expired is dead if it has sent no heartbeat so much later, while the store takes writes."""

PATIENCE = 60.0
"""So many times longer a silent worker is waited for whose process still lives on this machine: it may be held up."""

STARTUP_SECONDS = 60.0
"""The first lease lasts longer: there is no heartbeat yet while torch is imported, perhaps from a cold disk."""

AWAY_SECONDS = 60.0
"""How long a worker retries while the store is unavailable: a backup, a restart of the server."""

STOP_SECONDS = 0.7
"""After Stop, a step that takes longer is killed."""

IDLE_SECONDS = 45.0
"""An idle worker stays this long, with torch imported: the next run starts without that delay."""

STARTING_SECONDS = 5.0
"""How long a new worker may take to acquire its slot."""

CHECK_SECONDS = 1.0
"""Between two checks for dead workers, and for queues without a worker."""
