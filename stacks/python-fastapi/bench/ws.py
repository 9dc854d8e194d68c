"""An echo over a WebSocket."""

from fastapi import APIRouter, WebSocket

router = APIRouter()


@router.websocket("/ws")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    while (message := await socket.receive())["type"] == "websocket.receive":
        if (text := message.get("text")) is not None:
            await socket.send_text(text)
        else:
            await socket.send_bytes(message["bytes"])
