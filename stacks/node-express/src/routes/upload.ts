import { Router } from 'express';

import { TooLarge } from '../services/failures.js';

const limit = 64 * 1024 * 1024;

export const upload = Router();

upload.post('/upload', async (request, response) => {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > limit) {
      response.set('Connection', 'close');
      throw new TooLarge();
    }
  }
  response.json({ bytes });
});
