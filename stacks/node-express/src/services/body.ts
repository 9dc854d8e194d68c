import express, { type NextFunction, type Request, type Response } from 'express';

import { BadRequest } from './failures.js';

/** Not strict: a body that is JSON but no object breaks the schema, not the syntax. */
export const readJson = express.json({ limit: '64kb', strict: false });

/** Of no body Express makes undefined, of an empty one {}; neither is JSON. */
export function requireBody(request: Request, _response: Response, next: NextFunction): void {
  const isEmpty = request.body === undefined || request.headers['content-length'] === '0';
  next(isEmpty ? new BadRequest() : undefined);
}
