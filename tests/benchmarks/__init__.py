"""Benchmarks: how quick, how big, and how good beside others. `run.py` says how to run which.

What libraries read when they are loaded is set here, before any is, as `article-qa` sets it for
itself (qa/cli/main.py).
"""

import os

for _name, _value in {
    "GOMP_SPINCOUNT": "10000",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "TRANSFORMERS_VERBOSITY": "error",
}.items():
    os.environ.setdefault(_name, _value)
