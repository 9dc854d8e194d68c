/** An error with a status: the error handler answers it. */
export class BadRequest extends Error {
  readonly status = 400;
}

export class TooLarge extends Error {
  readonly status = 413;
}
