"""The same store and workers as for the tests of jobs."""

from tests.jobs.conftest import postgres, store, url

__all__ = ["postgres", "store", "url"]
