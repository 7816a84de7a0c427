print "hello"
exec "x"
raise E, "x"
