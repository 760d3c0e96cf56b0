"""Sends the tasks, reads every result back over rpc://, and prints how many were right."""
import sys

from tasks import square

COUNT = int(sys.argv[1])
results = [square.delay(number) for number in range(COUNT)]
right = sum(result.get(timeout=90) == number * number for number, result in enumerate(results))
print(f"{right} results are right")
sys.exit(0 if right == COUNT else 1)
