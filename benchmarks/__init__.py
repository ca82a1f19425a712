"""Benchmarks: `python -m benchmarks.<name>` each print ratios of things measured side by side in one run."""
