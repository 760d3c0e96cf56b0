"""Prints `got <body>` for each message of a queue, acknowledges it, and ends when the queue is deleted."""
import datetime
import sys

import pika

EXPECTED = {
    "flag": True, "int": 7, "long": 1 << 40, "text": "Grüße, 世界", "null": None, "bytes": b"\x00\xff\x7f",
    "time": datetime.datetime(2026, 8, 1, 12, 30, 15), "table": {"deep": {"n": 7}}, "array": [1, True, None, "two"],
}


def process(channel, method, properties, body):
    if properties.headers != EXPECTED or properties.delivery_mode != 2:
        print(f"differs: {properties}", flush=True)
        sys.exit(1)
    print("got", body.decode(), flush=True)
    channel.basic_ack(method.delivery_tag)


connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.basic_qos(prefetch_count=5)
channel.basic_consume(sys.argv[2], process)
channel.start_consuming()  # returns when the broker has cancelled the only consumer
connection.close()
