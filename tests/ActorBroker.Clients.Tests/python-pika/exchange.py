"""A real exchange between pika and the broker: exits 0, or prints what differed and exits 1.

Not covered: pika 1.2 has no float and no 8- or 16-bit integers in field tables, so it never sends them; it reads
negative 64-bit integers as unsigned, so those are not compared either.
"""
import datetime
import decimal
import sys
import uuid

import pika
from pika.compat import long

ONE_FRAME = 131072 - 8
FAILURES = []


def check(topic, expected, actual):
    if expected != actual:
        FAILURES.append(topic)
        print(f"differs {topic}: expected {expected!r:.300}, got {actual!r:.300}")


def body_of(size):
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def new_queue(channel, topic):
    name = f"clients.pika.{topic}.{uuid.uuid4()}"
    channel.queue_declare(name, exclusive=True)
    return name


def pump_until(connection, condition, what):
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=20)
    while not condition():
        if datetime.datetime.now() > deadline:
            raise TimeoutError(f"waited 20 s for {what}")
        connection.process_data_events(time_limit=0.2)


def properties(user):
    headers = {
        "true": True, "false": False, "text": "Grüße, 世界", "empty": "", "bytes": b"\x00\xff\x7f",
        "int": -2147483648, "int.max": 2147483647, "long": long(9223372036854775807), "long.small": long(1),
        "decimal": decimal.Decimal("3.14159"), "decimal.negative": decimal.Decimal("-12.5"),
        "time": datetime.datetime(2026, 8, 1, 12, 30, 15), "null": None,
        "table": {"inner": {"deep": {"n": 7}, "none": None}, "empty": {}},
        "array": [1, "two", True, None, [3, [4]], {"five": 5}], "array.empty": [],
        "k" * 255: "longest name", "long.text": "x" * 10000,
    }
    return pika.BasicProperties(
        content_type="application/json", content_encoding="gzip", headers=headers, delivery_mode=2, priority=9,
        correlation_id="c-1", reply_to="reply.here", expiration="600000", message_id="m-1", timestamp=1785587415,
        type="order.created", user_id=user, app_id="clients", cluster_id="cluster-1")


def properties_round_trip(connection, channel):
    queue = new_queue(channel, "props")
    sent = properties(connection._impl.params.credentials.username)
    channel.basic_publish("", queue, b"p", sent)
    _, got, body = channel.basic_get(queue, auto_ack=True)
    check("body", b"p", body)
    for name, value in vars(sent).items():
        check(f"property {name}", value, getattr(got, name))
    channel.basic_publish("", queue, b"none")
    _, got, _ = channel.basic_get(queue, auto_ack=True)
    check("no property at all", vars(pika.BasicProperties()), vars(got))


def bodies_round_trip(connection, channel):
    queue = new_queue(channel, "bodies")
    for size in (0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20):
        sent = body_of(size)
        channel.basic_publish("", queue, sent)
        method, _, got = channel.basic_get(queue, auto_ack=True)
        check(f"body of {size} bytes is equal", True, method is not None and got == sent)


def confirms_and_return(connection, channel):
    queue = new_queue(channel, "confirms")
    channel.confirm_delivery()
    for _ in range(100):
        channel.basic_publish("", queue, b"c")  # returns when the broker confirmed, raises on a nack
    check("confirmed messages", 100, channel.queue_declare(queue, passive=True).method.message_count)
    try:
        channel.basic_publish("", queue + ".nowhere", b"lost", mandatory=True)
        check("mandatory", "returned", "not returned")
    except pika.exceptions.UnroutableError as error:
        check("returned messages", [(312, "NO_ROUTE", "", queue + ".nowhere", b"lost")],
              [(m.method.reply_code, m.method.reply_text, m.method.exchange, m.method.routing_key, m.body)
               for m in error.messages])


def prefetch_and_cancel(connection, channel):
    queue = new_queue(channel, "prefetch")
    for i in range(10):
        channel.basic_publish("", queue, b"%d" % i)
    seen = []
    channel.basic_qos(prefetch_count=3)
    tag = channel.basic_consume(queue, lambda c, method, p, body: seen.append((method.delivery_tag, body)))
    pump_until(connection, lambda: len(seen) == 3, "3 deliveries")
    count = channel.queue_declare(queue, passive=True).method.message_count
    check("ready while 3 are unacknowledged", 7, count)
    check("deliveries before the first ack", 3, len(seen))
    channel.basic_ack(seen[1][0], multiple=True)
    pump_until(connection, lambda: len(seen) == 5, "2 more deliveries after 2 acks")
    check("order", [b"0", b"1", b"2", b"3", b"4"], [body for _, body in seen])
    channel.basic_cancel(tag)
    channel.basic_ack(seen[-1][0], multiple=True)
    count = channel.queue_declare(queue, passive=True).method.message_count
    check("ready after cancel", 5, count)
    check("deliveries after cancel", 5, len(seen))


def cancelled_by_the_broker(connection, channel):
    queue = new_queue(channel, "notify")
    cancelled = []
    channel.add_on_cancel_callback(lambda method: cancelled.append(method.method.consumer_tag))
    tag = channel.basic_consume(queue, lambda *_: None)
    channel.queue_delete(queue)
    pump_until(connection, lambda: cancelled, "basic.cancel from the broker")
    check("cancelled consumer", [tag], cancelled)


def get_nack_reject(connection, channel):
    queue = new_queue(channel, "get")
    check("get on an empty queue", (None, None, None), channel.basic_get(queue))
    for body in (b"first", b"second"):
        channel.basic_publish("", queue, body)
    method, _, body = channel.basic_get(queue)
    check("get", (b"first", False, 1), (body, method.redelivered, method.message_count))
    channel.basic_nack(method.delivery_tag, requeue=True)
    method, _, body = channel.basic_get(queue)
    check("get after nack", (b"first", True, 1), (body, method.redelivered, method.message_count))
    channel.basic_reject(method.delivery_tag, requeue=False)
    method, _, body = channel.basic_get(queue, auto_ack=True)
    check("get after reject", (b"second", False, 0), (body, method.redelivered, method.message_count))


def channel_error_is_alone(connection, channel):
    other = connection.channel()
    missing = f"clients.pika.missing.{uuid.uuid4()}"
    try:
        other.queue_declare(missing, passive=True)
        check("passive declare", "closed by broker", "accepted")
    except pika.exceptions.ChannelClosedByBroker as error:
        check("channel error", (404, f"NOT_FOUND - no queue '{missing}' in vhost '/'"),
              (error.reply_code, error.reply_text))
    queue = new_queue(channel, "after")
    channel.basic_publish("", queue, b"still works")
    check("other channel after the error", b"still works", channel.basic_get(queue, auto_ack=True)[2])


def main(uri):
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    for step in (properties_round_trip, bodies_round_trip, confirms_and_return, prefetch_and_cancel,
                 cancelled_by_the_broker, get_nack_reject, channel_error_is_alone):
        step(connection, connection.channel())
        print(f"done {step.__name__}")
    connection.close()
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
