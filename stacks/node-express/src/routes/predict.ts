import { Router } from 'express';
import { z } from 'zod';

import { readJson, requireBody } from '../services/body.js';
import { featureCount, score } from '../services/predictor.js';

const Sample = z.strictObject({
  features: z.array(z.number().min(-1_000_000).max(1_000_000)).length(featureCount),
});

export const predict = Router();

predict.post('/predict', readJson, requireBody, (request, response) => {
  const sample = Sample.safeParse(request.body);
  if (!sample.success) {
    response.status(422).json({ valid: false, errors: sample.error.issues.length });
    return;
  }
  const found = score(sample.data.features);
  response.json({ label: found >= 0.5 ? 1 : 0, score: found });
});
