"""Debian's Chromium, which `make browser` installs; nothing of it asks the network for anything."""

import shutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
MISSING = "There is no Chromium: make browser installs it."
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
