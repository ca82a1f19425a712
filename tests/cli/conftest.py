"""The same store and workers as for the tests of jobs."""

from tests.jobs.conftest import store, url

__all__ = ["store", "url"]
