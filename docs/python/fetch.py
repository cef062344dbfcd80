#!/usr/bin/env python3
"""Fetches URLs with asyncio in two ways that look alike.

    python3 fetch.py blocking URL...     the request in another thread, the body on the event loop's thread
    python3 fetch.py executor URL...     both in another thread

Try it against fetcher's lab, which paces every connection:

    fetcher lab --http-port 8080 &
    python3 docs/python/fetch.py blocking 'http://127.0.0.1:8080/?body=1000000&pace=4000000&n='{1..12}
"""
import asyncio
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen


async def fetch_blocking(url):
    loop = asyncio.get_running_loop()
    response = await loop.run_in_executor(None, urlopen, url)
    return len(response.read())


async def fetch_executor(url):
    loop = asyncio.get_running_loop()
    response = await loop.run_in_executor(None, urlopen, url)
    return len(await loop.run_in_executor(None, response.read))


async def main(how, urls):
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(len(urls)))
    fetch = {"blocking": fetch_blocking, "executor": fetch_executor}[how]
    started = time.perf_counter()
    sizes = await asyncio.gather(*(fetch(url) for url in urls))
    wall, cpu = time.perf_counter() - started, os.times()
    print(f"{len(sizes)} URLs, {sum(sizes)} bytes: {wall:.3f} s, {cpu.user:.2f} s user, {cpu.system:.2f} s system")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
