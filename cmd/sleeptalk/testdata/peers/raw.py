#!/usr/bin/env python3
"""A server of the raw protocol "lines", as somebody else would write it.

    python3 raw.py PORT

Whoever says HELLO is alice's phone. The commands of standard input go to it:
"call", "end", "text" and "kill", which closes the connection without a word.
"""
import asyncio
import sys

phones = set()


async def serve(reader, writer):
    try:
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            word, _, rest = line.partition(" ")
            print("<", line, flush=True)
            if word == "HELLO":
                user, _, password = rest.partition(" ")
                if (user, password) != ("alice", "secret"):
                    say(writer, "NO wrong password")
                    break
                phones.add(writer)
                say(writer, "OK")
            elif word == "PING":
                say(writer, "PONG")
    except ConnectionError:
        pass
    phones.discard(writer)
    writer.close()


def say(writer, line):
    print(">", line, flush=True)
    writer.write((line + "\r\n").encode())


async def main():
    await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    print("listening", flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := (await orders.readline()).decode().strip():
        for phone in list(phones):
            if order == "call":
                say(phone, "CALL 17 sip:bob@example.com Bob")
            elif order == "end":
                say(phone, "END 17")
            elif order == "text":
                say(phone, "TEXT bob@example.com are you there?")
            elif order == "kill":
                phone.transport.abort()


asyncio.run(main())
