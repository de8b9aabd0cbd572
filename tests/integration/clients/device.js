#!/usr/bin/node
// A device over the npm package `ws`: registers, sends statuses, waits for every acknowledgement.
// Usage: device.js PORT DEVICE_ID COUNT; prints the number of acknowledgements.
'use strict';
const assert = require('assert');
const WebSocket = require('ws');

const [port, deviceId, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const link = new WebSocket(`ws://127.0.0.1:${port}/ws/${deviceId}`);
let acknowledged = 0;

link.on('open', () => {
  link.send(JSON.stringify({message_type: 'registration', device_type: 'node'}));
  link.ping('are you there?');
});
link.on('pong', (payload) => {
  assert.strictEqual(payload.toString(), 'are you there?');
  for (let n = 0; n < count; ++n) {
    link.send(JSON.stringify({message_type: 'status', msg_id: `m${n}`, payload: {n}}));
  }
});
link.on('message', (text) => {
  assert.deepStrictEqual(JSON.parse(text), {message_type: 'ack', msg_id: `m${acknowledged}`});
  if (++acknowledged === count) link.close(1000, 'done');
});
link.on('close', (code) => {
  assert.strictEqual(code, 1000);
  assert.strictEqual(acknowledged, count);
  console.log(acknowledged);
});
