"""Browser: asks the door as browsers and programs do, without a server between."""

import asyncio
import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bcrypt
import httpx2

from qa.web.security.users import Users

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Tell what came through the door; read the body first where the path says so."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        return
    body, message = b"", {"more_body": scope["method"] == "POST"}
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("gone")
        body += message.get("body", b"")
    kind = b"text/html; charset=utf-8" if scope["path"] == "/" else b"application/json"
    names = [value.decode() for name, value in scope["headers"] if b"visitor" in name]
    told = {"visitor": scope["state"]["visitor"], "header": names, "bytes": len(body)}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


class Browser:
    """Keeps cookies, as a browser does, and asks a door for pages."""

    def __init__(
        self, door: Any, base: str = "http://localhost:7860", ip: str = "127.0.0.1"
    ) -> None:
        self.door = door
        self.base = base
        self.ip = ip
        self.cookies = httpx2.Cookies()

    async def asks(self, method: str, path: str, **more: Any) -> httpx2.Response:
        transport = httpx2.ASGITransport(self.door, client=(self.ip, 1))
        async with httpx2.AsyncClient(
            transport=transport, base_url=self.base, cookies=self.cookies
        ) as client:
            response = await client.request(method, path, **more)
        self.cookies = client.cookies
        return response

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return asyncio.run(self.asks("GET", path, **more))

    def post(self, path: str, **more: Any) -> httpx2.Response:
        return asyncio.run(self.asks("POST", path, **more))

    def signs_in(self, name: str, password: str, **more: Any) -> httpx2.Response:
        fields = {"username": name, "password": password}
        return self.post("/login", data=fields, **{"headers": HTML, **more})


def two_users(folder: Path) -> Users:
    """Ana, whose password is sesame, and bob, whose is barley:é."""
    path = folder / "users"
    path.write_text(f"ana:{hashed('sesame')}\nbob:{hashed('barley:é')}\n", encoding="utf-8")
    return Users(path)


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def error(response: httpx2.Response) -> tuple[int, str, str]:
    told = response.json()["error"]
    return response.status_code, told["type"], told["code"]


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def visitor(response: httpx2.Response) -> str:
    assert response.status_code == 200, response.text
    told = response.json()
    assert told["header"] == [told["visitor"]]
    return str(told["visitor"])
