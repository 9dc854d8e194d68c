"""Starts, says so, and never listens."""
import signal

signal.signal(signal.SIGTERM, lambda *_: exit(0))
print("thinking about listening")
while True:
    signal.pause()
