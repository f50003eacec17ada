"""Calibrates a language model: asks what it leans to, and finds from when on that is believed.

    passages/*.toml -> index -> reader, model -> Measurement -> thresholds
    questions.py             measuring.py     measurements.py    choosing.py

`calibrate.py` is the whole job on one page. What it finds is kept and read by
qa/verification/calibrations.py.
"""
