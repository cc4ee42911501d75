"""Two marketplaces in one that have nothing to tell and take 200 ms to say so: any number of sellers, each call counted.

The imitations proper keep books on disk and check every header; two thousand sellers on them would measure the imitations. Tokens name the
seller, so that one can be dead (accepts and never answers) and one slow. ``python -m tests.benchmarks.slow_marketplaces PORT``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from urllib.parse import parse_qs

ANSWER_S, SLOW_S = 0.2, 10.0
calls: dict[str, list[float]] = {}
ill: dict[str, str] = {}


async def main(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.start_server(_connection, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def _connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await _exchange(reader, writer):
            pass
    except (ConnectionError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    line = await reader.readline()
    if not line:
        return False
    headers: dict[str, str] = {}
    while (header := await reader.readline()) not in {b"\r\n", b""}:
        name, _colon, value = header.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    answer = await _answer(line.decode().split()[1], headers, body)
    if answer is None:
        await asyncio.sleep(3600)
        return False
    content = json.dumps(answer).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: {formatdate(usegmt=True)}\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    await writer.drain()
    return True


async def _answer(target: str, headers: dict[str, str], body: bytes) -> object | None:
    if target.startswith("/auth/o2/token"):
        seller = parse_qs(body.decode())["refresh_token"][0].rpartition("|")[2]
        return {"access_token": f"Atza|{seller}", "token_type": "bearer", "expires_in": 3600, "refresh_token": f"Atzr|{seller}"}
    if target.startswith("/_ill"):  # /_ill/dead/SELLER, /_ill/slow/SELLER, /_ill/well/SELLER
        _empty, _ill, how, seller = target.split("/")
        ill[seller] = how
        return {}
    if target.startswith("/_calls"):
        return calls
    seller = (headers.get("x-amz-access-token") or headers.get("x-tts-access-token", "")).rpartition("|")[2]
    calls.setdefault(seller, []).append(time.time())
    if ill.get(seller) == "dead":
        return None
    await asyncio.sleep(SLOW_S if ill.get(seller) == "slow" else ANSWER_S)
    if "x-tts-access-token" in headers:
        return {"code": 0, "message": "Success", "request_id": "bench", "data": {"total_count": 0, "next_page_token": ""}}
    told = (datetime.now(UTC) - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"orders": [], "lastUpdatedBefore": told}


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
