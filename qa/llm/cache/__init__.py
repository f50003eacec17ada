"""KV cache: the states of passages that were read, in memory and on disk.

Imports nothing else of ours but `errors`. Read `memory.py` first.
"""
