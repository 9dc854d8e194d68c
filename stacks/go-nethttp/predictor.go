package main

import (
	_ "embed"
	"encoding/json"
	"math"
)

//go:embed predict.model.json
var modelText []byte

// predictor is a logistic regression: the usual small model behind an API.
type predictor struct {
	bias    float64
	weights []float64
}

var model = newPredictor(modelText)

// newPredictor folds (x - mean) / scale into the weights, once.
func newPredictor(text []byte) *predictor {
	var read struct {
		Bias    float64   `json:"bias"`
		Weights []float64 `json:"weights"`
		Means   []float64 `json:"means"`
		Scales  []float64 `json:"scales"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		panic(err) // of the file that was compiled in
	}
	p := &predictor{bias: read.Bias, weights: read.Weights}
	for i := range p.weights {
		p.weights[i] /= read.Scales[i]
		p.bias -= p.weights[i] * read.Means[i]
	}
	return p
}

func (p *predictor) score(features []*float64) float64 {
	z := p.bias
	for i, weight := range p.weights {
		z += weight * *features[i]
	}
	return 1 / (1 + math.Exp(-z))
}
