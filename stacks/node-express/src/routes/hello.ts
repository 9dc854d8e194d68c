import { Router } from 'express';

import { BadRequest } from '../services/failures.js';

const namePattern = /^[A-Za-z0-9]{1,32}$/;

export const hello = Router();

hello.get('/plaintext', (_request, response) => void response.type('text/plain').send('Hello, World!'));

hello.get('/json', (request, response) => {
  const { name = 'World' } = request.query;
  if (typeof name !== 'string' || !namePattern.test(name)) throw new BadRequest();
  response.json({ message: `Hello, ${name}!` });
});
