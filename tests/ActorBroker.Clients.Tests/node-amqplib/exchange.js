// A real exchange between amqplib and the broker: exits 0, or prints what differed and exits 1.
//
// Not covered: amqplib reads 64-bit numbers as doubles, so only those below 2^53 are sent. It has no cluster-id.
'use strict';

const assert = require('node:assert');
const { randomUUID } = require('node:crypto');
const amqp = require('amqplib');

const ONE_FRAME = 131072 - 8;
let failures = 0;

function check(topic, expected, actual) {
  try {
    assert.deepStrictEqual(actual, expected);
  } catch (error) {
    failures++;
    console.log(`differs ${topic}: ${error.message.slice(0, 600)}`);
  }
}

function bodyOf(size) {
  const body = Buffer.alloc(size);
  for (let i = 0; i < size; i++) {
    body[i] = i % 251;
  }
  return body;
}

async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited 20 s for ${what}`)), 20000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function newQueue(channel, topic) {
  const { queue } = await channel.assertQueue(`clients.amqplib.${topic}.${randomUUID()}`, { exclusive: true });
  return queue;
}

const typed = (type, value) => ({ '!': type, value });

// name, what is sent, what is read back when that is another value
const HEADERS = [
  ['true', true], ['false', false], ['text', 'Grüße, 世界'], ['empty', ''], ['bytes', Buffer.from([0, 255, 127])],
  ['int8', typed('int8', -128), -128], ['uint8', typed('uint8', 255), 255],
  ['int16', typed('int16', -32768), -32768], ['uint16', typed('uint16', 65535), 65535],
  ['int32', typed('int32', -2147483648), -2147483648], ['uint32', typed('uint32', 4294967295), 4294967295],
  ['int64', typed('int64', -9007199254740991), -9007199254740991], ['float', typed('float', 1.5), 1.5],
  ['double', typed('double', -1.0e-300), -1.0e-300],
  ['decimal', typed('decimal', { places: 5, digits: 314159 })], ['timestamp', typed('timestamp', 1785587415)],
  ['null', null], ['table', { inner: { deep: { n: 7 }, none: null }, empty: {} }],
  ['array', [1, 'two', true, null, [3, [4]], { five: 5 }]], ['array.empty', []],
  ['long.text', 'x'.repeat(10000)], ['k'.repeat(255), 'longest name'],
];

async function propertiesRoundTrip(connection, channel, user) {
  const queue = await newQueue(channel, 'props');
  const headers = Object.fromEntries(HEADERS);
  channel.sendToQueue(queue, Buffer.from('p'), {
    headers, contentType: 'application/json', contentEncoding: 'gzip', persistent: true, priority: 9,
    correlationId: 'c-1', replyTo: 'reply.here', expiration: '600000', messageId: 'm-1', timestamp: 1785587415,
    type: 'order.created', userId: user, appId: 'clients',
  });
  const got = await channel.get(queue, { noAck: true });
  check('body', 'p', got.content.toString());
  const { headers: read, ...withoutHeaders } = got.properties;
  check('properties', {
    contentType: 'application/json', contentEncoding: 'gzip', deliveryMode: 2, priority: 9, correlationId: 'c-1',
    replyTo: 'reply.here', expiration: '600000', messageId: 'm-1', timestamp: 1785587415, type: 'order.created',
    userId: user, appId: 'clients', clusterId: undefined,
  }, withoutHeaders);
  check('header names', Object.keys(headers).sort(), Object.keys(read).sort());
  for (const [name, sent, native = sent] of HEADERS) {
    check(`header ${name}`, native, read[name]);
  }
}

async function bodiesRoundTrip(connection, channel) {
  const queue = await newQueue(channel, 'bodies');
  for (const size of [0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20]) {
    const sent = bodyOf(size);
    channel.sendToQueue(queue, sent);
    const got = await channel.get(queue, { noAck: true });
    check(`body of ${size} bytes is equal`, true, got.content.equals(sent));
  }
}

async function confirmsAndReturn(connection) {
  const channel = await connection.createConfirmChannel();
  const queue = await newQueue(channel, 'confirms');
  const events = [];
  channel.on('return', (message) => events.push(['return', message]));
  for (let i = 0; i < 100; i++) {
    channel.sendToQueue(queue, Buffer.from('c'));
  }
  await within(channel.waitForConfirms(), '100 confirms');
  check('confirmed messages', 100, (await channel.checkQueue(queue)).messageCount);
  const missing = `${queue}.nowhere`;
  channel.publish('', missing, Buffer.from('lost'), { mandatory: true }, (error) => events.push(['confirm', error]));
  await within(channel.waitForConfirms(), 'the confirm of an unroutable message');
  check('return, then confirm', ['return', 'confirm'], events.map(([kind]) => kind));
  const { fields, content } = events[0][1];
  check('returned message', [312, 'NO_ROUTE', '', missing, 'lost'],
    [fields.replyCode, fields.replyText, fields.exchange, fields.routingKey, content.toString()]);
  check('unroutable is acknowledged', null, events[1][1]);
}

async function prefetchAndCancel(connection, channel) {
  const queue = await newQueue(channel, 'prefetch');
  for (let i = 0; i < 10; i++) {
    channel.sendToQueue(queue, Buffer.from(String(i)));
  }
  await channel.prefetch(3);
  const seen = [];
  let wake = () => {};
  const until = (count) => within(new Promise((resolve) => {
    wake = () => seen.length >= count && resolve();
    wake();
  }), `${count} deliveries`);
  const { consumerTag } = await channel.consume(queue, (message) => {
    seen.push(message);
    wake();
  });
  await until(3);
  check('ready while 3 are unacknowledged', 7, (await channel.checkQueue(queue)).messageCount);
  check('deliveries before the first ack', 3, seen.length);
  channel.ack(seen[1], true);
  await until(5);
  check('order', '01234', seen.map((message) => message.content.toString()).join(''));
  await channel.cancel(consumerTag);
  channel.ack(seen[4], true);
  check('ready after cancel', 5, (await channel.checkQueue(queue)).messageCount);
  check('deliveries after cancel', 5, seen.length);
}

async function cancelledByTheBroker(connection, channel) {
  const queue = await newQueue(channel, 'notify');
  let consuming;
  const cancelled = new Promise((resolve) => {
    consuming = channel.consume(queue, (message) => resolve(message));
  });
  await consuming;
  await channel.deleteQueue(queue);
  check('cancelled consumer gets null', null, await within(cancelled, 'basic.cancel from the broker'));
}

async function getNackReject(connection, channel) {
  const queue = await newQueue(channel, 'get');
  check('get on an empty queue', false, await channel.get(queue));
  channel.sendToQueue(queue, Buffer.from('first'));
  channel.sendToQueue(queue, Buffer.from('second'));
  const look = async (topic, expected, options) => {
    const message = await channel.get(queue, options);
    check(topic, expected, [message.content.toString(), message.fields.redelivered, message.fields.messageCount]);
    return message;
  };
  channel.nack(await look('get', ['first', false, 1]), false, true);
  channel.reject(await look('get after nack', ['first', true, 1]), false);
  await look('get after reject', ['second', false, 0], { noAck: true });
}

async function channelErrorIsAlone(connection, channel) {
  const other = await connection.createChannel();
  const closed = new Promise((resolve) => other.on('error', resolve));
  const missing = `clients.amqplib.missing.${randomUUID()}`;
  await assert.rejects(other.checkQueue(missing));
  const error = await within(closed, 'the channel error');
  check('channel error code', 404, error.code);
  check('channel error text', true, error.message.includes(`"NOT_FOUND - no queue '${missing}' in vhost '/'"`));
  const queue = await newQueue(channel, 'after');
  channel.sendToQueue(queue, Buffer.from('still works'));
  const got = await channel.get(queue, { noAck: true });
  check('other channel after the error', 'still works', got.content.toString());
}

async function main(uri) {
  const connection = await amqp.connect(uri);
  for (const step of [propertiesRoundTrip, bodiesRoundTrip, confirmsAndReturn, prefetchAndCancel,
    cancelledByTheBroker, getNackReject, channelErrorIsAlone]) {
    await step(connection, await connection.createChannel(), decodeURIComponent(new URL(uri).username));
    console.log(`done ${step.name}`);
  }
  await connection.close();
  return failures === 0 ? 0 : 1;
}

main(process.argv[2]).then((code) => process.exit(code), (error) => {
  console.log(error.stack);
  process.exit(1);
});
