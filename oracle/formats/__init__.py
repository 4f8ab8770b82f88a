"""What was found, in the forms that other programs read.

A format takes a run or a saved schedule and gives text or bytes; who writes them to a file is not
its business. Each format has a file of its own, named as the format: the trace as JSON, the
schedule as a program and as a regression test. The text of a trace stands in model/runs/render.py,
since rule machines print it too.
"""
