package main

//go:generate go tool oapi-codegen -generate types,client -package api -o api/api.go openapi.json
