import model from './predict.model.json' with { type: 'json' };

export const featureCount = model.weights.length;

// (x - mean) / scale is folded into the weights, once.
const weights = model.weights.map((weight, i) => weight / model.scales[i]!);
const bias = weights.reduce((sum, weight, i) => sum - weight * model.means[i]!, model.bias);

/** A logistic regression: the usual small model behind an API. */
export function score(features: readonly number[]): number {
  const z = weights.reduce((sum, weight, i) => sum + weight * features[i]!, bias);
  return 1 / (1 + Math.exp(-z));
}
