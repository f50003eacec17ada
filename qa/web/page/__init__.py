"""Page: the chat page on Gradio.

Imports `gradio`, `security`, `service` and `templates`. Read `page.py` first, then `events.py`.
"""
