package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/gofiber/fiber/v3"
)

type computed struct {
	Kind   string `json:"kind"`
	N      int    `json:"n"`
	Result string `json:"result"`
}

// compute serves offload=1 as well: a request has a goroutine of its own, so there is no loop to get off from.
func compute(c fiber.Ctx) error {
	n, ok := parseWithin(c.Query("n"), 1, 10_000_000)
	if !ok {
		return errBadRequest
	}
	switch kind := c.Query("kind"); kind {
	case "hash":
		return c.JSON(computed{kind, n, hashChain(n)})
	case "sieve":
		return c.JSON(computed{kind, n, strconv.Itoa(primesUpTo(n))})
	default:
		return errBadRequest
	}
}

func hashChain(n int) string {
	sum := sha256.Sum256([]byte("seed"))
	for range n - 1 {
		sum = sha256.Sum256(sum[:])
	}
	return hex.EncodeToString(sum[:])
}

func primesUpTo(n int) int {
	composite := make([]byte, n+1)
	primes := 0
	for i := 2; i <= n; i++ {
		if composite[i] != 0 {
			continue
		}
		primes++
		for j := i * i; j <= n; j += i {
			composite[j] = 1
		}
	}
	return primes
}
