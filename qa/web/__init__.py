"""Web: the HTTP server, with APIs for programs beside the chat page.

Imports `page`, `gradio`, `security`, `service` and `answering`. Read `app.py` first.
"""
