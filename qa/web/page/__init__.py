"""Page: the chat page; only home of gradio.

Imports `security`, `service` and `templates`. Read `page.py` first, then `events.py`.
"""
