import type { ServerResponse } from 'node:http';

interface Topic {
  sequence: number;
  subscribers: Set<ServerResponse>;
}

/** A subscriber this far behind is cut off: it would grow without end, or miss a message unseen. */
const backlogBytes = 1 << 20;

/** Hands each message of a topic to everybody who listens to it. */
export class Hub {
  readonly #topics = new Map<string, Topic>();

  subscribe(name: string, response: ServerResponse): void {
    const topic = this.#topics.get(name) ?? { sequence: 0, subscribers: new Set() };
    this.#topics.set(name, topic);
    topic.subscribers.add(response);
    response.on('close', () => topic.subscribers.delete(response));
    response.write(': ok\n\n');
  }

  publish(name: string, text: string): void {
    const topic = this.#topics.get(name);
    if (topic === undefined) return;
    const event = `id: ${++topic.sequence}\ndata: ${text}\n\n`;
    for (const response of topic.subscribers) {
      if (response.writableLength > backlogBytes) response.destroy();
      else response.write(event);
    }
  }

  close(): void {
    for (const { subscribers } of this.#topics.values()) for (const response of subscribers) response.end();
  }
}
