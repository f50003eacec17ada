"""Disposition: the header that says whether a file is shown or saved, and its name. Pure."""

from urllib.parse import quote


def disposition(name: str, how: str = "attachment") -> str:
    """RFC 6266: the whole name for clients that read RFC 8187, in ASCII for the others."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
