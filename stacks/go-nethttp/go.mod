module stackdyno/go-nethttp

go 1.26
