"""The other engines: each computes the same features in a process and an environment of its own.

A peer is a folder: `requirements.txt` (pinned) and `run.py`, which reads an input folder and writes an
`.npz` of features. It has this package on its path, numpy and fastavro, and nothing of the course.
"""
