"""The Celery application of CelerySpec; names come from the environment so that runs do not meet."""
import os

from celery import Celery

PREFIX = os.environ["CELERY_PREFIX"]

app = Celery("clients", broker=os.environ["CELERY_BROKER"], backend="rpc://")
app.conf.update(
    task_default_queue=PREFIX, task_default_exchange=PREFIX, task_default_routing_key=PREFIX,
    control_exchange=f"{PREFIX}.control", event_exchange=f"{PREFIX}.events", event_queue_prefix=f"{PREFIX}.events",
    task_acks_late=True, worker_send_task_events=True,
)


def leave_a_line(number):
    """So that a task that was lost, or ran twice, is seen."""
    with open(os.environ["CELERY_DONE"], "a", encoding="ascii") as done:
        done.write(f"{number}\n")


@app.task(ignore_result=True)
def note(number):
    leave_a_line(number)


@app.task
def square(number):
    leave_a_line(number)
    return number * number
