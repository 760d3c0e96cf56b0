"""A real exchange between aio-pika and the broker: exits 0, or prints what differed and exits 1.

Not covered: aio-pika 8 turns floats and decimals in headers into JSON bytes before they are sent, so they are
published through aiormq, the layer below it. It swallows basic.cancel from the broker without a callback: what is
checked is that its consumer is gone and the channel lives on. Negative 8-bit integers and decimals break pamqp
itself, and it refuses a cluster-id: not sent.
"""
import asyncio
import datetime
import decimal
import sys
import uuid

import aio_pika
import aiormq
from aiormq import spec

ONE_FRAME = 131072 - 8
FAILURES = []


def check(topic, expected, actual):
    if expected != actual:
        FAILURES.append(topic)
        print(f"differs {topic}: expected {expected!r:.300}, got {actual!r:.300}")


def body_of(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


async def new_queue(channel, topic):
    return await channel.declare_queue(f"clients.aio-pika.{topic}.{uuid.uuid4()}", exclusive=True)


async def wait_until(condition, what):
    for _ in range(400):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"waited 20 s for {what}")


async def properties_round_trip(connection):
    channel = await connection.channel()
    queue = await new_queue(channel, "props")
    headers = {
        "true": True, "false": False, "text": "Grüße, 世界", "empty": "", "bytes": bytearray(b"\x00\xff\x7f"),
        "int8": 127, "int16": -32768, "uint16": 65535, "int32": -2147483648, "uint32": 4294967295,
        "int64": -9223372036854775808, "int64.max": 9223372036854775807, "null": None,
        "time": datetime.datetime(2026, 8, 1, 12, 30, 15),
        "table": {"inner": {"deep": {"n": 7}, "none": None}, "empty": {}},
        "array": [1, "two", True, None, [3, [4]], {"five": 5}], "array.empty": [], "long.text": "x" * 10000,
    }
    sent = aio_pika.Message(
        b"p", headers=headers, content_type="application/json", content_encoding="gzip",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT, priority=9, correlation_id="c-1", reply_to="reply.here",
        expiration=600, message_id="m-1", timestamp=datetime.datetime(2026, 8, 1, 12, 30, 15), type="order.created",
        user_id=connection.url.user, app_id="clients")
    await channel.default_exchange.publish(sent, queue.name)
    got = await queue.get(no_ack=True)
    check("body", b"p", got.body)
    for name in ("content_type", "content_encoding", "delivery_mode", "priority", "correlation_id", "reply_to",
                 "expiration", "message_id", "timestamp", "type", "user_id", "app_id"):
        check(f"property {name}", getattr(sent, name), getattr(got, name))
    check("header names", sorted(headers), sorted(got.headers_raw))
    for name, value in headers.items():
        check(f"header {name}", value, got.headers_raw.get(name, "missing"))


async def numbers_below_aio_pika_round_trip(connection):
    raw = await aiormq.connect(connection.url)
    channel = await raw.channel()
    queue = f"clients.aiormq.{uuid.uuid4()}"
    await channel.queue_declare(queue, exclusive=True)
    headers = {"float": 1.5, "decimal": decimal.Decimal("3.14159")}
    await channel.basic_publish(b"", routing_key=queue, properties=spec.Basic.Properties(headers=headers))
    got = (await channel.basic_get(queue, no_ack=True)).header.properties
    check("aiormq headers", headers, got.headers)
    await raw.close()


async def bodies_round_trip(connection):
    channel = await connection.channel()
    queue = await new_queue(channel, "bodies")
    for size in (0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20):
        sent = body_of(size)
        await channel.default_exchange.publish(aio_pika.Message(sent), queue.name)
        got = await queue.get(no_ack=True)
        check(f"body of {size} bytes is equal", True, got.body == sent)


