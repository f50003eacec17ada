"""IPC: `ask` and a running `chat` talk over a Unix socket.

Imports `service`, `weights`, `answering.turns` and `environment`. Read `protocol.py` first.
"""
