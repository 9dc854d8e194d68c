module example.com/team/orders-api/v2

go 1.26
