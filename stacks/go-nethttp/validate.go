package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"unicode/utf8"
)

// Of a body that is JSON.
const bodyLimit = 64 << 10

// Pointers tell an absent or null value from a zero.
type order struct {
	OrderID string      `json:"order_id"`
	Email   string      `json:"email"`
	Items   []orderItem `json:"items"`
	Coupon  *string     `json:"coupon"`
}

type orderItem struct {
	SKU            string `json:"sku"`
	Quantity       *int   `json:"quantity"`
	UnitPriceCents *int   `json:"unit_price_cents"`
}

var (
	orderIDPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	emailPattern   = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	skuPattern     = regexp.MustCompile(`^[A-Z]{3}-[0-9]{4}$`)
)

func validate(w http.ResponseWriter, r *http.Request) {
	var received order
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
		writeJSON(w, http.StatusOK, struct {
			Valid      bool `json:"valid"`
			TotalCents int  `json:"total_cents"`
		}{true, received.totalCents()})
	}
}

func writeInvalid(w http.ResponseWriter, problems int) {
	writeJSON(w, http.StatusUnprocessableEntity, struct {
		Valid  bool `json:"valid"`
		Errors int  `json:"errors"`
	}{false, problems})
}

var errTrailing = errors.New("something follows the JSON value")

func decodeStrictly(body io.Reader, into any) error {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if isSyntax(err) || isTooLarge(err) {
		return err
	}
	// A body whose value breaks the schema may still be no JSON, or too large, behind it.
	switch _, more := decoder.Token(); {
	case more == io.EOF:
		return err
	case isTooLarge(more):
		return more
	default:
		return errTrailing
	}
}

func isTooLarge(err error) bool {
	var large *http.MaxBytesError
	return errors.As(err, &large)
}

// isSyntax tells what is not JSON from JSON that is not an order.
func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, errTrailing)
}

func (o *order) problems() int {
	n := count(!orderIDPattern.MatchString(o.OrderID),
		len(o.Email) > 254 || !emailPattern.MatchString(o.Email),
		len(o.Items) < 1 || len(o.Items) > 20,
		o.Coupon != nil && utf8.RuneCountInString(*o.Coupon) > 16)
	for _, item := range o.Items {
		n += count(!skuPattern.MatchString(item.SKU),
			!isWithin(item.Quantity, 1, 100),
			!isWithin(item.UnitPriceCents, 0, 1_000_000))
	}
	return n
}

func (o *order) totalCents() int {
	total := 0
	for _, item := range o.Items {
		total += *item.Quantity * *item.UnitPriceCents
	}
	return total
}

func isWithin(value *int, low, high int) bool {
	return value != nil && low <= *value && *value <= high
}

func count(conditions ...bool) int {
	n := 0
	for _, holds := range conditions {
		if holds {
			n++
		}
	}
	return n
}
