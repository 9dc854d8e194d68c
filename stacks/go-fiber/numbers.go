package main

import "strconv"

// parseWithin reads a decimal integer without a sign that lies in the range given.
func parseWithin(text string, low, high uint64) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int(n), err == nil && low <= n && n <= high
}

// isInteger: digits, a minus before them if need be. As many as you like.
func isInteger(text string) bool {
	if len(text) > 1 && text[0] == '-' {
		text = text[1:]
	}
	for _, c := range []byte(text) {
		if c < '0' || '9' < c {
			return false
		}
	}
	return text != ""
}

// clamp reads an integer of any length and forces it into the range given.
func clamp(text string, low, high int) int {
	n, _ := strconv.Atoi(text) // out of range it is the nearest that an int can hold
	return min(max(n, low), high)
}
