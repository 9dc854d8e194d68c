package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"github.com/go-playground/validator/v10"
)

// Of a body that is JSON.
const bodyLimit = 64 << 10

// Pointers tell an absent or null value from a zero.
type order struct {
	OrderID string      `json:"order_id" binding:"order_id"`
	Email   string      `json:"email" binding:"max=254,order_email"`
	Items   []orderItem `json:"items" binding:"min=1,max=20,dive"`
	Coupon  *string     `json:"coupon" binding:"omitnil,max=16"`
}

type orderItem struct {
	SKU            string `json:"sku" binding:"sku"`
	Quantity       *int   `json:"quantity" binding:"required,min=1,max=100"`
	UnitPriceCents *int   `json:"unit_price_cents" binding:"required,min=0,max=1000000"`
}

func init() {
	tags := binding.Validator.Engine().(*validator.Validate)
	for tag, pattern := range map[string]string{
		"order_id":    `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`,
		"order_email": `^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`,
		"sku":         `^[A-Z]{3}-[0-9]{4}$`,
	} {
		compiled := regexp.MustCompile(pattern)
		matches := func(field validator.FieldLevel) bool { return compiled.MatchString(field.Field().String()) }
		if err := tags.RegisterValidation(tag, matches); err != nil {
			panic(err)
		}
	}
}

func validate(c *gin.Context) {
	var received order
	err := decodeStrictly(http.MaxBytesReader(c.Writer, c.Request.Body, bodyLimit), &received)
	if err == nil {
		err = binding.Validator.ValidateStruct(&received)
	}
	var invalid validator.ValidationErrors
	switch {
	case isTooLarge(err):
		tooLarge(c)
	case isSyntax(err):
		badRequest(c)
	case errors.As(err, &invalid):
		writeInvalid(c, len(invalid))
	case err != nil:
		writeInvalid(c, 1)
	default:
		c.JSON(http.StatusOK, gin.H{"valid": true, "total_cents": received.totalCents()})
	}
}

func writeInvalid(c *gin.Context, problems int) {
	c.JSON(http.StatusUnprocessableEntity, gin.H{"valid": false, "errors": problems})
}

var errTrailing = errors.New("something follows the JSON value")

// decodeStrictly instead of ShouldBindJSON, which stops after the first value and lets unknown keys through.
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

func (o *order) totalCents() int {
	total := 0
	for _, item := range o.Items {
		total += *item.Quantity * *item.UnitPriceCents
	}
	return total
}
