"""Reports: the results of runs -> statistics, gates, comparisons and pages.

Imports `evaluation` and `templates`. Read `summary.py` first.
"""
