package main

import (
	"math"
	"net/http"
)

const featureLimit = 1_000_000

// Pointers tell a null from a zero.
type sample struct {
	Features []*float64 `json:"features"`
}

type prediction struct {
	Label int     `json:"label"`
	Score float64 `json:"score"`
}

func predict(w http.ResponseWriter, r *http.Request) {
	var received sample
	err := decodeStrictly(http.MaxBytesReader(w, r.Body, bodyLimit), &received)
	switch {
	case isTooLarge(err):
		tooLarge(w)
	case isSyntax(err):
		badRequest(w)
	case err != nil:
		writeInvalid(w, 1)
	default:
		if n := received.problems(); n > 0 {
			writeInvalid(w, n)
			return
		}
		score := model.score(received.Features)
		answer := prediction{Score: score}
		if score >= 0.5 {
			answer.Label = 1
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

func (s *sample) problems() int {
	n := count(len(s.Features) != len(model.weights))
	for _, feature := range s.Features {
		n += count(feature == nil || math.Abs(*feature) > featureLimit)
	}
	return n
}
