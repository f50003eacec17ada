"""Reports: the results of runs -> scores, quality gates, comparisons and pages.

Imports `evaluation` and `templates`. Read `summary.py` first.
"""
