package main

import (
	"strconv"

	"github.com/gofiber/fiber/v3"
)

type item struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Price    int    `json:"price"`
	Quantity int    `json:"quantity"`
	Total    int    `json:"total"`
}

type itemList struct {
	Items []item `json:"items"`
	Count int    `json:"count"`
}

func listItems(c fiber.Ctx) error {
	count := c.Params("count")
	m, ok := parseWithin(c.Query("m"), 1, 9)
	if !ok || !isInteger(count) {
		return errBadRequest
	}
	list := itemList{Count: clamp(count, 1, 50)}
	list.Items = make([]item, list.Count)
	for i := range list.Items {
		list.Items[i] = newItem(i+1, m)
	}
	return c.JSON(list)
}

func newItem(id, m int) item {
	price, quantity := 100+37*id%900, 1+id%10
	return item{ID: id, Name: "Item " + strconv.Itoa(id), Price: price, Quantity: quantity, Total: price * quantity * m}
}
