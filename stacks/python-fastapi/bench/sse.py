"""A topic that people post to and listen to, within one process."""

from asyncio import Queue, QueueFull
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from bench.body import read_limited

router = APIRouter()

TopicName = Annotated[str, Query(min_length=1, max_length=64)]


@dataclass
class Topic:
    sequence: int = 0
    subscribers: set[Queue[str | None]] = field(default_factory=set)

    def publish(self, text: str) -> None:
        self.sequence += 1
        event = f"id: {self.sequence}\ndata: {text}\n\n"
        for queue in tuple(self.subscribers):
            try:
                queue.put_nowait(event)
            except QueueFull:  # 256 messages behind: cut off, or it would miss one unseen
                self.subscribers.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)


topics: defaultdict[str, Topic] = defaultdict(Topic)


async def events(topic: Topic) -> AsyncIterator[str]:
    queue: Queue[str | None] = Queue(maxsize=256)
    topic.subscribers.add(queue)
    try:
        yield ": ok\n\n"
        while (event := await queue.get()) is not None:
            yield event
    finally:
        topic.subscribers.discard(queue)


@router.get("/sse")
async def subscribe(topic: TopicName) -> StreamingResponse:
    return StreamingResponse(events(topics[topic]), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@router.post("/sse", status_code=202)
async def publish(request: Request, topic: TopicName) -> Response:
    try:
        text = (await read_limited(request, 1024)).decode()
    except UnicodeDecodeError:
        raise HTTPException(400) from None
    if not text or "\n" in text or "\r" in text:
        raise HTTPException(400)
    topics[topic].publish(text)
    return Response(status_code=202)
