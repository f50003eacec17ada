"""CLI: the commands on the terminal; the only place that puts the parts together.

Imports everything but `web.page`; nobody imports it. Read `main.py` first.
"""
