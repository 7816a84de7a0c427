# coding: 
# coding: ÿ
x = 1