async def confirms_and_return(connection):
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    queue = await new_queue(channel, "confirms")
    answers = await asyncio.gather(
        *(channel.default_exchange.publish(aio_pika.Message(b"c"), queue.name) for _ in range(100)))
    check("confirms", ["Basic.Ack"] * 100, [answer.name for answer in answers])
    try:
        await channel.default_exchange.publish(aio_pika.Message(b"lost"), queue.name + ".nowhere", mandatory=True)
        check("mandatory", "returned", "not returned")
    except aio_pika.exceptions.PublishError as error:
        frame = error.args[0].delivery if hasattr(error.args[0], "delivery") else error.message.delivery
        check("returned message", (312, "NO_ROUTE", "", queue.name + ".nowhere"),
              (frame.reply_code, frame.reply_text, frame.exchange, frame.routing_key))


async def prefetch_and_cancel(connection):
    channel = await connection.channel()
    queue = await new_queue(channel, "prefetch")
    for i in range(10):
        await channel.default_exchange.publish(aio_pika.Message(b"%d" % i), queue.name)
    seen = []
    await channel.set_qos(prefetch_count=3)

    async def collect(message):
        seen.append(message)

    tag = await queue.consume(collect)
    await wait_until(lambda: len(seen) == 3, "3 deliveries")
    again = await channel.declare_queue(queue.name, passive=True)
    check("ready while 3 are unacknowledged", 7, again.declaration_result.message_count)
    check("deliveries before the first ack", 3, len(seen))
    await seen[1].ack(multiple=True)
    await wait_until(lambda: len(seen) == 5, "2 more deliveries after 2 acks")
    check("order", [b"0", b"1", b"2", b"3", b"4"], [message.body for message in seen])
    await queue.cancel(tag)
    await seen[-1].ack(multiple=True)
    again = await channel.declare_queue(queue.name, passive=True)
    check("ready after cancel", 5, again.declaration_result.message_count)
    check("deliveries after cancel", 5, len(seen))


async def cancelled_by_the_broker(connection):
    channel = await connection.channel()
    queue = await new_queue(channel, "notify")

    async def ignore(_):
        pass

    tag = await queue.consume(ignore)
    consumers = channel.channel.consumers
    check("consumer before", True, tag in consumers)
    await queue.delete(if_unused=False, if_empty=False)
    await wait_until(lambda: tag not in consumers, "basic.cancel from the broker")
    await new_queue(channel, "notify.after")


async def get_nack_reject(connection):
    channel = await connection.channel()
    queue = await new_queue(channel, "get")
    check("get on an empty queue", None, await queue.get(fail=False))
    for body in (b"first", b"second"):
        await channel.default_exchange.publish(aio_pika.Message(body), queue.name)
    message = await queue.get()
    check("get", (b"first", False, 1), (message.body, message.redelivered, message.message_count))
    await message.nack(requeue=True)
    message = await queue.get()
    check("get after nack", (b"first", True, 1), (message.body, message.redelivered, message.message_count))
    await message.reject(requeue=False)
    message = await queue.get(no_ack=True)
    check("get after reject", (b"second", False, 0), (message.body, message.redelivered, message.message_count))


async def channel_error_is_alone(connection):
    channel, other = await connection.channel(), await connection.channel()
    missing = f"clients.aio-pika.missing.{uuid.uuid4()}"
    try:
        await other.declare_queue(missing, passive=True)
        check("passive declare", "closed by broker", "accepted")
    except aio_pika.exceptions.ChannelNotFoundEntity as error:
        check("channel error", f"NOT_FOUND - no queue '{missing}' in vhost '/'", str(error))
    queue = await new_queue(channel, "after")
    await channel.default_exchange.publish(aio_pika.Message(b"still works"), queue.name)
    check("other channel after the error", b"still works", (await queue.get(no_ack=True)).body)


async def main(uri):
    connection = await aio_pika.connect(uri)
    for step in (properties_round_trip, numbers_below_aio_pika_round_trip, bodies_round_trip, confirms_and_return,
                 prefetch_and_cancel, cancelled_by_the_broker, get_nack_reject, channel_error_is_alone):
        await step(connection)
        print(f"done {step.__name__}")
    await connection.close()
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
