package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"

	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v3"
)

// Of a body that is JSON.
const bodyLimit = 64 << 10

// Pointers tell an absent or null value from a zero.
type order struct {
	OrderID string      `json:"order_id" validate:"order_id"`
	Email   string      `json:"email" validate:"max=254,order_email"`
	Items   []orderItem `json:"items" validate:"min=1,max=20,dive"`
	Coupon  *string     `json:"coupon" validate:"omitnil,max=16"`
}

type orderItem struct {
	SKU            string `json:"sku" validate:"sku"`
	Quantity       *int   `json:"quantity" validate:"required,min=1,max=100"`
	UnitPriceCents *int   `json:"unit_price_cents" validate:"required,min=0,max=1000000"`
}

var tags = newTags(map[string]string{
	"order_id":    `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`,
	"order_email": `^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`,
	"sku":         `^[A-Z]{3}-[0-9]{4}$`,
})

func newTags(patterns map[string]string) *validator.Validate {
	tags := validator.New(validator.WithRequiredStructEnabled())
	for tag, pattern := range patterns {
		compiled := regexp.MustCompile(pattern)
		matches := func(field validator.FieldLevel) bool { return compiled.MatchString(field.Field().String()) }
		if err := tags.RegisterValidation(tag, matches); err != nil {
			panic(err)
		}
	}
	return tags
}

func validate(c fiber.Ctx) error {
	body, err := readLimited(c, bodyLimit)
	if err != nil {
		return err
	}
	var received order
	if err = decodeStrictly(body, &received); err == nil {
		err = tags.Struct(&received)
	}
	var invalid validator.ValidationErrors
	switch {
	case isSyntax(err):
		return errBadRequest
	case errors.As(err, &invalid):
		return writeInvalid(c, len(invalid))
	case err != nil:
		return writeInvalid(c, 1)
	default:
		return c.JSON(fiber.Map{"valid": true, "total_cents": received.totalCents()})
	}
}

func writeInvalid(c fiber.Ctx, problems int) error {
	return c.Status(fiber.StatusUnprocessableEntity).JSON(fiber.Map{"valid": false, "errors": problems})
}

var errTrailing = errors.New("something follows the JSON value")

// decodeStrictly instead of c.Bind, which lets unknown keys through.
func decodeStrictly(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if isSyntax(err) {
		return err
	}
	// A body whose value breaks the schema may still be no JSON behind it.
	if _, more := decoder.Token(); more != io.EOF {
		return errTrailing
	}
	return err
}

// isSyntax tells what is not JSON from JSON that is not an order.
func isSyntax(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, errTrailing)
}

func (o *order) totalCents() int {
	total := 0
	for _, item := range o.Items {
		total += *item.Quantity * *item.UnitPriceCents
	}
	return total
}
