"""Gradio: what it takes to serve a Gradio page safely, and the API that Gradio gives programs.

Imports `security` and `service`. Read `confinement.py` first; every private name of the library is
in `private_names.py`.
"""
