module hotmem

go 1.26
