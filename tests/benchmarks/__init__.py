"""Benchmarks: how quick, how big, and how good beside others. `run.py` says how to run which.

What libraries read when they are loaded is set here, before any is, as `article-qa` sets it for
itself (qa/environment.py).
"""

import os

from qa.environment import quiet

quiet()
os.environ.setdefault("HF_HUB_OFFLINE", "1")
