"""Benchmarks: `python -m benchmarks.<name>` each print ratios of things measured side by side in one run.

With BENCHMARKS=tiny in the environment each does the least that it can and its numbers say nothing: tests run them so,
to know that they still run.
"""
