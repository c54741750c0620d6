"""Side-by-side measurements of the course, printed with the machine's facts: `python -m benchmarks`."""
