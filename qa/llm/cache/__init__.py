"""KV cache: the states of passages that were read, in memory and on disk.

Imports nothing of ours but `index.atomic_file`. Read `memory.py` first.
"""
