"""Side-by-side and under-load measurements; `python -m benchmarks` runs them and prints figures."""
