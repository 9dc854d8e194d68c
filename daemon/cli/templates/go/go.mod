module @NAME@

go 1.26
