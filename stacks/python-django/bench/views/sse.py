"""A topic that people post to and listen to, within one process."""

from asyncio import Queue, QueueFull
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_http_methods

from bench.views import bad_request, too_large

MESSAGE_BYTES = 1024


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


@require_http_methods(["GET", "POST"])
async def sse(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    name = request.GET.get("topic", "")
    if not 1 <= len(name) <= 64:
        return bad_request(request)
    return subscribe(topics[name]) if request.method == "GET" else publish(request, topics[name])


def subscribe(topic: Topic) -> StreamingHttpResponse:
    return StreamingHttpResponse(events(topic), content_type="text/event-stream", headers={"Cache-Control": "no-cache"})


def publish(request: HttpRequest, topic: Topic) -> HttpResponse:
    try:
        text = request.body.decode()
    except RequestDataTooBig:
        return too_large()
    except UnicodeDecodeError:
        return bad_request(request)
    if not text or len(request.body) > MESSAGE_BYTES or "\n" in text or "\r" in text:
        return bad_request(request)
    topic.publish(text)
    return HttpResponse(status=202)
