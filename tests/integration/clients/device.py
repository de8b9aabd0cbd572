#!/usr/bin/python3
"""A device over python3-websockets: registers, sends statuses, waits for every acknowledgement.

Usage: device.py PORT DEVICE_ID COUNT; prints the number of acknowledgements.
"""
import asyncio
import json
import sys

import websockets


async def main(port: str, device_id: str, count: int) -> None:
    async with websockets.connect(f"ws://127.0.0.1:{port}/ws/{device_id}") as link:
        await link.send(json.dumps({"message_type": "registration", "device_type": "python"}))
        await (await link.ping())
        for n in range(count):
            await link.send(json.dumps({"message_type": "status", "msg_id": n, "payload": {"n": n}}))
        for n in range(count):
            answer = json.loads(await asyncio.wait_for(link.recv(), 60))
            assert answer == {"message_type": "ack", "msg_id": n}, answer
        # A message in fragments, and one that is no JSON.
        await link.send(['{"message_type":"status",', '"msg_id":"f","payload":', '{"n":-1}}'])
        assert json.loads(await link.recv())["msg_id"] == "f"
        await link.send("nonsense")
        assert json.loads(await link.recv())["message_type"] == "error"
    print(count)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
