import express, { type Request, Router } from 'express';

import { BadRequest } from '../services/failures.js';
import type { Hub } from '../services/hub.js';

function topicOf(request: Request): string {
  const { topic } = request.query;
  if (typeof topic !== 'string' || topic.length < 1 || topic.length > 64) throw new BadRequest();
  return topic;
}

export function sse(hub: Hub): Router {
  const router = Router();

  router.get('/sse', (request, response) => {
    const topic = topicOf(request);
    response.type('text/event-stream').set('Cache-Control', 'no-cache').flushHeaders();
    hub.subscribe(topic, response);
  });

  router.post('/sse', express.text({ type: () => true, limit: 1_024 }), (request, response) => {
    const topic = topicOf(request);
    const text: unknown = request.body;
    if (typeof text !== 'string' || text === '' || /[\r\n]/.test(text)) throw new BadRequest();
    hub.publish(topic, text);
    response.status(202).end();
  });

  return router;
}
